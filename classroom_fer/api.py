"""The Python interface: lessons in, results as pandas tables out.

.. code-block:: python

    import classroom_fer as cf

    cf.analyze("lesson.mp4", tasks="tasks.csv", db="study.sqlite")
    with cf.open("study.sqlite") as study:
        tasks = study.tasks("lesson.mp4")
        timeline = study.timeline("lesson.mp4")

What is listed here keeps its names, signatures, columns and dtypes from release to release; a test holds them. The
tables are the views of the database (docs/data-dictionary.md): what a report would hide, of small groups or by the
profile, is missing here too. Nothing is computed or changed by reading.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pandas as pd

from classroom_fer.analysis import Analyzer, Request
from classroom_fer.commands.settings import settings_for_a_run
from classroom_fer.data_frames import as_frame
from classroom_fer.errors import ClassroomFerError
from classroom_fer.lesson.records import StoredSession
from classroom_fer.session_choice import find_session, with_older_results
from classroom_fer.store.asking.open import asking
from classroom_fer.store.asking.sql_text import Value
from classroom_fer.store.dictionary import entries
from classroom_fer.store.place import DEFAULT_DB
from classroom_fer.store.store import open_reader, open_store

__all__ = ["Analysis", "ClassroomFerError", "OlderRulesWarning", "Study", "analyze", "open"]

Session = int | str
"""A session's number, its film's name, or "latest"."""


class OlderRulesWarning(UserWarning):
    """Results by other rules than this program's: compute them again with ``classroom-fer aggregate SESSION``."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """What became of one film."""

    session: int
    """Its number in the database."""
    database: str
    """Where that is: a path, or a URL without its password."""
    report: Path | None
    """The PDF; None where none was asked for."""
    reused: bool
    """Whether the film was not looked at again, because its faces were in the database already."""


def analyze(
    video: str | PathLike[str],
    *,
    tasks: str | PathLike[str] | None = None,
    db: str | PathLike[str] = DEFAULT_DB,
    report_folder: str | PathLike[str] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Analysis:
    """Analyses one recorded lesson, as ``classroom-fer analyze`` does; what is finished is not done again.

    Args:
        video: the film.
        tasks: a table of tasks; without one the lesson is one task.
        db: the database's file or URL; made if there is none.
        report_folder: where the PDF goes; None = no PDF.
        settings: what differs from the defaults and from classroom-fer.toml of the working folder, by the names of
            docs/settings.md: ``{"fps": 2.0}``.

    Raises:
        ClassroomFerError: the film, the tasks, a setting or the database is bad, or what was declared forbids the
            profile; its ``hint`` says what to do.
    """
    config = settings_for_a_run(None, dict(settings or {}))
    folder = None if report_folder is None else Path(report_folder)
    request = Request(Path(video), None if tasks is None else Path(tasks), folder)
    with open_store(fspath(db)) as store, store.analyzing():
        outcome = Analyzer(config, store).analyze(request, lambda _: None)
        return Analysis(outcome.session.session_id, store.where, outcome.report, outcome.reused)


def open(db: str | PathLike[str] = DEFAULT_DB) -> Study:
    """Opens the database of a study for reading.

    Args:
        db: its file or URL.

    Raises:
        ClassroomFerError: there is none, or it cannot be read.

    Warns:
        OlderRulesWarning: another version's rules made results in it; the sessions are named.
    """
    return Study(fspath(db))


class Study:
    """The sessions of a database as tables. Use it as a context manager, or close it.

    Each method gives a new DataFrame with the columns of a view in their order. dtypes: ``Int64`` whole numbers,
    ``float64`` measures (NaN = missing), ``string`` texts, ``datetime64[us, UTC]`` times of day, ``object`` lists.
    Seconds are from media start. ``session`` is a number, a film's name or "latest"; None = all sessions.
    """

    def __init__(self, db: str) -> None:
        with ExitStack() as opened:
            self._store = opened.enter_context(open_reader(db))
            self._database = opened.enter_context(asking(self._store))
            self._opened = opened.pop_all()
        _warn_of_older_rules(self._store.sessions())

    def __enter__(self) -> Study:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the database; the tables stay."""
        self._opened.close()

    def sessions(self) -> pd.DataFrame:
        """One row per analysed film (``v_session``), oldest first."""
        return self._view("v_session", None, "session_id")

    def tasks(self, session: Session | None = None) -> pd.DataFrame:
        """The class during each task (``v_task``), in lesson order; ``not_shown_because`` says why some are missing."""
        return self._view("v_task", session, "session_id, start_s")

    def timeline(self, session: Session | None = None) -> pd.DataFrame:
        """The class in each bin of time (``v_timeline``), in order of time."""
        return self._view("v_timeline", session, "session_id, start_s")

    def moments(self, session: Session | None = None) -> pd.DataFrame:
        """Times at which the class changed (``v_moment``), in order of time."""
        return self._view("v_moment", session, "session_id, time_s")

    def comparisons(self, session: Session | None = None) -> pd.DataFrame:
        """Pairs of tasks with their difference, interval and verdict (``v_comparison``)."""
        return self._view("v_comparison", session, "session_id, first_task, second_task")

    def tracks(self, session: Session | None = None) -> pd.DataFrame:
        """What was followed (``v_track``); no row where the profile teacher deleted them. Numbers mean nothing outside
        their session."""
        return self._view("v_track", session, "session_id, track_id")

    def faces(self, session: Session) -> pd.DataFrame:
        """Each face in each sampled frame of one session (``v_face``): numbers that only the profile research keeps."""
        return self._view("v_face", session, "session_id, frame_index, held, x1")

    def frames(self, session: Session) -> pd.DataFrame:
        """Each sampled frame of one session and how the camera had moved (``v_frame``), in order of time."""
        return self._view("v_frame", session, "session_id, time_s")

    def sizes(self, session: Session | None = None) -> pd.DataFrame:
        """How many faces were how large (``v_size``)."""
        return self._view("v_size", session, "session_id, from_px")

    def abstentions(self, session: Session | None = None) -> pd.DataFrame:
        """How many faces have no usable expression, by reason (``v_abstention``)."""
        return self._view("v_abstention", session, "session_id, reason")

    def labels(self, session: Session | None = None) -> pd.DataFrame:
        """The free labels of sessions (``v_label``)."""
        return self._view("v_label", session, "session_id, label")

    def aggregations(self, session: Session | None = None) -> pd.DataFrame:
        """Every result of a session (``v_aggregation``): its own, called default, and those with a name."""
        return self._view("v_aggregation", session, "session_id, aggregation")

    def aggregated_tasks(self, session: Session | None = None) -> pd.DataFrame:
        """As ``tasks``, of every result (``v_aggregated_task``)."""
        return self._view("v_aggregated_task", session, "session_id, aggregation, start_s")

    def aggregated_timeline(self, session: Session | None = None) -> pd.DataFrame:
        """As ``timeline``, of every result that shows its course (``v_aggregated_timeline``)."""
        return self._view("v_aggregated_timeline", session, "session_id, aggregation, start_s")

    def query(self, sql: str, /, **values: Value) -> pd.DataFrame:
        """The answer to a question in SQL (docs/queries.md has twenty-one); nothing can be changed by it.

        Args:
            sql: one SELECT.
            values: one for each of its ``:named`` parameters; numbers of NumPy and pandas do too, and pd.NA is NULL.

        Returns:
            A table of what was asked for, with the dtypes that pandas infers.

        Raises:
            ClassroomFerError: it is wrong, or would do more than read.
        """
        answer = self._database.ask(sql, {name: _plain(value) for name, value in values.items()})
        return pd.DataFrame(list(answer.rows), columns=list(answer.columns))

    def dictionary(self) -> pd.DataFrame:
        """Every view and column with type, unit and meaning."""
        rows = [(e.object, e.column, e.type, e.unit, e.description) for e in entries()]
        return pd.DataFrame(rows, columns=["object", "column", "type", "unit", "description"], dtype="string")

    def _view(self, view: str, session: Session | None, order: str) -> pd.DataFrame:
        where, values = "", {}
        if session is not None:
            where, values = " WHERE session_id = :session", {"session": self._number(session)}
        answer = self._database.ask(f"SELECT * FROM {view}{where} ORDER BY {order}", values)
        return as_frame(view, answer)

    def _number(self, session: Session) -> int:
        return find_session(str(session), self._store.sessions()).session_id


def _plain(value: Any) -> Value:
    """What a database driver knows, of a value out of a table."""
    if value is pd.NA:
        return None
    plain: Value = value.item() if isinstance(value, np.generic) else value
    return plain


def _warn_of_older_rules(sessions: list[StoredSession]) -> None:
    older = with_older_results(sessions)
    if older:
        warnings.warn(
            f"results by older rules than this program's: session {', '.join(map(str, older))}; "
            "classroom-fer aggregate SESSION computes them again",
            OlderRulesWarning,
            stacklevel=4,
        )
