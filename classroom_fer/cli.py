"""The command line. A command's module is imported when the command is called, so ``--help`` answers at once."""

from __future__ import annotations

import io
import os
import sys
from typing import Annotated

import typer

from classroom_fer import __version__
from classroom_fer.commands.lazy_group import LazyCommand, LazyGroup


class Commands(LazyGroup):
    """The commands that stand for themselves."""

    lazy = {  # noqa: RUF012  # declared a ClassVar above
        "init": LazyCommand(
            "classroom_fer.commands.init:init",
            "Declare where, what for and on what basis people are filmed, and write the settings file of this folder.",
        ),
        "analyze": LazyCommand(
            "classroom_fer.commands.analyze:analyze",
            "Analyse recorded lessons: faces, tracks, expressions and engagement per task, into a database and a PDF "
            "each.",
        ),
        "report": LazyCommand(
            "classroom_fer.commands.report:report",
            "Render the PDF of a stored session again; the film is not needed.",
        ),
        "sessions": LazyCommand(
            "classroom_fer.commands.sessions:sessions",
            "List the sessions in the database: all, or those that labels or words choose.",
        ),
        "runs": LazyCommand(
            "classroom_fer.commands.runs:runs",
            "List the runs: films being analysed, from the command line or the browser app, and what became of the "
            "others.",
        ),
        "label": LazyCommand(
            "classroom_fer.commands.label:label",
            "Label a session with its class, its lesson or anything else; without labels, show its labels.",
        ),
        "compare": LazyCommand(
            "classroom_fer.commands.compare:compare",
            "Lessons beside each other: values with intervals and coverage, and what lessons have in common.",
        ),
        "query": LazyCommand(
            "classroom_fer.commands.query:query",
            "Ask the database a question in SQL; nothing can be changed by it.",
        ),
        "datasette": LazyCommand(
            "classroom_fer.commands.datasette:datasette",
            "Write what Datasette needs to show the database: descriptions, units and twenty-one questions with "
            "parameters.",
        ),
        "provenance": LazyCommand(
            "classroom_fer.commands.provenance:provenance",
            "Print what made a session's numbers, to be cited, and a methods paragraph for a paper.",
        ),
        "aggregate": LazyCommand(
            "classroom_fer.commands.aggregate:aggregate",
            "Compute a session's results again from its stored face rows: other tasks, other weights, no film.",
        ),
        "export": LazyCommand(
            "classroom_fer.commands.export:export",
            "Write stored sessions as tables, or as files that BORIS, ELAN and others open.",
        ),
        "purge": LazyCommand(
            "classroom_fer.commands.purge:purge",
            "Delete sessions for good: their bytes are overwritten and the file is rebuilt without them.",
        ),
        "predict": LazyCommand(
            "classroom_fer.commands.predict:predict",
            "Find every face in pictures: class, calibrated probabilities, or why there is no class.",
        ),
        "web": LazyCommand(
            "classroom_fer.commands.web:web",
            "Look at the lessons in a browser, on this machine; nothing leaves it.",
        ),
        "live": LazyCommand(
            "classroom_fer.commands.live:live",
            "Try the model on yourself: your camera in the browser, with boxes, direction and expression group; no "
            "recording.",
        ),
        "doctor": LazyCommand(
            "classroom_fer.commands.doctor:doctor",
            "Check Python, packages, model file, Pango, disk and threads; a remedy for each failure.",
        ),
    }


class TasksCommands(LazyGroup):
    """``tasks ...``"""

    lazy = {  # noqa: RUF012  # declared a ClassVar above
        "check": LazyCommand(
            "classroom_fer.commands.tasks_check:check",
            "Check a tasks file: every mistake with line, column and remedy; gaps between tasks are listed.",
        ),
        "convert": LazyCommand(
            "classroom_fer.commands.tasks_convert:convert",
            "Convert a tasks file: .csv (ours), .tsv (BIDS events), .boris, .eaf (ELAN).",
        ),
    }


class RegionsCommands(LazyGroup):
    """``regions ...``"""

    lazy = {  # noqa: RUF012  # declared a ClassVar above
        "draw": LazyCommand(
            "classroom_fer.commands.regions:draw",
            "Draw opt-out regions on one picture of the film, in the browser of this machine.",
        ),
        "check": LazyCommand(
            "classroom_fer.commands.regions:check",
            "Check a file of regions; with --video also whether they fit that film's picture.",
        ),
    }


class AuditCommands(LazyGroup):
    """``audit ...``"""

    lazy = {  # noqa: RUF012  # declared a ClassVar above
        "list": LazyCommand(
            "classroom_fer.commands.audit:list_entries",
            "List what was run, printed, exported and purged, when and with which settings.",
        ),
        "verify": LazyCommand(
            "classroom_fer.commands.audit:verify",
            "Check the audit's hash chain: a changed, removed or moved entry is named; exit code 1.",
        ),
    }


class ValidateCommands(LazyGroup):
    """``validate ...``"""

    lazy = {  # noqa: RUF012  # declared a ClassVar above
        "sample": LazyCommand(
            "classroom_fer.commands.validate:sample",
            "Draw a stratified random sample of 10 s clips and write blind coding sheets for two observers.",
        ),
        "score": LazyCommand(
            "classroom_fer.commands.validate:score",
            "Read the filled sheets: how far the observers agree with each other, and the numbers with what they saw.",
        ),
    }


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for name, group, what in (
    ("tasks", TasksCommands, "Tasks files."),
    ("regions", RegionsCommands, "Regions in which nobody is looked for."),
    ("audit", AuditCommands, "What was done with the data."),
    ("validate", ValidateCommands, "Do human observers see what the numbers say?"),
):
    app.add_typer(typer.Typer(cls=group, no_args_is_help=True, help=what, rich_markup_mode=None), name=name)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"classroom-fer {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
) -> None:
    """What a camera could see of a lesson, task by task: a PDF for teachers, SQLite for researchers.

    Class level only. Not for grading, discipline, ranking, identification, diagnosis, appraisal of a teacher or alerts.

    Example: classroom-fer analyze lesson.mp4 --tasks tasks.csv
    """
    if debug:
        os.environ["CLASSROOM_FER_DEBUG"] = "1"


def main() -> None:
    """Entry point of the ``classroom-fer`` command."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # Windows' code pages and LANG=C have no letters for most names
        sys.stdout.reconfigure(errors="backslashreplace")
    app()


if __name__ == "__main__":
    main()
