"""An evaluation as JSON, as Markdown and as one HTML page that needs nothing beside it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.evaluation.explain import Mistake
from training.files.pages import render, write_page

TEMPLATE = "evaluation.html.j2"
NOTHING = "–"
FACT_NAMES = {
    "sha256": "sha256 of the weights",
    "trained_on": "trained on protocol",
    "multiply_adds": "multiply-adds for a face",
    "seconds": "seconds of training",
    "weights": "pretrained weights",
    "start": "started from",
    "limit": "trained on only the first faces",
    "leave_out": "trained without the faces that this lists",
    "refit": "last layers fitted anew",
    "fitted_on": "fitted on",
    "offset": "offset of the classes",
}
"""Facts whose keys are not words enough."""
Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Plot:
    """A square or oblong drawing area of shares 0..1 from bottom to top, in SVG pixels."""

    width: int
    height: int
    margin: int = 44

    def x(self, share: float) -> float:
        """From the left, 0..1."""
        return round(self.margin + share * (self.width - 1.4 * self.margin), 1)

    def y(self, share: float) -> float:
        """From below, 0..1."""
        return round(self.height - self.margin - share * (self.height - 1.4 * self.margin), 1)


def write_pages(record: Record, folder: Path, mistakes: Sequence[Mistake] = ()) -> list[Path]:
    """``MODEL-PROTOCOL-SPLIT.json``, ``.md`` and ``.html`` in ``folder``; gives their paths.

    Args: ``mistakes`` are shown in the HTML page only: their faces are the user's own data.

    Raises:
        ReportError: the folder cannot be written.
    """
    views = "" if record["views"] == "one" else f"-{record['views']}"
    trial = f"-first{record['limit']}" if record["limit"] else ""
    cleaned = f"-without-{Path(record['leave_out']).stem}" if record["leave_out"] else ""
    stem = f"{Path(record['model']).name}-{record['protocol']}-{record['split']}{views}{trial}{cleaned}"
    texts = {
        "json": json.dumps(record, indent=2, allow_nan=False) + "\n",
        "md": markdown(record),
        "html": html(record, mistakes),
    }
    paths = [folder / f"{stem}.{kind}" for kind in texts]
    for path, text in zip(paths, texts.values(), strict=True):
        write_page(path, text)
    return paths


def title(record: Record) -> str:
    """What was evaluated, in a line."""
    views = "one view" if record["views"] == "one" else f"views: {record['views']}"
    cleaned = f", without those that {Path(record['leave_out']).name} lists" if record["leave_out"] else ""
    return f"{record['model']} on {record['protocol']} {record['split']}, {record['faces']:,} faces{cleaned}, {views}"


def headlines(record: Record) -> list[tuple[str, str, str]]:
    """(name, value, interval) of the figures to read first."""
    rows = {"accuracy": "accuracy", "balanced_accuracy": "balanced accuracy (macro recall)", "macro_f1": "macro-F1"}
    table = [(name, number(record[key]["value"]), interval(record[key])) for key, name in rows.items()]
    calibration = record["calibration"]
    table.append(("ROC-AUC, mean of classes", number(record["roc_auc_macro"]), ""))
    before = f"before T {number(calibration['ece_before'])}"
    table.append(("calibration error (ECE)", number(calibration["ece"]), before))
    if votes := record["votes"]:
        table.append(
            ("KL to the votes, nats", number(votes["kl"]), f"before T {number(votes['kl_before_temperature'])}")
        )
        table.append(("human ceiling: one tagger", number(votes["one_tagger"]), "against the others' plurality"))
    return table


def number(value: float | None, places: int = 3) -> str:
    """A share without its leading zero, as the tables of the literature print it.

    >>> number(0.8752), number(1.0), number(None)
    ('.875', '1.000', '–')
    """
    if value is None:
        return NOTHING
    text = f"{value:.{places}f}"
    return text[1:] if text.startswith("0.") else text


def interval(figure: Mapping[str, Any] | None) -> str:
    """The 95 % interval of a figure.

    >>> interval({"low": 0.81, "high": 0.85})
    '.810–.850'
    """
    return f"{number(figure['low'])}–{number(figure['high'])}" if figure and figure["low"] is not None else ""


def markdown(record: Record) -> str:
    """Tables of the record."""
    lines = [f"# {title(record)}", ""]
    lines += [f"**{record['warning']}**", ""] if record["warning"] else []
    lines += [notes(record)[0], "", "| figure | value | 95 % |", "|---|---|---|"]
    lines += [f"| {name} | {value} | {extra} |" for name, value, extra in headlines(record)]
    lines += ["", "| class | faces | precision | recall | 95 % | F1 | ROC-AUC |", "|---|---|---|---|---|---|---|"]
    for name, row in record["by_class"].items():
        cells = [str(row["faces"]), number(row["precision"]), number(row["recall"]), interval(row["recall_interval"])]
        lines.append(f"| {name} | {' | '.join([*cells, number(row['f1']), number(row['roc_auc'])])} |")
    lines += ["", "| face width | accuracy | 95 % |", "|---|---|---|"]
    lines += [f"| {px} px | {number(s['value'])} | {interval(s)} |" for px, s in record["sizes"].items()]
    lines += ["", "| test pictures | faces | accuracy | 95 % |", "|---|---|---|---|"]
    for key, name in (("not_in_training", "not in Training"), ("seen_in_training", "also in Training")):
        row = record[key]
        lines.append(f"| {name} | {row['faces']} | {number(row['value'])} | {interval(row)} |")
    lines += ["", f"Confusion (rows: label, columns: answer; {', '.join(record['classes'])}):", "", "```"]
    width = max(len(str(c)) for row in record["confusion"] for c in row)
    lines += [" ".join(f"{c:{width}d}" for c in row) for row in record["confusion"]]
    return "\n".join([*lines, "```", "", *notes(record)[1:]]) + "\n"


def notes(record: Record) -> list[str]:
    """How to read the figures, sentence by sentence."""
    calibration, votes = record["calibration"], record["votes"]
    sentences = [
        f"Answered by: {record['answered_by']}.",
        "Intervals: 95 %; Wilson for shares of faces, bootstrap over faces for means of classes.",
        f"Temperature {calibration['temperature']:.3f}: {calibration['temperature_from']}.",
    ]
    if votes:
        sentences.append(
            f"Agreement with the votes: KL {votes['kl']:.3f} nats ({votes['kl_before_temperature']:.3f} before T; "
            f"{votes['kl_of_class_shares']:.3f} for always giving the class shares). "
            f"The answer has {number(votes['votes_for_the_answer'])} of the votes. Human ceiling: one tagger names the "
            f"plurality of the other taggers in {number(votes['one_tagger'])} of cases (votes for these classes only)."
        )
    sentences.append("Face widths: the picture averaged down to so many pixels and enlarged as the product does.")
    if record["limit"]:
        sentences.append(f"A trial: only the first {record['limit']} faces of each split.")
    sentences.append(
        "Pictures also in Training: byte for byte, in all of that split, of which a run may have left some out."
    )
    sentences += [f"Data: {remark}." for remark in record["remarks"]]
    return sentences


def facts(record: Record) -> list[str]:
    """What is known of the classifier beside its figures; what is empty or did not happen is left out."""
    known = {key: value for key, value in record["facts"].items() if value or type(value) in (int, float)}
    return [f"{FACT_NAMES.get(key, key.replace('_', ' '))}: {in_words(value)}" for key, value in known.items()]


def in_words(value: Any) -> str:
    """A value of JSON as a reader would write it.

    >>> in_words({"run": "ours", "epochs": 58, "seconds": 7388.3, "heads": ["emotions", "fer7"], "fitted_on": None})
    'run ours; epochs 58; seconds of training 7,388.3; heads emotions, fer7; fitted on none'
    """
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:,.4g}" if abs(value) < 1 else f"{value:,.1f}"
        case Mapping():
            return "; ".join(f"{FACT_NAMES.get(key, key)} {in_words(item)}" for key, item in value.items())
        case list() | tuple():
            return ", ".join(map(in_words, value))
        case _:
            return str(value)


def html(record: Record, mistakes: Sequence[Mistake] = ()) -> str:
    """The page; scripts, fonts and pictures from elsewhere are not needed."""
    sizes = [(px, k / (len(record["sizes"]) - 1), share) for k, (px, share) in enumerate(record["sizes"].items())]
    values = {
        "record": record,
        "title": title(record),
        "headlines": headlines(record),
        "notes": notes(record),
        "facts": facts(record),
        "rows": confusion_rows(record["confusion"]),
        "square": Plot(360, 360),
        "oblong": Plot(520, 300),
        "sizes": sizes,
        "mistakes": mistakes,
    }
    return render(TEMPLATE, values, {"number": number, "interval": interval, "data_uri": data_uri})


def data_uri(png: bytes) -> str:
    """A picture inside the page itself."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def confusion_rows(counts: Sequence[Sequence[int]]) -> list[list[tuple[int, float]]]:
    """(faces, share of the row) of each cell."""
    return [[(cell, cell / max(sum(row), 1)) for cell in row] for row in counts]
