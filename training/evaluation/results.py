"""``training/RESULTS.md`` from the small JSON files in ``training/results``: systems beside their authors' figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from classroom_fer.errors import ConfigError
from training.evaluation.page import NOTHING, number
from training.evaluation.results_kfold import (
    FORMAT,
    UNKEPT,
    ResultError,
    authors,
    authors_epochs,
    cross_validation_section,
    read_cross_validations,
    read_table,
)
from training.files.code_version import code_version
from training.files.folders import made_folder, write_text
from training.files.json_file import write_json
from training.settings.systems import OUR_OWN, SYSTEMS, System

FOLDER = Path(__file__).resolve().parents[1] / "results"
PAGE = Path(__file__).resolve().parents[1] / "RESULTS.md"
VALIDATION, TEST = "PublicTest", "PrivateTest"
NOT_RUN = "not run yet"
INTRO = """# Results

Made by `python -m training results` from `training/results/*.json`; each of those was written by `python -m training
evaluate RUN --save-result`. Validation is PublicTest (on which runs are chosen), test is PrivateTest (read once); one
view of each face. Accuracy is categorical: the largest output is the label.
"""
ARTEFACT = """
**The .8752 of resnet50-transfer is not an accuracy.** It was compiled with `BinaryAccuracy`: with eight one-hot classes
a network whose outputs are all below .5 scores exactly 7/8 = .875, whatever it sees. `tests/training` reproduces it.
"""
IDENTITY = ("system", "trained_on", "epochs", "parameters", "start", "sha256")
"""What the splits of one file must have in common; sha256 is that of the weights."""
COLUMNS = (
    "system", "protocol", "parameters", "MMAC", "epochs (authors')", "seconds", "first weights", "validation accuracy",
    "validation macro-F1", "test accuracy", "test macro-F1", "authors print",
)  # fmt: skip


def save_result(record: Mapping[str, Any], *, name: str | None = None, folder: Path = FOLDER) -> Path:
    """Adds an evaluation of a run, or of a model exported from one, to its result file; gives its path.

    The file then holds validation, test or both.

    Args:
        record: what `evaluate` gave of a run, one view.
        name: of the file; the run's folder by default.

    Raises:
        ConfigError: not of a run, of several views, or of a split from which faces were left out.
        ResultError: the file there is of another run.
    """
    _check_kept(record)
    facts = record["facts"]
    path = folder / f"{name or Path(record['model']).resolve().name}-{record['protocol']}.json"
    table = read_result(path) if path.exists() else {"splits": {}}
    identity = {key: facts.get(key) for key in IDENTITY}
    if table["splits"] and any(table.get(key) != value for key, value in identity.items()):
        raise ResultError(f"{path} holds another run", hint="delete it, or name this one with --result-name")
    table |= identity | {
        "format": FORMAT,
        "protocol": record["protocol"],
        "answered_by": record["answered_by"],
        **{
            key: facts.get(key)
            for key in ("multiply_adds", "epochs_planned", "stopped_early", "seconds", "weights", "teachers", "refit")
        },
        "limit": record["limit"] or facts.get("limit"),
        "leave_out": facts.get("leave_out"),
        "offset": facts.get("offset"),
        "authors": authors(facts["system"]),
        "code_version": code_version(),
    }
    table["splits"][record["split"]] = _figures(record)
    made_folder(folder, "--save-result", hint=UNKEPT)
    write_json(table, path)
    return path


def _check_kept(record: Mapping[str, Any]) -> None:
    """Is it what the table of results holds?

    Raises:
        ConfigError: not of a run, of several views, or of a split from which faces were left out.
    """
    facts = record["facts"]
    if None in (facts.get(key) for key in ("system", "epochs", "parameters")):
        raise ConfigError(
            f"{record['model']} is no run, nor a model exported from one",
            hint="--save-result keeps results of systems; a run has its checkpoint.npz beside its weights",
        )
    if record["views"] != "one" or record["split"] not in (VALIDATION, TEST):
        raise ConfigError(
            "the results table holds one view of PublicTest and PrivateTest", hint="leave --views out, or --save-result"
        )
    if record["leave_out"]:
        raise ConfigError("the results table holds whole splits", hint="drop --leave-out, or --save-result")


def _figures(record: Mapping[str, Any]) -> dict[str, Any]:
    rounded = {
        key: rounded_numbers(record[key]) for key in ("accuracy", "macro_f1", "balanced_accuracy", "not_in_training")
    }
    return {
        "faces": record["faces"],
        **rounded,
        "ece": round(record["calibration"]["ece"], 4),
        "recall": rounded_numbers({name: row["recall"] for name, row in record["by_class"].items()}),
        "confusion": record["confusion"],
        "reliability": _columns(record["calibration"]["reliability"]),
        "risk_coverage": rounded_numbers(record["risk_coverage"]),
    }


def _columns(bins: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Of bins of equal width from 0 to 1: faces, how many were right, mean largest probability (None without faces)."""
    return {
        "faces": [b["faces"] for b in bins],
        "right": [round(b["faces"] * (b["accuracy"] or 0)) for b in bins],
        "confidence": rounded_numbers([b["confidence"] for b in bins]),
    }


def rounded_numbers(value: Any) -> Any:
    """The same JSON with every number of at most four decimals.

    >>> rounded_numbers({"accuracy": [0.123456, None]})
    {'accuracy': [0.1235, None]}
    """
    match value:
        case float():
            return round(value, 4)
        case Mapping():
            return {key: rounded_numbers(inner) for key, inner in value.items()}
        case list() | tuple():
            return [rounded_numbers(inner) for inner in value]
        case _:
            return value


def read_result(path: Path) -> dict[str, Any]:
    """A result file.

    Raises:
        ResultError: not JSON of our format.
    """
    table = read_table(path, "evaluate")
    if not isinstance(table.get("splits"), dict):
        raise ResultError(f"{path}: not a result of format {FORMAT}", hint="write it again with evaluate --save-result")
    return table


def read_results(folder: Path = FOLDER) -> list[dict[str, Any]]:
    """Every result in ``folder``, by file name.

    Raises:
        ResultError: no such folder, or a file is no result.
    """
    if not folder.is_dir():
        raise ResultError(f"{folder}: no such folder", hint="name the folder of the result files with --folder")
    return [read_result(path) | {"file": path.name} for path in sorted(folder.glob("*.json"))]


def results_page(results: Sequence[Mapping[str, Any]], kfold: Sequence[Mapping[str, Any]] = ()) -> str:
    """The page: one table row a result, and one for each system without any; then cross-validations."""
    lines = [INTRO, f"| {' | '.join(COLUMNS)} |", "|" + "---|" * len(COLUMNS)]
    by_system = {name: _of_system(name, results) for name in SYSTEMS}
    for name, system in SYSTEMS.items():
        lines += [_row(system, result) for result in by_system[name]] or [_empty_row(system)]
    lines += [ARTEFACT, "## Why figures differ", ""]
    for name, system in SYSTEMS.items():
        lines.append(f"- **{name}**: {' '.join(_reasons(system, _one_per_run(by_system[name])))}")
    strangers = sorted({r["system"] for r in results} - set(SYSTEMS))
    if strangers:
        lines.append(f"\nResults of systems that this version does not know: {', '.join(strangers)}.")
    return "\n".join([*lines, *cross_validation_section(kfold)]) + "\n"


def _of_system(name: str, results: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Its results, those on the protocol that was trained on first."""
    mine = [result for result in results if result["system"] == name]
    return sorted(mine, key=lambda result: result["protocol"] != result["trained_on"])


def _one_per_run(results: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The first result of each weights: what is said of a run is said once."""
    first = {(result.get("sha256") or result["file"], result.get("limit")): result for result in reversed(results)}
    return list(first.values())[::-1]


def _row(system: System, result: Mapping[str, Any]) -> str:
    validation, test = (result["splits"].get(split) for split in (VALIDATION, TEST))
    cells = [
        system.name,
        result["protocol"] if result["protocol"] == result["trained_on"]
        else f"{result['protocol']} (trained on {result['trained_on']}; {result['answered_by']})",
        f"{result['parameters']:,}",
        _millions(result["multiply_adds"]),
        f"{_total(result, 'epochs')} ({_printed_epochs(system)})",
        NOTHING if result["seconds"] is None else f"{_total(result, 'seconds'):,.0f}",
        result["weights"] or NOTHING,
        _with_interval(validation, "accuracy"),
        _value(validation, "macro_f1"),
        _with_interval(test, "accuracy"),
        _value(test, "macro_f1"),
        system.printed,
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _empty_row(system: System) -> str:
    cells = [system.name, system.protocol, NOTHING, NOTHING, f"{NOT_RUN} ({_printed_epochs(system)})"]
    return f"| {' | '.join([*cells, *[NOTHING] * 6, system.printed])} |"


def _printed_epochs(system: System) -> str:
    """Our own systems have no other authors to be measured against."""
    return NOTHING if system.name in OUR_OWN else str(authors_epochs(system.name))


def _total(result: Mapping[str, Any], key: str) -> float:
    """Epochs or seconds of a run and of the runs whose weights it began with."""
    total: float = result[key] + (result.get("start") or {}).get(key, 0)
    return total


def _millions(count: int | None) -> str:
    return NOTHING if count is None else f"{count / 1e6:.1f}"


def _value(figures: Mapping[str, Any] | None, key: str) -> str:
    return NOTHING if figures is None else number(figures[key]["value"])


def _with_interval(figures: Mapping[str, Any] | None, key: str) -> str:
    if figures is None:
        return NOTHING
    figure = figures[key]
    return f"{number(figure['value'], 4)} ({number(figure['low'])}–{number(figure['high'])})"


def _reasons(system: System, results: Sequence[Mapping[str, Any]]) -> list[str]:
    sentences = [f"{system.note[:1].upper()}{system.note[1:].rstrip('.')}."] if system.note else []
    for result in results:
        planned, done = authors_epochs(system.name), _total(result, "epochs")
        whose = "its full" if system.name in OUR_OWN else "the authors'"
        if result.get("start"):
            start = result["start"]
            sentences.append(
                f"{result['file']}: {start['epochs']} epochs (run {start['run']}), then {result['epochs']} more from "
                "those weights."
            )
        if done < planned and result.get("stopped_early"):
            sentences.append(f"{result['file']}: stopped early after {done} of at most {planned} epochs.")
        elif done < planned:
            sentences.append(f"{result['file']}: trained for {done} epochs, fewer than {whose} {planned}.")
        if result.get("weights") == "none" and "transfer" in system.name:
            sentences.append(f"{result['file']}: without ImageNet weights, from scratch.")
        if result.get("teachers"):
            sentences.append(f"{result['file']}: distilled; the seconds do not count its teachers' training.")
        if result.get("refit"):
            sentences.append(f"{result['file']}: last layers fitted anew to the training faces' labels at export.")
        if result.get("offset"):
            sentences.append(f"{result['file']}: with a class offset that was chosen on {VALIDATION}.")
        if result.get("leave_out"):
            sentences.append(f"{result['file']}: trained without the faces that {result['leave_out']} lists.")
        if result.get("limit"):
            sentences.append(f"{result['file']}: a trial on the first {result['limit']} faces of each split.")
    return sentences if results else [*sentences, f"{NOT_RUN.capitalize()}."]


def write_page(page: Path = PAGE, folder: Path = FOLDER) -> Path:
    """Writes the page of the results in ``folder``; gives its path.

    Raises:
        ResultError: no such folder, or a file is no result.
        ConfigError: the page cannot be written.
    """
    kept = read_cross_validations(folder / "kfold")
    write_text(results_page(read_results(folder), kept), page, "name another file with --page")
    return page


__all__ = ["FOLDER", "PAGE", "ResultError", "read_results", "results_page", "save_result", "write_page"]
