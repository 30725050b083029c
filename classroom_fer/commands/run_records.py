"""Keeps the row of each run in step with the analysis, and heeds what the row asks for."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from classroom_fer.analysis import Outcome, Request
from classroom_fer.analysis_together import Ended
from classroom_fer.commands.analyze import AnalyzeOptions
from classroom_fer.commands.settings import own_file
from classroom_fer.errors import ClassroomFerError, DatabaseInUseError, RunCancelledError, StoreError
from classroom_fer.lesson.protocols import OnProgress
from classroom_fer.lesson.records import Advanced, Progress, StageFinished, StageStarted
from classroom_fer.lesson.runs import RUN_VARIABLE, WAITING, RunPlan, RunProgress, RunState, RunWish
from classroom_fer.store.process_identity import own_identity
from classroom_fer.store.run_files import forget
from classroom_fer.store.runs import Runs
from classroom_fer.store.store import SqlStore

EVERY_S = 1.0
"""Real time between two looks at the row (choice: what a person waits for after a click)."""
STORED_BEFORE = 500.0
"""Film seconds in a real one beyond which nothing was looked at: chunks that were there already (choice)."""
GOES_ON = "the same command goes on from there"
_OF_ONE_COMMAND = frozenset(
    {"videos", "db", "out", "as_json", "quiet", "fresh", "jobs", "executor", "path_map", "dry_run"}
)
"""Options that are not needed to go on."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Real time; tests have their own."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class RunRecord:
    """Hears of one film's analysis: shows it, writes it down, and waits or ends where the row asks for it."""

    def __init__(self, runs: Runs, run_id: int, show: OnProgress, clock: Clock | None = None) -> None:
        self.run_id = run_id
        self._runs, self._show, self._clock = runs, show, clock or Clock()
        self._told_at = float("-inf")
        self._progress = RunProgress()
        self._from: tuple[float, float] | None = None
        """Real and film time from which on the speed is counted."""
        self._last: tuple[float, float] = (0.0, 0.0)

    def __call__(self, event: Progress) -> None:
        """One event of the analysis.

        Raises:
            RunCancelledError: the row asks for the end.
        """
        self._show(event)
        self._note(event)
        if isinstance(event, StageFinished) or self._clock.now() - self._told_at < EVERY_S:
            return
        wish = self._tell("running")
        while wish == "pause":
            wish = self._paused()
        if wish == "cancel":
            raise RunCancelledError("cancelled: what was finished is kept", hint=GOES_ON)

    def _paused(self) -> RunWish:
        began = self._clock.now()
        wish = self._tell("paused")
        self._clock.sleep(EVERY_S)
        waited = self._clock.now() - began
        self._last = (self._last[0] + waited, self._last[1])
        if self._from is not None:
            self._from = (self._from[0] + waited, self._from[1])
        return wish if wish == "pause" else self._tell("running")

    def _note(self, event: Progress) -> None:
        now = self._clock.now()
        match event:
            case StageStarted(stage=stage, total_s=total_s):
                self._progress, self._from, self._last = RunProgress(stage, None, total_s), None, (now, 0.0)
            case Advanced(done_s=done_s):
                wall, film = now - self._last[0], done_s - self._last[1]
                if self._from is None or film > STORED_BEFORE * wall:
                    self._from = (now, done_s) if film > STORED_BEFORE * wall else self._last
                self._last = (now, done_s)
                self._progress = dataclasses.replace(self._progress, done_s=done_s, left_s=self._left(now, done_s))

    def _left(self, now: float, done_s: float) -> float | None:
        total, (began, first) = self._progress.total_s, self._from or (now, done_s)
        if total is None or done_s <= first:
            return None
        return (now - began) / (done_s - first) * max(0.0, total - done_s)

    def _tell(self, state: RunState) -> RunWish:
        self._told_at = self._clock.now()
        with suppress(StoreError):  # a busy database does not end an analysis for a line of progress
            return self._runs.tell(self.run_id, state, self._progress)
        return "run"


class RunRecords:
    """The runs of one command, one for each film that it begins.

    Args:
        settings_sha256: of the settings that they have in common.
    """

    def __init__(self, store: SqlStore, options: AnalyzeOptions, settings_sha256: str) -> None:
        self._runs, self._options, self._settings = store.runs, options, settings_sha256
        self._store = store
        self._given = given_run()
        self._open: dict[Path, RunRecord] = {}

    @contextmanager
    def analyzing(self) -> Iterator[None]:
        """Holds the database for an analysis; a run that others started waits for its turn.

        A run that is cut off is cancelled.

        Raises:
            DatabaseInUseError: another run holds it, and nobody asked to wait.
            RunCancelledError: a run that waits was cancelled.
        """
        with self._in_turn():
            if self._store.place.path is not None:  # on a server others may be at work
                self._runs.mark_others_lost([] if self._given is None else [self._given])
            try:
                yield
            except KeyboardInterrupt:
                for record in self._open.values():
                    self._runs.end(record.run_id, "cancelled")
                raise

    def film(self, request: Request, show: OnProgress) -> RunRecord:
        """What hears of a film's analysis from now on."""
        record = self._open.get(request.video)
        if record is None:
            record = self._open[request.video] = RunRecord(self._runs, self._begun(request), show)
        return record

    def ended(self, ended: Ended) -> None:
        """Writes down what became of a film; where that cannot be, the film's results are there all the same."""
        record = self._open.pop(ended.request.video, None)
        if record is not None:
            with suppress(StoreError):
                self._write_down(record, ended.outcome)

    def _write_down(self, record: RunRecord, outcome: Outcome | Exception) -> None:
        if isinstance(outcome, RunCancelledError):
            self._runs.end(record.run_id, "cancelled")
        elif isinstance(outcome, ClassroomFerError):
            self._runs.end(record.run_id, "failed", error=(str(outcome), outcome.hint))
        elif isinstance(outcome, Exception):
            text = f"this is a bug in classroom-fer ({type(outcome).__name__}: {outcome})"
            self._runs.end(record.run_id, "failed", error=(text, "please report it; what was finished is kept"))
        else:
            self._runs.end(record.run_id, "finished", session_id=outcome.session.session_id)
            forget(self._store.place, self._runs.one(record.run_id))

    def _begun(self, request: Request) -> int:
        """The number of the film's run."""
        if self._given is not None:
            given, self._given = self._given, None
            return given
        film, tasks = request.video.absolute(), request.tasks
        arguments = ("analyze", *options_again(self._options), "--", str(film))
        plan = RunPlan(str(film), str(tasks.absolute()) if tasks else None, self._settings, arguments)
        return self._runs.add(plan, own_identity()).run_id

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        if self._given is None:
            with self._store.analyzing():
                yield
            return
        self._runs.take_up(self._given, own_identity())
        with waited_for(self._store, self._given):
            yield


@contextmanager
def waited_for(store: SqlStore, run_id: int, clock: Clock | None = None) -> Iterator[None]:
    """Holds the database as soon as no other run does, the oldest first.

    Raises:
        RunCancelledError: the run was cancelled meanwhile.
    """
    clock = clock or Clock()
    while True:
        if store.runs.wish(run_id) == "cancel":
            store.runs.end(run_id, "cancelled")
            raise RunCancelledError("cancelled before it began", hint=GOES_ON)
        held = None if _others_first(store.runs, run_id) else _held(store)
        if held is not None:
            break
        store.runs.tell(run_id, "queued", RunProgress(WAITING))
        clock.sleep(EVERY_S)
    with held:
        yield


def _held(store: SqlStore) -> ExitStack | None:
    """The database, held; None where another run holds it."""
    with ExitStack() as stack:
        try:
            stack.enter_context(store.analyzing())
        except DatabaseInUseError:
            return None
        return stack.pop_all()


def _others_first(runs: Runs, run_id: int) -> bool:
    return any(run.state == "queued" and run.process is not None and run.run_id < run_id for run in runs.all())


def given_run() -> int | None:
    """The run that this command is, where somebody else started it."""
    text = os.environ.get(RUN_VARIABLE, "")
    return int(text) if text.isascii() and text.isdecimal() else None


def options_again(options: AnalyzeOptions) -> list[str]:
    """The options by which an analysis goes on from another folder, as words of a command line."""
    words = []
    for field in dataclasses.fields(AnalyzeOptions):
        value = getattr(options, field.name)
        if field.name == "config" and value is None:
            value = own_file()
        if field.name in _OF_ONE_COMMAND or value in (None, False, field.default):
            continue
        name = f"--{field.name.replace('_', '-')}"
        for one in value if isinstance(value, list) else [value]:
            words += [name] if one is True else [name, str(one.absolute() if isinstance(one, Path) else one)]
    return words
