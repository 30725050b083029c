"""`results`: parse, call, show."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from classroom_fer.terminal import show, user_errors
from training.commands.progress import AGAIN
from training.evaluation.results import FOLDER, PAGE, write_page


def results(
    page: Annotated[Path | None, typer.Option(help="[default: training/RESULTS.md]")] = None,
    folder: Annotated[Path | None, typer.Option(help="The result files. [default: training/results]")] = None,
) -> None:
    """Write training/RESULTS.md: every system's figures beside those that its authors print.

    Example: python -m training results
    """
    with user_errors(interrupted=AGAIN):
        show(f"wrote {write_page(page or PAGE, folder or FOLDER)}")
