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
from typing import Any, Literal

from pydantic import InstanceOf
from pydantic.dataclasses import dataclass

from classroom_fer.errors import ConfigError, StoreError
from classroom_fer.lesson.records import NOTHING_DECLARED, Declaration
from classroom_fer.lesson.regions import Region
from classroom_fer.settings.declaration import make_declaration
from classroom_fer.settings.fields import REQUIRED, STRICT, Checked, Number, Whole, came_later, setting
from classroom_fer.settings.report_style import ReportStyle
from classroom_fer.settings.rules import Rules
from classroom_fer.settings.sources import from_file, from_options, from_session, merged, shipped
from classroom_fer.settings.versions import OBSERVATION_VERSION


@dataclass(frozen=True, slots=True, config=STRICT)
class Config(Checked):
    """One run's settings. ``rules`` as in rules.toml; the rest has an option of the same name, or a table."""

    rules: Rules = setting(REQUIRED, "constants of tracking and measurement")
    fps: Number = setting(1.0, "samples a second of film", limits=(0.05, 30), unit="samples/s", source="choice")
    min_face: Whole = setting(
        20, "longer side of the smallest face that counts", limits=(12, 1000), unit="px", source="choice"
    )
    detector: Literal["centerface", "mtcnn"] = came_later(
        setting("centerface", "what finds faces; mtcnn: as the first release, for comparisons with it"), "mtcnn"
    )
    start_s: Number = setting(0.0, "where in the film the analysis begins", limits=(0, 1e6), unit="s")
    end_s: Number | None = setting(None, "and where it ends; left out: the film's end", limits=(None, 1e9), unit="s")
    chunk_s: Number = setting(
        120.0, "film time that is analysed and stored at once", limits=(10, 3600), unit="s", source="choice"
    )
    retention_days: Whole = setting(
        365, "then `purge --expired` removes a session", limits=(0, 36500), unit="days", source="choice"
    )
    threads: Whole = setting(0, "CPU threads; 0 = all cores", limits=(0, 256))
    jobs: Whole = setting(0, "processes of `--jobs auto`; 0 = one for each core", limits=(0, 256))
    profile: Literal["research", "teacher", "presence"] = setting("research", "privacy profile (docs/privacy.md)")
    declaration: InstanceOf[Declaration] = NOTHING_DECLARED
    """What was declared; the table ``[policy]``."""
    regions: tuple[InstanceOf[Region], ...] = ()
    """Opt-out regions, blacked out before faces are looked for."""
    report_style: ReportStyle = setting(ReportStyle(), "how the PDF looks; the table [report]")

    def __post_init__(self) -> None:
        if self.end_s is not None and self.end_s <= self.start_s:
            raise ConfigError(
                f"the end ({self.end_s:g} s) is not after the start ({self.start_s:g} s)",
                hint="swap --start and --end",
            )

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
            "detector": self.detector,
            "expression": dataclasses.asdict(self.rules.expression),
        }
        if self.detector == "centerface":
            table["looks"] = dataclasses.asdict(self.rules.looks)
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
        """JSON-able, for the store; without the report's style, threads and processes, which are of one run."""
        table = dataclasses.asdict(dataclasses.replace(self, report_style=ReportStyle()))
        del table["threads"], table["jobs"], table["report_style"]
        result: dict[str, Any] = json.loads(json.dumps(table))
        return result


CHANGES_NO_NUMBER = frozenset({"declaration", "retention_days"})
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
    table = shipped() if stored is None else _readable(stored)
    if path is not None:
        table = merged(table, from_file(path, Config))
        _config(table, f"{path}: ")
    return _config(merged(table, from_options(flags)))


def _config(table: Mapping[str, Any], origin: str = "") -> Config:
    """The record that a table makes; ``origin`` goes before the message of an error."""
    try:
        return Config(**{**table, "declaration": make_declaration(table.get("declaration", {}))})
    except ConfigError as error:
        raise ConfigError(f"{origin}{error}", hint=error.hint) from error


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
        _config(table)
    except (ConfigError, TypeError, ValueError, AttributeError, KeyError) as error:
        raise StoreError(
            f"the session's stored settings cannot be read ({error})",
            hint="analyze the film again with --fresh",
        ) from error
    return table
