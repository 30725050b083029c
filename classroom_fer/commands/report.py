"""``classroom-fer report``: the PDF of a stored session, in any of its languages and in a school's own look."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from classroom_fer import wiring
from classroom_fer.commands.options import DbOption, LangOption
from classroom_fer.commands.sessions import find_session
from classroom_fer.commands.settings import ConfigOption, own_file
from classroom_fer.session_choice import report_name, unfinished
from classroom_fer.settings.config import load_config
from classroom_fer.settings.declaration import check_allowed
from classroom_fer.store.place import DEFAULT_DB
from classroom_fer.terminal import say, show, user_errors

INIT = "init-template"
FONTS = "apt-get install fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji"


def report(
    session: Annotated[
        str, typer.Argument(metavar="SESSION", help="Session number, film name, 'latest'; or 'init-template'.")
    ],
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", show_default=False, help="Only with init-template: a new folder.")
    ] = None,
    db: DbOption = DEFAULT_DB,
    out: Annotated[Path | None, typer.Option("--out", help="The PDF. [default: reports/<video>.pdf]")] = None,
    lang: LangOption = None,
    template_dir: Annotated[
        Path | None, typer.Option("--template-dir", help="Folder whose templates and CSS replace the shipped ones.")
    ] = None,
    appendix: Annotated[
        bool | None, typer.Option("--appendix", help="Add values, bounds, sizes, time steps and settings as tables.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Render the PDF of a stored session again; the film is not needed.

    The table [report] of a settings file (--config) holds school, logo, lang, template_dir and appendix.
    With init-template in place of SESSION: copy the templates into DIR, to be changed and given to --template-dir.

    Examples:

      classroom-fer report latest --lang de --appendix

      classroom-fer report init-template our-look

      classroom-fer report 3 --out lesson-3.pdf --template-dir our-look --config school.toml
    """
    with user_errors():
        if session == INIT:
            _init_template(folder)
            return
        if folder is not None:
            raise typer.BadParameter(f"DIR goes with {INIT} only; for the PDF's place use --out")
        settings = load_config(config or own_file(), {"lang": lang, "template_dir": template_dir, "appendix": appendix})
        style = settings.report_style
        with wiring.open_reader(db) as store:
            stored = find_session(store, session)
            if stored.status != "finished":
                raise unfinished(stored)
            check_allowed(settings.policy, stored.start.profile)  # declared since: what was inferred before stays shut
            result = store.result(stored.session_id)
            path = out or Path("reports") / report_name(stored, store.sessions())
            renderer = wiring.build_renderer(style)
            renderer.render(stored, result, path)
            details: dict[str, object] = {"template_dir": style.template_dir is not None, "lang": style.lang}
            noted = store.record_if_writable("report", stored.session_id, details)
        if not noted:
            say("note: the database cannot be written here, so that its audit does not tell of this PDF")
        if renderer.boxes:
            say(f"note: no font on this machine has {renderer.boxes[:40]}; these are printed as boxes ({FONTS})")
        show(f"report: {path}")


def _init_template(folder: Path | None) -> None:
    if folder is None:
        raise typer.BadParameter(f"{INIT} needs a folder: classroom-fer report {INIT} our-look")
    for path in wiring.copy_templates(folder):
        show(str(path))
