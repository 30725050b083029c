"""``classroom-fer report``: the PDF of a stored session, in any of its languages and in a school's own style."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from classroom_fer.commands.option_records import takes
from classroom_fer.commands.options import AggregationOption, ConfigOption, DbOption, LangOption
from classroom_fer.store.place import DEFAULT_DB


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOptions:
    """What ``report`` is given."""

    session: Annotated[
        str, typer.Argument(metavar="SESSION", help="Session number, film name, 'latest'; or 'init-template'.")
    ]
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", show_default=False, help="Only with init-template: a new folder.")
    ] = None
    db: DbOption = DEFAULT_DB
    out: Annotated[Path | None, typer.Option("--out", help="The PDF. [default: reports/<video>.pdf]")] = None
    aggregation: AggregationOption = None
    lang: LangOption = None
    template_dir: Annotated[
        Path | None, typer.Option("--template-dir", help="Folder whose templates and CSS replace the shipped ones.")
    ] = None
    appendix: Annotated[
        bool | None, typer.Option("--appendix", help="Add values, bounds, sizes, time steps and settings as tables.")
    ] = None
    config: ConfigOption = None


@takes(ReportOptions)
def report(options: ReportOptions) -> None:
    """Render the PDF of a stored session again; the film is not needed.

    The table [report] of a settings file (--config) holds school, logo, lang, template_dir and appendix.
    With init-template in place of SESSION: copy the templates into DIR, to be changed and given to --template-dir.

    Examples:

      classroom-fer report latest --lang de --appendix

      classroom-fer report init-template our-style

      classroom-fer report 3 --out lesson-3.pdf --template-dir our-style --config school.toml
    """
    from classroom_fer.commands.report_session import run

    run(options)
