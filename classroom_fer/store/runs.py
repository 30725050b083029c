"""Runs in the database: what a run's process says of itself, and what it is asked to do by others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, astuple, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from classroom_fer.errors import ReadOnlyError, StoreError
from classroom_fer.lesson.runs import UNDER_WAY, ProcessIdentity, Run, RunPlan, RunProgress, RunState, RunWish
from classroom_fer.store import schema
from classroom_fer.store.aggregations import Connected
from classroom_fer.store.process_identity import is_alive

TIME_TO_START = timedelta(minutes=2)
"""A run that no process has taken up after this has none (choice)."""
GOES_ON = "go on: what was finished is kept"
_PROCESS = ("pid", "process_started_s", "host")
_TABLE = schema.run


class Runs:
    """Those of a database.

    Args:
        read, write: a transaction that reads, and one that writes.
        where: the database's name, for messages.
        alive: whether a process lives; None where that is not known.
    """

    def __init__(
        self,
        read: Connected,
        write: Connected,
        where: str,
        alive: Callable[[ProcessIdentity], bool | None] = is_alive,
    ) -> None:
        self._read, self._write, self._where, self._alive = read, write, where, alive

    def add(self, plan: RunPlan, process: ProcessIdentity | None = None) -> Run:
        """A new run: of this process, which begins, or queued until one takes it up."""
        now = datetime.now(UTC)
        row = {
            **asdict(plan), **_process_row(process), **asdict(RunProgress()), "arguments": list(plan.arguments),
            "state": "running" if process else "queued", "wanted": "run", "asked_at": now, "heard_at": now,
            "message": "", "hint": "",
        }  # fmt: skip
        with self._write() as connection:
            key = connection.execute(sa.insert(_TABLE), row).inserted_primary_key
            if key is None:
                raise AssertionError("an INSERT of one row has a key")
            return _chosen(connection, int(key[0]), self._where)

    def all(self) -> list[Run]:
        """Every run, newest first; one whose process is gone has failed, and says so from now on."""
        with self._read() as connection:
            known = [_run(row) for row in connection.execute(_newest_first()).mappings()]
        lost = [run for run in known if self._is_lost(run)]
        if not lost:
            return known
        with suppress(ReadOnlyError):
            self._mark_lost(lost)
        told = {run.run_id: replace(run, state="failed", message=_lost(run), hint=GOES_ON) for run in lost}
        return [told.get(run.run_id, run) for run in known]

    def one(self, run_id: int) -> Run:
        """One of them, as ``all`` has it. StoreError if there is none of this number."""
        found = next((run for run in self.all() if run.run_id == run_id), None)
        if found is None:
            raise _unknown(run_id, self._where)
        return found

    def take_up(self, run_id: int, process: ProcessIdentity) -> Run:
        """A process begins, or waits its turn; what it is asked to do stays. StoreError if there is no such run."""
        values = {**_process_row(process), "heard_at": datetime.now(UTC)}
        with self._write() as connection:
            connection.execute(sa.update(_TABLE).where(_TABLE.c.run_id == run_id).values(values))
            return _chosen(connection, run_id, self._where)

    def tell(self, run_id: int, state: RunState, progress: RunProgress) -> RunWish:
        """A run's process says how far it is, and hears what it should do; it goes on if its row was deleted."""
        values = {"state": state, "heard_at": datetime.now(UTC), **asdict(progress)}
        with self._write() as connection:
            connection.execute(sa.update(_TABLE).where(_TABLE.c.run_id == run_id).values(values))
            found = connection.execute(sa.select(_TABLE.c.wanted).where(_TABLE.c.run_id == run_id)).scalar()
        wish: RunWish = found or "run"
        return wish

    def wish(self, run_id: int) -> RunWish:
        """What a run should do."""
        with self._read() as connection:
            found = connection.execute(sa.select(_TABLE.c.wanted).where(_TABLE.c.run_id == run_id)).scalar()
        wish: RunWish = found or "run"
        return wish

    def ask(self, run_id: int, wish: RunWish) -> None:
        """Asks a run that is under way to pause, to go on or to end. StoreError if it is not under way."""
        run = self.one(run_id)
        if not run.is_under_way:
            raise StoreError(f"run {run_id} is not under way: it is {run.state}", hint="load the list of runs again")
        with self._write() as connection:
            connection.execute(sa.update(_TABLE).where(_TABLE.c.run_id == run_id).values(wanted=wish))

    def again(self, run_id: int) -> Run:
        """A run that ended waits for a new process. StoreError if it is under way or has its results."""
        run = self.one(run_id)
        if run.is_under_way or run.state == "finished":
            raise StoreError(f"run {run_id} is {run.state}: it cannot be started", hint="load the list of runs again")
        values = {
            **_process_row(None), **asdict(RunProgress()), "state": "queued", "wanted": "run",
            "heard_at": datetime.now(UTC), "message": "", "hint": "",
        }  # fmt: skip
        with self._write() as connection:
            same = (_TABLE.c.run_id == run_id, _TABLE.c.state.not_in(UNDER_WAY))  # another app may have been quicker
            if not connection.execute(sa.update(_TABLE).where(*same).values(values)).rowcount:
                raise StoreError(f"run {run_id} was started already", hint="load the list of runs again")
            return _chosen(connection, run_id, self._where)

    def end(
        self, run_id: int, state: RunState, *, session_id: int | None = None, error: tuple[str, str] = ("", "")
    ) -> None:
        """A run has ended. Args: ``error`` is message and hint."""
        message, hint = error
        values = {"state": state, "session_id": session_id, "message": message, "hint": hint, "left_s": None,
                  "heard_at": datetime.now(UTC)}  # fmt: skip
        with self._write() as connection:
            connection.execute(sa.update(_TABLE).where(_TABLE.c.run_id == run_id).values(values))

    def left_behind(self, run_id: int, error: tuple[str, str]) -> None:
        """The process of a run has ended, whether it could say so or not. Args: ``error`` is what it said last."""
        with self._write() as connection:
            run = _chosen(connection, run_id, self._where)
            if not run.is_under_way and run.message != _lost(run):  # others may have seen first that it was gone
                return
            values = {"state": "failed", "message": error[0] or _lost(run), "hint": error[1] or GOES_ON, "left_s": None}
            connection.execute(sa.update(_TABLE).where(_TABLE.c.run_id == run_id).values(values))

    def remove(self, run_id: int) -> None:
        """Deletes a run that ended; its session stays. StoreError if it is under way."""
        if self.one(run_id).is_under_way:
            raise StoreError(f"run {run_id} is under way", hint="cancel it first")
        with self._write() as connection:
            connection.execute(sa.delete(_TABLE).where(_TABLE.c.run_id == run_id))

    def mark_others_lost(self, own: Iterable[int]) -> None:
        """Whoever holds the database for itself knows that no other run works on it, on whatever machine."""
        mine = set(own)
        with self._read() as connection:
            known = [_run(row) for row in connection.execute(_newest_first()).mappings()]
        self._mark_lost([run for run in known if run.state in ("running", "paused") and run.run_id not in mine])

    def _is_lost(self, run: Run) -> bool:
        if not run.is_under_way:
            return False
        if run.process is None:
            return datetime.now(UTC) - run.heard_at > TIME_TO_START
        return self._alive(run.process) is False

    def _mark_lost(self, lost: Iterable[Run]) -> None:
        """Those whose row still names the process that is gone."""
        with self._write() as connection:
            for run in lost:
                values = {"state": "failed", "message": _lost(run), "hint": GOES_ON, "left_s": None}
                same = [_TABLE.c.run_id == run.run_id, _TABLE.c.state.in_(UNDER_WAY)]
                same += [_TABLE.c[name] == value for name, value in _process_row(run.process).items()]
                connection.execute(sa.update(_TABLE).where(*same).values(values))


def delete_ended(connection: sa.Connection) -> None:
    """Deletes every run that ended, with its paths."""
    connection.execute(sa.delete(_TABLE).where(_TABLE.c.state.not_in(UNDER_WAY)))


def _lost(run: Run) -> str:
    if run.process is None:
        return "its process never began"
    return f"its process ({run.process.pid}) was killed, or the machine was switched off"


def _unknown(run_id: int, where: str) -> StoreError:
    return StoreError(f"database {where} holds no run {run_id}", hint="see classroom-fer runs")


def _newest_first() -> sa.Select[Any]:
    return sa.select(_TABLE).order_by(sa.desc(_TABLE.c.run_id))


def _chosen(connection: sa.Connection, run_id: int, where: str) -> Run:
    row = connection.execute(sa.select(_TABLE).where(_TABLE.c.run_id == run_id)).mappings().one_or_none()
    if row is None:
        raise _unknown(run_id, where)
    return _run(row)


def _process_row(process: ProcessIdentity | None) -> dict[str, Any]:
    return dict(zip(_PROCESS, astuple(process) if process else (None,) * len(_PROCESS), strict=True))


def _run(row: Mapping[Any, Any]) -> Run:
    process = None if row["pid"] is None else ProcessIdentity(*(row[name] for name in _PROCESS))
    return Run(
        run_id=row["run_id"],
        plan=RunPlan(row["film"], row["tasks"], row["settings_sha256"], tuple(row["arguments"])),
        progress=RunProgress(row["stage"], row["done_s"], row["total_s"], row["left_s"]),
        process=process,
        **{name: row[name] for name in _SAME},
    )


_SAME = ("state", "wanted", "asked_at", "heard_at", "session_id", "message", "hint")
