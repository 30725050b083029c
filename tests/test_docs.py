"""The documents are true."""

from __future__ import annotations

import re
import runpy
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def test_the_commands_page_is_what_help_says() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "commands_page.py"))
    assert script["PAGE"].read_text(encoding="utf-8") == script["page"](), "run python scripts/commands_page.py"


def test_the_settings_page_is_what_the_records_say() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "settings_page.py"))
    assert script["PAGE"].read_text(encoding="utf-8") == script["page"](), "run python scripts/settings_page.py"


def documents() -> list[Path]:
    return [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *ROOT.glob("benchmarks/*.md"),
        *ROOT.glob("sample_videos/*.md"),
    ]


@pytest.mark.parametrize("path", documents(), ids=lambda p: p.name)
def test_every_local_link_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8")):
        assert (path.parent / target).exists(), f"{path.name} links to {target}"


def headings(path: Path) -> set[str]:
    """The anchors of a document, as GitHub makes them."""
    found = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in found}


@pytest.mark.parametrize("path", documents(), ids=lambda p: p.name)
def test_every_link_into_a_page_finds_its_heading(path: Path) -> None:
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)#([^)]+)\)", path.read_text(encoding="utf-8")):
        assert anchor in headings(path.parent / target if target else path), f"{path.name} links to {target}#{anchor}"


def test_the_index_of_the_documents_leads_to_every_page() -> None:
    folder = ROOT / "docs"
    pages = {page.name for page in folder.glob("*.md")} - {"README.md"} | {"notices/README.md"}
    index = (folder / "README.md").read_text(encoding="utf-8")
    assert pages <= set(re.findall(r"\]\(([^)#]+)", index))


def test_the_page_of_benchmarks_names_every_script_that_can_be_run() -> None:
    folder = ROOT / "benchmarks"
    named = set(re.findall(r"python benchmarks/(\w+\.py)", (folder / "README.md").read_text(encoding="utf-8")))
    scripts = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.py")}
    to_run = {name for name, text in scripts.items() if 'if __name__ == "__main__"' in text}
    assert to_run <= named
    for name in to_run:
        assert "ArgumentParser(description=__doc__" in scripts[name], f"{name} --help says nothing"


def test_every_dependency_has_its_reason() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    page = (ROOT / "docs" / "dependencies.md").read_text()
    extras = project["optional-dependencies"]
    for requirement in [*project["dependencies"], *chain.from_iterable(extras.values())]:
        name = re.split(r"[<>=\[ ]", requirement, maxsplit=1)[0]
        assert name in page, f"docs/dependencies.md says nothing of {name}"


def test_every_error_class_and_exit_code_is_in_the_architecture() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text()
    for code in ("1 an input was bad", "2 usage", "3 a bug", "4 refused by policy", "130 interrupted"):
        assert code in text
