"""`python -m training clean` and `explore`: look at the data before training on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from classroom_fer.commands.options import JsonOption
from classroom_fer.terminal import counted, say, show, user_errors
from training.commands.progress import AGAIN, StageProgress
from training.dataset_report.clean import MANIFEST, PAGE
from training.dataset_report.clean import clean as look_through
from training.dataset_report.clean_report import summary_of
from training.dataset_report.duplicates import NEAR
from training.dataset_report.explore import explore as write_page
from training.dataset_report.findings import REASONS
from training.settings.config import DEFAULT_DATA

SourceOption = Annotated[
    Path,
    typer.Option(
        "--data",
        metavar="PATH",
        help="Mosaics, fer2013.csv, image folders or npz (training/DATA.md); found out by itself.",
    ),
]
NearOption = Annotated[
    float, typer.Option(min=0.5, max=1.0, help="Correlation from which two pictures count as near copies.")
]


def clean(
    data: SourceOption = DEFAULT_DATA,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the report and the manifest.")] = Path(
        "runs/clean"
    ),
    near: NearOption = NEAR,
    reason: Annotated[
        list[str] | None, typer.Option(help="Only this reason goes into the manifest; may be repeated. [default: all]")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Find what to leave out: unreadable, blank and no-face pictures, copies (also across splits), outliers.

    Writes report.html (with pictures of the data set), report.json and leave_out.csv; deletes nothing.

    Examples:

      python -m training clean --data fer2013.csv --out runs/clean

      python -m training clean --reason "exact duplicate" --reason "not a face"
    """
    with user_errors(interrupted=AGAIN):
        with StageProgress() as progress:
            findings, entries = look_through(data, out, near=near, reasons=reason or REASONS, on_progress=progress)
        summary = summary_of(findings, entries)
        if as_json:
            show(json.dumps(summary, indent=2))
            return
        say(f"found {findings.pool.found}")
        for kind, counts in summary["leave_out"].items():
            show(f"{kind + ':':17}" + ", ".join(f"{usage} {count:,}" for usage, count in counts.items()))
        show(f"{counted(summary['leave_out_faces'], 'face')} to leave out: {out / MANIFEST}; to look at: {out / PAGE}")


def explore(
    data: SourceOption = DEFAULT_DATA,
    out: Annotated[Path, typer.Option(metavar="FILE", help="The page.")] = Path("runs/explore.html"),
    near: NearOption = NEAR,
) -> None:
    """Write one interactive page about the data: counts, votes, samples, mean faces, copies, components, outliers.

    The page needs no network and holds pictures of the data set.

    Examples:

      python -m training explore --data ../shared/datasets/fer2013 --out runs/explore.html

      python -m training explore --data my-folders --out page.html
    """
    with user_errors(interrupted=AGAIN):
        with StageProgress() as progress:
            found = write_page(data, out, near=near, on_progress=progress)
        say(f"found {found}")
        show(f"{out} ({out.stat().st_size / 1e6:.1f} MB): open it in a browser")
