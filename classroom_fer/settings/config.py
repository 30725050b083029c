"""One run's settings: the record, what names its work and its results (hashes), and where it is read from.

Precedence: command line > ``--config file.toml`` > defaults. All constants live in ``rules.toml``; the same tables may
stand in a user's file, where they override single values.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, InstanceOf, model_validator
from pydantic.dataclasses import dataclass

from classroom_fer.errors import ConfigError, StoreError
from classroom_fer.lesson.records import NOTHING_DECLARED, Policy
from classroom_fer.lesson.regions import Region
from classroom_fer.settings.declaration import make_policy
from classroom_fer.settings.description import RECORD, About, Number, Pixels, Seconds, Unit, Whole, read_record, wrong
from classroom_fer.settings.report_style import ReportStyle
from classroom_fer.settings.rules import Rules
from classroom_fer.settings.sources import Sources, from_file, from_options, from_session, merged, shipped, spelled

OBSERVATION_VERSION = 1
"""Raise it whenever the code makes other face rows from the same film and settings."""
RESULT_VERSION = 1
"""Raise it whenever the code makes other results (tracks, class values) from the same face rows, tasks and settings.

Stored sessions of another version are computed again from their face rows before anything of them is shown.
0 stands for sessions that were stored before there were versions."""


@dataclass(config=RECORD, frozen=True, slots=True)
class Config:
    """One run's settings. ``rules`` as in rules.toml; the rest has an option of the same name, or a table."""

    rules: Rules
    fps: Annotated[Number, Field(ge=0.05, le=30), Unit("samples/s"), About("samples a second of film")] = 1.0
    min_face: Annotated[
        Whole, Field(ge=12, le=1000), Unit("px"), About("shorter side of the smallest face that is looked for")
    ] = 20
    start_s: Annotated[Seconds, About("where in the film the analysis begins")] = 0.0
    end_s: Annotated[Seconds | None, About("and where it ends; left out: the film's end")] = None
    chunk_s: Annotated[
        Number, Field(ge=10, le=3600), Unit("s"), About("film time that is analysed and stored at once")
    ] = 120.0
    retention_days: Annotated[
        Whole, Field(ge=0, le=36500), Unit("days"), About("then `purge --expired` removes a session")
    ] = 365
    threads: Annotated[Whole, Field(ge=0, le=256), About("CPU threads; 0 = all cores")] = 0
    profile: Annotated[
        Literal["research", "teacher", "presence"], About("privacy profile (docs/privacy.md)")
    ] = "research"
    policy: InstanceOf[Policy] = NOTHING_DECLARED
    regions: tuple[InstanceOf[Region], ...] = ()
    """Opt-out regions, blacked out before faces are looked for."""
    report_style: ReportStyle = ReportStyle()
    """How the PDF looks; the table ``[report]``."""

    @model_validator(mode="after")
    def _ends_after_its_start(self) -> Config:
        if self.end_s is not None and self.end_s <= self.start_s:
            message = f"the end ({self.end_s:g} s) is not after the start ({self.start_s:g} s)"
            raise wrong(message, "swap --start and --end")
        return self

    @property
    def infers(self) -> bool:
        """Whether expressions and directions may be inferred at all (safeguard S1)."""
        return self.profile != "presence"

    def observation_sha256(self) -> str:
        """Hash of the settings that change face rows."""
        table: dict[str, Any] = {
            "version": OBSERVATION_VERSION,
            "fps": self.fps,
            "min_face": self.min_face,
            "start_s": self.start_s,
            "end_s": self.end_s,
            "chunk_s": self.chunk_s,
            "expression": dataclasses.asdict(self.rules.expression),
        }
        if self.regions:  # left out where there are none, so that earlier sessions keep their hash
            table["regions"] = [dataclasses.asdict(region) for region in self.regions]
        if not self.infers:
            table["inferred"] = False
        return _digest(table)

    def settings_sha256(self) -> str:
        """Hash of every setting that can change a printed number, or which rows are kept (the profile).

        What was declared and how long a session is kept change none.
        """
        table = self.as_dict()
        return _digest({name: value for name, value in table.items() if name not in CHANGES_NO_NUMBER})

    def as_dict(self) -> dict[str, Any]:
        """JSON-able, for the store; without the report's style and the threads, which are of one run."""
        table = dataclasses.asdict(dataclasses.replace(self, report_style=ReportStyle()))
        del table["threads"], table["report_style"]
        result: dict[str, Any] = json.loads(json.dumps(table))
        return result


CHANGES_NO_NUMBER = frozenset({"policy", "retention_days"})
"""Stored with a session, and in no hash."""


def _digest(table: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(table, sort_keys=True).encode()).hexdigest()


def default_config() -> Config:
    """The shipped defaults."""
    return load_config(None, {})


def load_config(path: Path | None, flags: Mapping[str, Any], *, stored: Mapping[str, Any] | None = None) -> Config:
    """Defaults, or what a session ``stored`` (``Config.as_dict``); then ``path``, then ``flags`` (None = not given).

    Raises:
        ConfigError: unknown key (with the nearest known one), wrong type, value out of range.
        StoreError: what the session stored is damaged.
    """
    file = from_file(path, Config) if path is not None else {}
    base = shipped() if stored is None else _readable(stored)
    table = merged(merged(base, file), from_options(flags))
    table["policy"] = make_policy(table.get("policy", {}), str(path) if path else "settings")
    return read_record(Config, table, spell=spelled, origin=Sources(path, file).origin)


def stored_config(settings: Mapping[str, Any]) -> Config:
    """What a session was made with, from what the store keeps of it, whatever release stored it.

    Raises:
        StoreError: the stored settings are damaged.
    """
    return load_config(None, {}, stored=settings)


def _readable(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The table of a stored session, if it makes a config."""
    try:
        table = from_session(settings, Config)
        policy = make_policy(table["policy"], "settings")
        read_record(Config, {**table, "policy": policy}, spell=spelled)
    except (ConfigError, TypeError, ValueError, AttributeError, KeyError) as error:
        raise StoreError(
            f"the session's stored settings cannot be read ({error})",
            hint="analyze the film again with --fresh",
        ) from error
    return table
