"""``classroom-fer provenance``: what made a session's numbers, to be cited and repeated."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from classroom_fer.commands.options import AggregationOption, DbOption, JsonOption, SessionArgument
from classroom_fer.lesson.aggregations import DEFAULT
from classroom_fer.named_results import in_place_of_own
from classroom_fer.report.provenance import provenance as made_by
from classroom_fer.report.wording import Wording
from classroom_fer.session_choice import find_session
from classroom_fer.store.place import DEFAULT_DB
from classroom_fer.store.store import open_reader
from classroom_fer.terminal import show, user_errors


def provenance(
    session: SessionArgument,
    aggregation: AggregationOption = None,
    db: DbOption = DEFAULT_DB,
    as_json: JsonOption = False,
    lang: Annotated[
        str, typer.Option("--lang", metavar="LANG", help="Language of the methods paragraph: en, de, fr, es, zh or ar.")
    ] = "en",
) -> None:
    """Print what made a session's numbers, to be cited, and a methods paragraph for a paper.

    Versions, fingerprints of film, model and settings, every setting, the model card; nothing of the class itself.

    Examples:

      classroom-fer provenance latest --lang de

      classroom-fer provenance 3 --json

      classroom-fer provenance 3 --name flat
    """
    with user_errors():
        say = Wording(lang)
        with open_reader(db) as store:
            stored = find_session(session, store.sessions())
            if aggregation not in (None, DEFAULT):
                stored, _ = in_place_of_own(stored, str(aggregation), store)
            table = made_by(stored, say)
        if as_json:
            show(json.dumps(table, indent=2, ensure_ascii=False))
            return
        methods = table.pop("methods")
        lines = list(_lines(table))
        width = max(len(name) for name, _ in lines)
        for name, value in lines:
            show(f"{name:<{width}}  {value}")
        show("")
        show(methods)


def _lines(table: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, str]]:
    """Every leaf with its dotted name; empty tables and lists are left out."""
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _lines(value, f"{within}{name}.")
        elif value not in (None, [], ""):
            yield f"{within}{name}", value if isinstance(value, str) else json.dumps(value)
