"""The command line. Nothing heavy is imported before a command needs it: ``--help`` answers in under half a second."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from classroom_fer import __version__
from classroom_fer.commands import analyze, audit, doctor, init, predict, regions, report, sessions, tasks_check

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
tasks_app = typer.Typer(no_args_is_help=True, help="Tasks files.", rich_markup_mode=None)
app.add_typer(tasks_app, name="tasks")
regions_app = typer.Typer(no_args_is_help=True, help="Regions in which nobody is looked for.", rich_markup_mode=None)
app.add_typer(regions_app, name="regions")
audit_app = typer.Typer(no_args_is_help=True, help="What was done with the data.", rich_markup_mode=None)
app.add_typer(audit_app, name="audit")

app.command("init", help=init.HELP)(init.init)
app.command("analyze", help=analyze.HELP)(analyze.analyze)
app.command("report", help=report.HELP)(report.report)
app.command("sessions", help=sessions.SESSIONS_HELP)(sessions.sessions)
app.command("aggregate", help=sessions.AGGREGATE_HELP)(sessions.aggregate)
app.command("purge", help=sessions.PURGE_HELP)(sessions.purge)
app.command("predict", help=predict.HELP)(predict.predict)
app.command("doctor", help=doctor.HELP)(doctor.doctor)
tasks_app.command("check", help=tasks_check.HELP)(tasks_check.check)
regions_app.command("draw", help=regions.DRAW_HELP)(regions.draw)
regions_app.command("check", help=regions.CHECK_HELP)(regions.check)
audit_app.command("list", help=audit.LIST_HELP)(audit.list_entries)
audit_app.command("verify", help=audit.VERIFY_HELP)(audit.verify)


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
    app()


if __name__ == "__main__":
    main()
