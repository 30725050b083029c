"""Writes docs/settings.md from the records of settings: python scripts/settings_page.py"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from classroom_fer.settings.config import Config, default_config
from classroom_fer.settings.declaration_file import NOTES
from classroom_fer.settings.fields import Setting, is_table, settings_of
from classroom_fer.settings.report_style import ReportStyle
from classroom_fer.settings.rules import Rules
from classroom_fer.settings.sources import AT_THE_TOP

PAGE = Path(__file__).resolve().parent.parent / "docs" / "settings.md"
HEAD = """# Settings

Every setting, with what it means, its limits, its unit, its default and where that comes from. Made from the records in
`classroom_fer/settings` by `python scripts/settings_page.py`; a test keeps it current.

Settings come from the command line, else from `--config FILE` or `classroom-fer.toml` in the working folder, else from
the defaults ([rules.toml](../classroom_fer/settings/rules.toml) for the constants). A file holds only what differs:

```toml
fps = 2.0
weight_set = "flat"

[rules.evidence]
min_group = 8
```

Each session keeps its settings. A session that was stored before a setting existed is read with the value that the
program went by at the time (column "before"). Settings that change no number (retention, threads, declaration, style of
the report) are in no hash: another value computes nothing anew.
"""
COLUMNS = ("setting", "meaning", "limits", "unit", "default", "source")


def table(settings: Mapping[str, Setting], values: Mapping[str, Any]) -> Iterator[str]:
    rows = [one for one in settings.values() if not is_table(one)]
    later = any(one.is_later for one in rows)
    columns = (*COLUMNS, "before") if later else COLUMNS
    yield "| " + " | ".join(columns) + " |"
    yield "|---" * len(columns) + "|"
    for one in rows:
        cells = [f"`{one.name}`", meaning(one), limits(one), one.unit, value(values[one.name]), one.source]
        cells += [value(one.before) if one.is_later else ""] if later else []
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
    yield ""


def meaning(one: Setting) -> str:
    former = ", ".join(f"`{name}`" for name in one.former)
    return f"{one.about} (formerly {former})" if former else one.about


def limits(one: Setting) -> str:
    low, high = one.limits
    if one.words:
        return ", ".join(one.words)
    if low is not None and high is not None:
        return f"{low:g} to {high:g}" if high < 1e6 else f"from {low:g}"
    return ""


def value(found: Any) -> str:
    if isinstance(found, dict):
        return ", ".join(found)
    if isinstance(found, (list, tuple)):
        return ", ".join(map(value, found))
    if isinstance(found, bool):
        return str(found).lower()
    if isinstance(found, (int, float)):
        return f"{found:g}"
    return "" if found is None else str(found)


def page() -> str:
    defaults = asdict(default_config())
    top = settings_of(Config)
    profile = top.pop("profile")
    lines = [HEAD, "## At the top of the file", ""]
    lines += table(top, defaults)
    rules = settings_of(Rules)
    lines += table({name: rules[name] for name in AT_THE_TOP}, defaults["rules"])
    lines += ['`regions = "regions.json"` names a file of opt-out regions ([regions.md](regions.md)).', ""]
    for name, one in rules.items():
        if is_table(one):
            lines += [f"## [rules.{name}]", "", first_line(one.plain), ""]
            lines += table(settings_of(one.plain), defaults["rules"][name])
    lines += [
        "## [policy]",
        "",
        "What is declared about a study; printed on every report ([privacy.md](privacy.md)).",
        "",
    ]
    lines += ["| setting | meaning |", "|---|---|", *(f"| `{name}` | {note} |" for name, note in NOTES.items()), ""]
    lines += table({"profile": profile}, defaults)
    lines += ["## [report]", "", "How the PDF looks ([report.md](report.md)).", ""]
    lines += table(settings_of(ReportStyle), defaults["report_style"])
    return "\n".join(lines)


def first_line(record: type) -> str:
    return (record.__doc__ or "").split("\n\n")[0].replace("``", "`").replace("\n    ", " ")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
