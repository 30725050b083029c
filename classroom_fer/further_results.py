"""Further results of a stored session beside its own: other tasks, weights, alpha, bins or ``min_group``; no film."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from classroom_fer.errors import ConfigError, PolicyError, StoreError
from classroom_fer.lesson.aggregations import DEFAULT, Aggregation
from classroom_fer.lesson.protocols import Tracker
from classroom_fer.lesson.records import Lesson, SessionResult, StoredSession, Task
from classroom_fer.lesson.tasks import TaskNotice
from classroom_fer.measurement.sensitivity import Variant, variants
from classroom_fer.measurement.side_by_side import Beside, Recipe, measure_beside
from classroom_fer.pipeline import Stopwatch, stored_lesson
from classroom_fer.session_choice import unfinished
from classroom_fer.session_start import given_tasks, stored_settings, versions
from classroom_fer.settings.config import CHANGES_NO_NUMBER, Config, stored_config
from classroom_fer.settings.declaration import check_allowed
from classroom_fer.settings.versions import RESULT_VERSION
from classroom_fer.store.store import SqlStore

MAY_DIFFER = ("weight_set", "weight_sets", "alpha_orientation", "bins.seconds", "evidence.min_group")
"""Rules of a named result that may be others than the session's own."""
BEGINNING = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Further:
    """A named result as it was stored."""

    aggregation: Aggregation
    result: SessionResult
    notices: tuple[TaskNotice, ...]
    """What should be said about the tasks file."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The name, and where its tasks and settings come from."""

    name: str
    tasks_file: Path | None
    tier: str | None
    """Of ELAN's tiers, the one that holds the tasks."""
    settings: Callable[[Mapping[str, Any]], Config]
    """Stored settings -> those that were asked for."""


def add_result(session: StoredSession, wanted: Wanted, store: SqlStore, tracker: Tracker) -> Further:
    """Computes a further result and stores it under its name; what has this name already is gone on from and replaced.

    Raises:
        PolicyError: beside what is there it would tell of fewer than ``min_group`` pupils; the profile is presence.
        StoreError: faces are missing, or were deleted (profile teacher).
        ConfigError: a setting that must stay as it is would change.
    """
    known = store.aggregations.of(session.session_id)
    before = next((one for one in known if one.name == wanted.name), None)
    config = wanted.settings(before.settings if before else session.start.settings)
    own = stored_settings(session.start)
    _check(session, config, own)
    table = given_tasks(wanted.tasks_file, session.start, wanted.tier)
    tasks = table.tasks or (before.tasks if before else session.tasks)
    lesson = _finished_lesson(session, store, tracker)
    others = [one for one in known if one.name != wanted.name]
    beside = measure_beside(lesson, Recipe(session.tasks, own.rules), _recipes(others), Recipe(tasks, config.rules))
    if beside is None:
        raise _gives_away(wanted.name, [DEFAULT, *(one.name for one in others)], own.rules.evidence.min_group)
    aggregation = _named(wanted.name, tasks, config, session, beside)
    store.aggregations.write(session.session_id, aggregation, beside.result)
    details: dict[str, object] = {
        "beside": True,
        "shows": aggregation.shows,
        "settings_sha256": aggregation.settings_sha256,
    }
    store.record("aggregate", session.session_id, details)
    stored = store.aggregations.named(session.session_id, wanted.name)
    return Further(stored, store.aggregations.result(session.session_id, wanted.name), table.notices)


def _named(name: str, tasks: tuple[Task, ...], config: Config, session: StoredSession, beside: Beside) -> Aggregation:
    """What is stored of a further result beside its values."""
    return Aggregation(
        name=name,
        tasks=tasks,
        settings=config.as_dict() | {"model": session.start.settings.get("model")},
        settings_sha256=config.settings_sha256(),
        versions=versions(),
        result_version=RESULT_VERSION,
        shows="everything" if beside.everything else "tasks",
        left_out=int(beside.left_out.sum()),
    )


def _recipes(known: Iterable[Aggregation]) -> list[Recipe]:
    """Of the results that were made, the oldest first."""
    made = sorted((one for one in known if one.made_at is not None), key=lambda one: one.made_at or BEGINNING)
    return [Recipe(one.tasks, stored_config(one.settings).rules) for one in made]


def session_variants(session: StoredSession, config: Config, store: SqlStore, tracker: Tracker) -> tuple[Variant, ...]:
    """The session's tasks under every set of weights and every alpha. Raises as ``add_result``; stores nothing."""
    own = stored_settings(session.start)
    _check(session, config, own, ("weight_sets",))
    rules = replace(own.rules, weight_sets=config.rules.weight_sets)
    return variants(_finished_lesson(session, store, tracker), rules)


def _finished_lesson(session: StoredSession, store: SqlStore, tracker: Tracker) -> Lesson:
    """What the pure half knows of a finished session. StoreError if its faces were deleted (profile teacher)."""
    if session.status != "finished":
        raise unfinished(session)
    return stored_lesson(session, store, tracker, Stopwatch())


def _check(session: StoredSession, config: Config, own: Config, may_differ: tuple[str, ...] = MAY_DIFFER) -> None:
    check_allowed(config.declaration, config.profile)
    if not own.infers:
        raise PolicyError(
            f"session {session.session_id} has the profile presence: there are no class values to compute otherwise",
            hint="its counts, coverage and minutes are in its report",
        )
    if session.start.result_version != RESULT_VERSION:
        raise StoreError(
            f"session {session.session_id} has results by older rules",
            hint=f"classroom-fer aggregate {session.session_id} computes them again; then give this command once more",
        )
    other = [name for name in _different(config, own) if name not in may_differ]
    if other:
        raise ConfigError(
            f"{', '.join(other)} cannot differ from the session's own",
            hint=f"what may: tasks, {', '.join(may_differ)}; for other settings leave --name out, or analyze again",
        )
    least = own.rules.evidence.min_group
    if config.rules.evidence.min_group < least:
        raise PolicyError(
            f"min_group {config.rules.evidence.min_group} is smaller than the session's own ({least}): it would show "
            "what is hidden there",
            hint="give the same or a larger one",
        )


def _different(config: Config, own: Config) -> list[str]:
    """Names of the settings in which two configurations differ, those of the rules without ``rules.``."""
    left_out = {*CHANGES_NO_NUMBER, "rules"}
    one, two = ({k: v for k, v in c.as_dict().items() if k not in left_out} for c in (config, own))
    rules_one, rules_two = (_flat(c.as_dict()["rules"]) for c in (config, own))
    pairs = [(name, one.get(name), two.get(name)) for name in sorted({*one, *two})]
    pairs += [(name, rules_one.get(name), rules_two.get(name)) for name in sorted({*rules_one, *rules_two})]
    return [name for name, first, second in pairs if first != second]


def _flat(rules: dict[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in rules.items():
        if isinstance(value, dict) and name != "weight_sets":
            flat |= {f"{name}.{key}": inner for key, inner in value.items()}
        else:
            flat[name] = value
    return flat


def _gives_away(name: str, beside: list[str], group: int) -> PolicyError:
    listed = ", ".join(beside)
    return PolicyError(
        f"aggregation {name!r} is not made: beside what is there ({listed}) its values would tell of fewer than "
        f"{group} pupils",
        hint="take tasks that differ by more, delete an aggregation, or leave --name out to replace the own result",
    )
