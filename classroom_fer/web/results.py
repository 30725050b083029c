"""The committed results of training, as their page shows them: read from the files that ``--save-result`` wrote.

The files travel with the program (``training/results``); a result of before says less, and the page what is missing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classroom_fer.errors import WebError
from classroom_fer.faces.model_manifest import read_manifest
from classroom_fer.report.formatting import plain
from classroom_fer.resources import resource_dir
from classroom_fer.web.texts import AppWording

FOLDER = "training/results"
VALIDATION, TEST = "PublicTest", "PrivateTest"
SPLITS = {VALIDATION: "app_result_validation", TEST: "app_result_test"}
FIRST = "P8"
"""The protocol whose result is shown first."""
SAME_AS = {"angry": "anger", "happy": "happiness", "sad": "sadness"}
"""FER2013's own names of classes -> FER+'s."""
FIGURES = ("accuracy", "balanced_accuracy", "macro_f1", "not_in_training")
NOTHING = "–"
Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that is kept, by file name."""

    runs: Mapping[str, Table]
    cross_validations: tuple[Table, ...]
    conditions: Mapping[str, Table]
    shipped_sha256: str

    def is_shipped(self, table: Table) -> bool:
        """Whether it is of the weights that ship."""
        return bool(table.get("sha256") == self.shipped_sha256)

    @property
    def first(self) -> str | None:
        """The result to begin with: of the shipped classifier, by the protocol that it was trained on."""
        order = sorted(self.runs, key=lambda n: (not self.is_shipped(self.runs[n]), self.runs[n]["protocol"] != FIRST))
        return order[0] if order else None


def read_results(folder: Path | None = None) -> Results:
    """The results in ``folder`` (default: those that came with the program); none where it is not there.

    Raises:
        WebError: a file is not a result.
        ModelError: the shipped classifier's manifest cannot be read.
    """
    folder = folder or resource_dir(FOLDER)
    return Results(
        runs=_tables(folder, "splits", "system", "protocol"),
        cross_validations=tuple(_tables(folder / "kfold", "system", "protocol", "mean").values()),
        conditions=_tables(folder / "conditions", "accuracy", "risk_coverage"),
        shipped_sha256=read_manifest().sha256,
    )


def _tables(folder: Path, *needed: str) -> dict[str, Table]:
    return {path.stem: _table(path, needed) for path in sorted(folder.glob("*.json"))}


def _table(path: Path, needed: Sequence[str]) -> Table:
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WebError(f"{path}: not a result of training ({error})", hint="install classroom-fer again") from error
    if not isinstance(table, dict) or not set(needed) <= set(table):
        raise WebError(f"{path}: not a whole result of training", hint="write it again with --save-result")
    return table


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One line of the table, finished."""

    name: str
    """Of the file, in the address."""
    system: str
    shipped: bool
    protocol: str
    trained_on: str
    """Empty where it is the same protocol."""
    cells: tuple[str, ...]
    """Parameters, multiply-adds, epochs, minutes, accuracy and macro-F1 on validation and test, what authors print."""


def result_rows(results: Results, say: AppWording) -> list[ResultRow]:
    """The shipped classifier first, then by system; of each the protocol that it was trained on first."""
    order = sorted(results.runs.items(), key=lambda item: _order(results, item[1]))
    return [_row(name, table, results.is_shipped(table), say) for name, table in order]


def _order(results: Results, table: Table) -> tuple[bool, str, bool, str]:
    trained = table.get("trained_on")
    return not results.is_shipped(table), table["system"], table["protocol"] != trained, table["protocol"]


def _row(name: str, table: Table, shipped: bool, say: AppWording) -> ResultRow:
    trained = table.get("trained_on") or table["protocol"]
    other = "" if trained == table["protocol"] else say("app_result_trained_on", protocol=plain(trained))
    splits = [table["splits"].get(split) for split in SPLITS]
    figures = [cell for split in splits for cell in (_figure(split, "accuracy", say), _value(split, "macro_f1", say))]
    authors = table.get("authors") or {}
    return ResultRow(
        name=name,
        system=plain(table["system"]),
        shipped=shipped,
        protocol=plain(table["protocol"]),
        trained_on=other,
        cells=(
            _whole(table.get("parameters"), say),
            _whole(table.get("multiply_adds"), say, 1e6),
            _epochs(table, say),
            _whole(_total(table, "seconds"), say, 60),
            *figures,
            plain(authors.get("printed") or NOTHING),
        ),
    )


def _epochs(table: Table, say: AppWording) -> str:
    done, theirs = _whole(_total(table, "epochs"), say), (table.get("authors") or {}).get("epochs")
    return done if theirs is None else f"{done} ({say.whole(theirs)})"


def _total(table: Table, key: str) -> float | None:
    """Of a run and of the run whose weights it began with."""
    own = table.get(key)
    return None if own is None else own + ((table.get("start") or {}).get(key) or 0)


def _whole(value: float | None, say: AppWording, unit: float = 1) -> str:
    return NOTHING if value is None else say.whole(value / unit)


def share(value: float | None, say: AppWording) -> str:
    """Three decimals, as tables of the field print it."""
    return NOTHING if value is None else say.decimal(value, 3)


def _value(split: Table | None, key: str, say: AppWording) -> str:
    return share(((split or {}).get(key) or {}).get("value"), say)


def _figure(split: Table | None, key: str, say: AppWording) -> str:
    figure = (split or {}).get(key) or {}
    if figure.get("value") is None:
        return NOTHING
    return f"{share(figure['value'], say)} ({_between(figure, say)})"


def _between(figure: Table, say: AppWording) -> str:
    return f"{share(figure.get('low'), say)}–{share(figure.get('high'), say)}"


@dataclass(frozen=True, slots=True)
class ConfusionRow:
    """The faces of one label."""

    name: str
    cells: tuple[tuple[str, int], ...]
    """Faces as printed, and their share of the row in whole per cent."""


@dataclass(frozen=True, slots=True)
class SplitView:
    """One split of a result, finished."""

    key: str
    title: str
    figures: tuple[tuple[str, str, str], ...]
    """Name, value, interval."""
    recalls: tuple[tuple[str, int, str], ...]
    """Class, whole per cent, printed share."""
    classes: tuple[str, ...]
    confusion: tuple[ConfusionRow, ...]
    """Empty where it was not kept."""
    bins: tuple[tuple[str, ...], ...]
    """Range of the probability, faces, right, mean probability; without those that have no face."""
    curve: tuple[tuple[str, ...], ...]
    """Share that is answered, share of these that is wrong."""


@dataclass(frozen=True, slots=True)
class ResultView:
    """One result, finished."""

    name: str
    row: ResultRow
    splits: tuple[SplitView, ...]
    trial: str
    bare: bool
    """Nothing was kept that could be drawn."""

    @property
    def bins(self) -> list[tuple[str, tuple[tuple[str, ...], ...]]]:
        """Bins by the title of their split, where they were kept."""
        return [(split.title, split.bins) for split in self.splits if split.bins]

    @property
    def curves(self) -> list[tuple[str, tuple[tuple[str, ...], ...]]]:
        """Curves, likewise."""
        return [(split.title, split.curve) for split in self.splits if split.curve]


def result_view(name: str, results: Results, say: AppWording) -> ResultView:
    """All that is kept of a result. WebError if there is none of this name."""
    if name not in results.runs:
        raise WebError(f"there is no result {plain(name, 40)!r}", hint="choose one in the table of results")
    table = results.runs[name]
    splits = tuple(_split(key, table["splits"][key], say) for key in SPLITS if key in table["splits"])
    limit = table.get("limit")
    return ResultView(
        name=name,
        row=_row(name, table, results.is_shipped(table), say),
        splits=splits,
        trial=say("app_result_trial", count=say.whole(limit)) if limit else "",
        bare=not any(split.confusion or split.bins or split.curve for split in splits),
    )


def _split(key: str, split: Table, say: AppWording) -> SplitView:
    figures = [(say(f"app_result_{name}"), _value(split, name, say), _between(split[name], say))
               for name in FIGURES if split.get(name)]  # fmt: skip
    recalls = {_class(name, say): value for name, value in (split.get("recall") or {}).items()}
    return SplitView(
        key=key,
        title=f"{say(SPLITS[key])} ({key}): {say.count('faces', split['faces'])}",
        figures=(*figures, (say("app_result_ece"), share(split.get("ece"), say), "")),
        recalls=tuple((name, round(100 * (value or 0)), share(value, say)) for name, value in recalls.items()),
        classes=tuple(recalls),
        confusion=_confusion(split.get("confusion") or [], list(recalls), say),
        bins=_bins(split.get("reliability"), say),
        curve=_curve(split.get("risk_coverage"), say),
    )


def _class(name: str, say: AppWording) -> str:
    key = f"emotion_{SAME_AS.get(name, name)}"
    return say(key) if key in say.texts else plain(name)


def _confusion(counts: Sequence[Sequence[int]], names: Sequence[str], say: AppWording) -> tuple[ConfusionRow, ...]:
    rows = []
    for name, row in zip(names, counts, strict=False):  # none: nothing was kept
        cells = [(say.whole(cell), round(100 * cell / max(sum(row), 1))) for cell in row]
        rows.append(ConfusionRow(name, tuple(cells)))
    return tuple(rows)


def _bins(kept: Table | None, say: AppWording) -> tuple[tuple[str, ...], ...]:
    if not kept:
        return ()
    count = len(kept["faces"])
    rows = enumerate(zip(kept["faces"], kept["right"], kept["confidence"], strict=True))
    return tuple(
        (f"{share(k / count, say)}–{share((k + 1) / count, say)}", say.whole(faces), say.whole(right), share(mean, say))
        for k, (faces, right, mean) in rows
        if faces
    )


def _curve(kept: Table | None, say: AppWording) -> tuple[tuple[str, ...], ...]:
    """A kept risk-coverage curve as a table; empty where there is none."""
    if not kept:
        return ()
    points = zip(kept["shares"], kept["accuracy"], strict=True)
    return tuple((say.percent(answered), share(1 - right, say)) for answered, right in points)


@dataclass(frozen=True, slots=True)
class ConditionsView:
    """How the four groups fare under conditions of elsewhere, finished."""

    faces: str
    clear: str
    truths: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    """Condition, and the accuracy by truth."""
    older: bool
    """Of another classifier than the shipped one."""


def conditions_view(table: Table, results: Results, say: AppWording) -> ConditionsView:
    """By both heads together, as the product reads expressions."""
    rows = [(_condition(name, say), tuple(share(value, say) for value in readings["joined"]))
            for name, readings in table["accuracy"].items()]  # fmt: skip
    return ConditionsView(
        faces=say.whole(table["faces"]),
        clear=say.whole(table["clear"]),
        truths=tuple(say(f"app_truth_{truth}") for truth in table["truths"]),
        rows=tuple(rows),
        older=not results.is_shipped(table),
    )


def _condition(name: str, say: AppWording) -> str:
    key = f"app_condition_{name}"
    return say(key) if key in say.texts else plain(name)


def cross_rows(results: Results, say: AppWording) -> list[tuple[str, ...]]:
    """System, protocol, folds, epochs, mean, spread, best fold, what authors print."""
    rows = []
    for table in results.cross_validations:
        variant = f" ({table['variant']})" if table.get("variant") else ""
        figures = [share(table[key], say) for key in ("mean", "spread", "best")]
        printed = (table.get("authors") or {}).get("printed") or NOTHING
        folds = f"{say.whole(table['folds'])} × {say.whole(table['repeats'])}"
        rows.append((plain(table["system"] + variant), plain(table["protocol"]), folds, _epochs(table, say), *figures,
                     plain(printed)))  # fmt: skip
    return rows
