"""What ``classroom-fer report`` does: a stored session's PDF, or a copy of the templates."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import typer

from classroom_fer import wiring
from classroom_fer.analysis import by_todays_rules
from classroom_fer.commands.report import ReportOptions
from classroom_fer.commands.settings import own_file
from classroom_fer.commands.summary import glyph_lines
from classroom_fer.lesson.aggregations import DEFAULT
from classroom_fer.lesson.records import StoredSession
from classroom_fer.named_results import in_place_of_own
from classroom_fer.report.pdf_place import check_no_other_file, pdf_place
from classroom_fer.report.template_copy import copy_templates
from classroom_fer.session_choice import find_session, has_faces, is_by_older_rules, report_identity, unfinished
from classroom_fer.settings.config import load_config
from classroom_fer.settings.declaration import check_allowed
from classroom_fer.store.store import open_reader
from classroom_fer.terminal import say, show, user_errors

INIT = "init-template"


def run(options: ReportOptions) -> None:
    """Prints the session, or copies the templates."""
    with user_errors():
        if options.session == INIT:
            _init_template(options.folder)
        elif options.folder is not None:
            raise typer.BadParameter(f"DIR goes with {INIT} only; for the PDF's place use --out")
        else:
            _print(options)


def _init_template(folder: Path | None) -> None:
    if folder is None:
        raise typer.BadParameter(f"{INIT} needs a folder: classroom-fer report {INIT} our-style")
    for path in copy_templates(folder):
        show(str(path))


def _place(out: Path | None, session: StoredSession, identity: str) -> AbstractContextManager[Path]:
    """Where the PDF goes: the file that was named, else a name in ``reports`` that is this session's."""
    if out is not None:
        check_no_other_file(out)
        return nullcontext(out)
    name = session.start.video_name
    if session.aggregation is not None:
        name = f"{Path(name).stem}-{session.aggregation}.pdf"
    return pdf_place(Path("reports"), name, session.session_id, identity)


def _print(options: ReportOptions) -> None:
    """Makes the PDF and notes in the audit that it was made."""
    flags = {"lang": options.lang, "template_dir": options.template_dir, "appendix": options.appendix}
    settings = load_config(options.config or own_file(), flags)
    style = settings.report_style
    with open_reader(options.db) as store:
        known = store.sessions()
        stored = find_session(options.session, known)
        if stored.status != "finished":
            raise unfinished(stored)
        check_allowed(settings.declaration, stored.start.profile)  # what is declared now also holds for older results
        if store.place.writable and is_by_older_rules(stored) and has_faces(stored):
            say(f"note: session {stored.session_id} has results by older rules: computed again from its stored faces")
            stored = by_todays_rules(stored, store)
        shown, result = stored, store.result(stored.session_id)
        if options.aggregation not in (None, DEFAULT):
            shown, result = in_place_of_own(stored, str(options.aggregation), store)
        identity = report_identity(shown, store.database_id())
        renderer = wiring.build_renderer(style)
        with _place(options.out, shown, identity) as path:
            renderer.render(shown, result, path, identity)
        details: dict[str, object] = {"template_dir": style.template_dir is not None, "lang": style.lang}
        if shown.aggregation is not None:
            details["settings_sha256"] = shown.start.settings_sha256
        noted = store.record_if_writable("report", stored.session_id, details)
    if not noted:
        say("note: the database cannot be written here, so its audit has no entry for this PDF")
    for line in glyph_lines(renderer.not_drawn):
        say(line)
    show(f"report: {path}")
