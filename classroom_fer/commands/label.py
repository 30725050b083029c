"""``classroom-fer label``: free labels of a stored session, by which sessions are found and grouped."""

from __future__ import annotations

from typing import Annotated

import typer

from classroom_fer.commands.options import DbOption, SessionArgument
from classroom_fer.lesson.labels import changed, read_key, read_labels
from classroom_fer.session_choice import find_session
from classroom_fer.store.place import DEFAULT_DB
from classroom_fer.store.store import open_store
from classroom_fer.terminal import show, user_errors


def label(
    session: SessionArgument,
    labels: Annotated[
        list[str] | None, typer.Argument(metavar="LABEL=VALUE", show_default=False, help="E.g. class=7b lesson=3.")
    ] = None,
    remove: Annotated[
        list[str] | None, typer.Option("--remove", metavar="LABEL", help="Take this one away; repeatable.")
    ] = None,
    db: DbOption = DEFAULT_DB,
) -> None:
    """Label a session with its class, its lesson or anything else; without labels, show its labels.

    Labels group lessons (compare --by class) and find them (sessions --where class=7b). Never label with the name of
    a person: a label stands in tables and PDFs. purge deletes them with their session.

    Examples:

      classroom-fer label 3 class=7b lesson=12

      classroom-fer label latest --remove lesson
    """
    with user_errors():
        given, removed = read_labels(labels or ()), [read_key(text) for text in remove or ()]
        with open_store(db, create=False) as store:
            stored = find_session(session, store.sessions())
            if given or removed:
                stored = store.set_labels(stored.session_id, changed(stored.labels, given, removed))
                store.record("label", stored.session_id, {"labels": len(stored.labels)})
        listed = "  ".join(f"{key}={value}" for key, value in stored.labels) or "no labels"
        show(f"session {stored.session_id} ({stored.start.video_name}): {listed}")
