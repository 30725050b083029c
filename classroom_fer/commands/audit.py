"""``classroom-fer audit``: what was done with the data, and whether the record of it was changed."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from classroom_fer.commands.options import DbOption, JsonOption
from classroom_fer.store.place import DEFAULT_DB
from classroom_fer.store.store import open_reader
from classroom_fer.terminal import say, show, user_errors

SHORTEST_HASH = 8
"""Hex digits that name an entry well enough (choice)."""


def list_entries(db: DbOption = DEFAULT_DB, as_json: JsonOption = False) -> None:
    """List what was run, printed, exported and purged, when and with which settings.

    Example:

      classroom-fer audit list --json
    """
    with user_errors():
        with open_reader(db) as store:
            entries = store.audit_entries()
        if as_json:
            rows: list[dict[str, Any]] = [
                {"id": e.audit_id, "at": e.at.isoformat(), "action": e.action, "session_id": e.session_id,
                 "details": e.details, "sha256": e.sha256}
                for e in entries
            ]  # fmt: skip
            show(json.dumps(rows, indent=2))
            return
        for e in entries:
            details = ", ".join(f"{name} {_short(value)}" for name, value in e.details.items())
            session = f"session {e.session_id}" if e.session_id is not None else ""
            show(f"{e.audit_id:>5}  {e.at:%Y-%m-%d %H:%M:%S}Z  {e.action:<13} {session:<11} {details}".rstrip())
        if not entries:
            say("nothing was recorded yet")


def verify(
    db: DbOption = DEFAULT_DB,
    contains: Annotated[
        str | None, typer.Option("--contains", metavar="HASH", help="A hash noted earlier must still be there.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check the audit's hash chain: a changed, removed or moved entry is named; exit code 1.

    Note the hash that it prints elsewhere and give it as --contains later: this also reveals a chain that was
    rewritten as a whole.

    Examples:

      classroom-fer audit verify

      classroom-fer audit verify --contains 5f0c66b1
    """
    with user_errors():
        if contains is not None and len(contains) < SHORTEST_HASH:
            raise typer.BadParameter(f"give at least {SHORTEST_HASH} digits", param_hint="--contains")
        with open_reader(db) as store:
            entries, broken = store.audit_entries(), store.verify_audit()
        missing = contains is not None and not any(e.sha256.startswith(contains.lower()) for e in entries)
        newest = entries[-1].sha256 if entries else None
        if as_json:
            problems = [{"id": row.audit_id, "problem": row.problem} for row in broken]
            show(json.dumps({"entries": len(entries), "broken": problems, "hash": newest, "contains": not missing}))
        else:
            for row in broken:
                show(f"entry {row.audit_id}: {row.problem}")
            if missing:
                show(f"no entry has the hash {contains}: the record was rewritten, or is another database's")
            state = "BROKEN" if broken or missing else "whole"
            show(f"{len(entries)} entr{'y' if len(entries) == 1 else 'ies'}, the chain is {state}")
            if newest:
                show(f"newest hash: {newest}")
        if broken or missing:
            raise typer.Exit(1)


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return f"{text[:12]}…" if len(text) > 40 else text
