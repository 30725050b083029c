"""The part of ``training/RESULTS.md`` that holds cross-validations: on Training alone, so not figures of its table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from classroom_fer.errors import ClassroomFerError
from training.evaluation.page import NOTHING, number
from training.files.code_version import code_version
from training.files.folders import made_folder
from training.files.json_file import write_json
from training.search.cross_validation import FLATTERS, CrossValidation
from training.settings.systems import OUR_OWN, SYSTEMS, default_config

FOLDER = Path(__file__).resolve().parents[1] / "results" / "kfold"
FORMAT = 1
UNKEPT = "leave --save-result out, or make the folder writable"
COLUMNS = (
    "system", "protocol", "parameters", "folds x repeats", "epochs (authors')", "seconds", "mean accuracy", "spread",
    "best fold", "authors print",
)  # fmt: skip
INTRO = """
## Cross-validations

By `python -m training kfold --system SYSTEM --save-result`: trained on some folds of Training and measured on the one
left out, identical pictures in one fold. The spread is the standard deviation over runs; the best fold is no result.
"""


class ResultError(ClassroomFerError):
    """A result file is not one."""


def save_cross_validation(done: CrossValidation, folder: Path = FOLDER) -> Path:
    """Keeps what a cross-validation gave; gives the file's path.

    Raises:
        ResultError: another cross-validation of that system is kept already.
    """
    made_folder(folder, "--save-result", hint=UNKEPT)
    path = folder / f"{done.system}-{done.protocol}.json"
    table = {
        "format": FORMAT,
        "system": done.system,
        "protocol": done.protocol,
        "folds": done.folds,
        "repeats": done.repeats,
        "limit": done.limit,
        "variant": done.variant,
        "parameters": done.parameters,
        "early_stopping": done.early_stopping,
        "epochs": max(result.epochs for result in done.results),
        "seconds": round(sum(result.seconds for result in done.results), 1),
        "accuracies": [round(result.accuracy, 4) for result in done.results],
        "mean": round(done.mean, 4),
        "spread": round(done.spread, 4),
        "best": round(done.best.accuracy, 4),
        "authors": authors(done.system),
        "code_version": code_version(),
    }
    if path.exists():
        kept = read_table(path)
        if any(kept.get(key) != table[key] for key in ("folds", "repeats", "limit", "variant", "accuracies")):
            raise ResultError(f"{path} holds another cross-validation", hint="delete it to keep this one")
    write_json(table, path)
    return path


def authors(system: str) -> dict[str, Any] | None:
    """What the authors of a system say of it, for pages that do not know ``SYSTEMS``; None of ours and unknown ones."""
    if system not in SYSTEMS or system in OUR_OWN:
        return None
    return {"printed": SYSTEMS[system].printed, "epochs": authors_epochs(system)}


def authors_epochs(system: str) -> int:
    """Epochs of the authors' settings."""
    return int(default_config(system).epochs)


def read_cross_validations(folder: Path = FOLDER) -> list[dict[str, Any]]:
    """Every kept cross-validation, by file name.

    Raises:
        ResultError: a file is none.
    """
    return [read_table(path) for path in sorted(folder.glob("*.json"))]


def read_table(path: Path, command: str = "kfold") -> dict[str, Any]:
    """A result file of our format that ``command`` --save-result wrote.

    Raises:
        ResultError: not JSON of our format.
    """
    hint = f"write it again with {command} --save-result"
    try:
        table: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ResultError(f"{path}: not JSON ({error})", hint=hint) from error
    if not isinstance(table, dict) or table.get("format") != FORMAT:
        raise ResultError(f"{path}: not a result of format {FORMAT}", hint=hint)
    return table


def cross_validation_section(results: Sequence[Mapping[str, Any]]) -> list[str]:
    """Lines of Markdown; none without results."""
    if not results:
        return []
    lines = [INTRO, f"| {' | '.join(COLUMNS)} |", "|" + "---|" * len(COLUMNS), *(_row(r) for r in results)]
    for result in results:
        if result["early_stopping"]:
            lines += ["", f"{result['system']}: {FLATTERS}"]
        if result["limit"]:
            lines += ["", f"{result['system']}: a trial on the first {result['limit']} faces."]
    return lines


def _row(result: Mapping[str, Any]) -> str:
    system = SYSTEMS.get(result["system"])
    authors = default_config(result["system"]).epochs if system else NOTHING
    name = result["system"] + (f" ({result['variant']})" if result["variant"] else "")
    cells = [
        name, result["protocol"], f"{result['parameters']:,}", f"{result['folds']} x {result['repeats']}",
        f"{result['epochs']} ({authors})",
        f"{result['seconds']:,.0f}", number(result["mean"], 4), number(result["spread"], 4), number(result["best"], 4),
        system.printed if system else "",
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"
