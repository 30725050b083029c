"""Settings: the record, defaults, TOML, validation and stable hashes.

Precedence: command line > ``--config file.toml`` > defaults. All constants of the measurement live in ``rules.toml``;
the same tables may stand in a user's file, where they override single values.
"""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
import json
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classroom_fer.errors import ConfigError
from classroom_fer.lesson.records import EMOTIONS, NOTHING_DECLARED, PROFILES, Policy
from classroom_fer.lesson.regions import Region, read_regions, restored
from classroom_fer.settings.declaration import make_policy, make_profile
from classroom_fer.settings.report_style import DEFAULT_LOOK, LOOK_KEYS, Look, make_look

RULES_FILE = Path(__file__).with_name("rules.toml")
OBSERVATION_VERSION = 1
"""Raise it whenever the code makes other face rows from the same film and settings."""


@dataclass(frozen=True, slots=True)
class PoseRules:
    yaw_full: float
    yaw_zero: float
    down: float
    min_face_px: float
    baseline_min_samples: int
    baseline_min_span_s: float
    baseline_max_dev: float
    line_min_tracks: int


@dataclass(frozen=True, slots=True)
class ExpressionRules:
    min_face_px: float
    good_face_px: float
    max_yaw: float
    min_det_conf: float
    min_p: float


@dataclass(frozen=True, slots=True)
class BinRules:
    seconds: float
    min_pose: int
    min_expr: int


@dataclass(frozen=True, slots=True)
class EvidenceRules:
    min_group: int
    n_grade_b: int
    n_grade_a: int
    c_min: float
    c_b: float
    c_a: float
    task_min_s: float
    track_min_bins: int
    track_min_share: float
    timeline_min_tracks: int
    timeline_min_share: float


@dataclass(frozen=True, slots=True)
class CompareRules:
    min_points: float
    max_cov_gap: float
    alphas: tuple[float, ...]
    level: float


@dataclass(frozen=True, slots=True)
class MomentRules:
    window_s: float
    min_bins: int
    min_points: float
    min_t: float
    max: int
    guard_s: float
    min_apart_s: float


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything the pure half needs besides rows and tasks."""

    profile: str
    """Name of the weight profile in use."""
    alpha_orientation: float
    profiles: Mapping[str, Mapping[str, float]]
    """Weight of each emotion, per profile."""
    pose: PoseRules
    expression: ExpressionRules
    bins: BinRules
    evidence: EvidenceRules
    compare: CompareRules
    moments: MomentRules

    def weights(self, profile: str | None = None) -> tuple[float, ...]:
        """Weights in EMOTIONS order of ``profile`` (default: the one in use)."""
        table = self.profiles[profile or self.profile]
        return tuple(table[name] for name in EMOTIONS)


@dataclass(frozen=True, slots=True)
class Config:
    """One run's settings. ``rules`` as in rules.toml; the rest has a flag of the same name."""

    rules: Rules
    fps: float = 1.0
    """Samples a second of film."""
    min_face: int = 20
    """Shorter side of the smallest face that is looked for, pixels."""
    start_s: float = 0.0
    end_s: float | None = None
    chunk_s: float = 120.0
    """Film time that is analysed and committed at once."""
    retention_days: int = 365
    """Days until ``purge --expired`` removes a session (choice)."""
    threads: int = 0
    """CPU threads; 0 = all cores."""
    profile: str = "research"
    """Privacy profile, one of types.PROFILES (not the profile of weights, which is ``rules.profile``)."""
    policy: Policy = NOTHING_DECLARED
    regions: tuple[Region, ...] = ()
    """Opt-out regions, blacked out before faces are looked for."""
    look: Look = DEFAULT_LOOK
    """How the PDF looks; the table ``[report]``."""

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

    @property
    def infers(self) -> bool:
        """Whether expressions and directions may be inferred at all (safeguard S1)."""
        return self.profile != "presence"

    def settings_sha256(self) -> str:
        """Hash of every setting that can change a printed number. What was declared changes none."""
        return _digest({name: value for name, value in self.as_dict().items() if name != "policy"})

    def as_dict(self) -> dict[str, Any]:
        """JSON-able; leaves out what changes no number (threads, look)."""
        table = dataclasses.asdict(dataclasses.replace(self, look=DEFAULT_LOOK))
        del table["threads"], table["look"]
        result: dict[str, Any] = json.loads(json.dumps(table))
        return result


def _digest(table: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(table, sort_keys=True).encode()).hexdigest()


TOP_LEVEL = {"fps", "min_face", "chunk_s", "retention_days", "threads", "start_s", "end_s"}
POLICY_KEYS = ("profile", *(field.name for field in dataclasses.fields(Policy)))
SECTIONS: dict[str, type] = {
    "pose": PoseRules,
    "expression": ExpressionRules,
    "bins": BinRules,
    "evidence": EvidenceRules,
    "compare": CompareRules,
    "moments": MomentRules,
}


def default_config() -> Config:
    """The shipped defaults."""
    return load_config(None, {})


def load_config(path: Path | None, flags: Mapping[str, Any], *, stored: Mapping[str, Any] | None = None) -> Config:
    """Defaults, then what a session ``stored`` (``Config.as_dict``), then ``path``, then ``flags`` (None = not given).

    Raises:
        ConfigError: unknown key (with the nearest known one), wrong type, value out of range.
    """
    table = tomllib.loads(RULES_FILE.read_text(encoding="utf-8"))
    table |= {"policy": dict.fromkeys(POLICY_KEYS), "regions": None}
    look: dict[str, Any] = {}
    if stored is not None:
        table |= _stored_table(stored)
    if path is not None:
        given = _read_toml(path)
        look = _table_of(given, "report", where=str(path))
        _merge(table, given, where=str(path))
        if "regions" in given:
            table["regions"] = _regions_file(given["regions"], path)
    for key, value in flags.items():
        if key in LOOK_KEYS:
            continue
        if value is not None and key == "profile":
            table["policy"]["profile"] = value
        elif value is not None:
            table["profile" if key == "weights" else key] = value
    config = _build(table, where=str(path) if path else "settings")
    _check(config)
    chosen = {key: value for key, value in flags.items() if key in LOOK_KEYS}
    return dataclasses.replace(config, look=make_look(look, chosen, where=path))


def _table_of(given: dict[str, Any], name: str, *, where: str) -> dict[str, Any]:
    """Takes a table out of a settings file; empty if it is not there."""
    value = given.pop(name, {})
    if not isinstance(value, dict):
        raise ConfigError(f"{where}: {name} must be a table", hint=f"write [{name}] and its keys below")
    return value


def _stored_table(settings: Mapping[str, Any]) -> dict[str, Any]:
    """A session's settings as the table that a TOML file would give."""
    rules = settings["rules"]
    known = {key: settings[key] for key in TOP_LEVEL if key in settings}
    top = {key: rules[key] for key in ("profile", "alpha_orientation", "profiles")}
    policy = {"profile": settings.get("profile")} | settings.get("policy", {})
    added = {"policy": dict.fromkeys(POLICY_KEYS) | policy, "regions": settings.get("regions", [])}
    return known | top | added | {"rules": {name: dict(rules[name]) for name in SECTIONS}}


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: no such config file", hint="check the path given to --config") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({error})", hint="save it as UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}", hint="see https://toml.io for the syntax") from error


def _merge(base: dict[str, Any], extra: Mapping[str, Any], *, where: str, prefix: str = "") -> None:
    top = prefix == ""
    known = set(base) | (TOP_LEVEL if top else set())
    for key, value in extra.items():
        name = f"{prefix}{key}"
        if key not in known and prefix != "profiles.":
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {prefix}{near[0]}?" if near else f"known keys: {', '.join(sorted(known))}"
            raise ConfigError(f"{where}: unknown setting {name!r}", hint=hint)
        if isinstance(base.get(key), dict):
            if not isinstance(value, Mapping):
                raise ConfigError(f"{where}: {name} must be a table", hint=f"write [{name}] and its keys below")
            _merge(base[key], value, where=where, prefix=f"{name}.")
        else:
            base[key] = value


def _build(table: Mapping[str, Any], *, where: str) -> Config:
    sections: dict[str, Any] = {}
    for name, kind in SECTIONS.items():
        values = dict(table["rules"][name])
        for field in dataclasses.fields(kind):
            values[field.name] = _typed(values[field.name], field.type, f"{where}: rules.{name}.{field.name}")
        sections[name] = kind(**values)
    profiles = {name: _weights(weights, where, name) for name, weights in table["profiles"].items()}
    rules = Rules(
        profile=str(table["profile"]),
        alpha_orientation=_typed(table["alpha_orientation"], "float", f"{where}: alpha_orientation"),
        profiles=profiles,
        **sections,
    )
    fields = {f.name: f.type for f in dataclasses.fields(Config)}
    given = {key: _typed(table[key], fields[key], f"{where}: {key}") for key in TOP_LEVEL if key in table}
    return Config(
        rules=rules,
        profile=make_profile(table["policy"]["profile"], where),
        policy=make_policy(table["policy"], where),
        regions=_regions(table["regions"]),
        **given,
    )


def _regions_file(value: Any, config: Path) -> Path:
    """A config file names its regions file relative to itself."""
    if not isinstance(value, str):
        raise ConfigError(f"{config}: regions must be a file's name, not {value!r}", hint='regions = "regions.json"')
    return config.parent / value


def _regions(value: Path | list[Any] | None) -> tuple[Region, ...]:
    """From a file's path, or from what a session stored."""
    return read_regions(value) if isinstance(value, Path) else restored(value or [])


def _weights(weights: Any, where: str, name: str) -> dict[str, float]:
    if not isinstance(weights, Mapping) or set(weights) != set(EMOTIONS):
        raise ConfigError(
            f"{where}: weight profile {name!r} must have exactly these eight keys: {', '.join(EMOTIONS)}",
            hint="copy a profile from classroom_fer/rules.toml and change its numbers",
        )
    checked = {key: _typed(value, "float", f"{where}: profiles.{name}.{key}") for key, value in weights.items()}
    if max(checked.values()) <= min(checked.values()):
        raise ConfigError(f"{where}: weight profile {name!r} gives every emotion the same weight", hint="vary them")
    return {emotion: checked[emotion] for emotion in EMOTIONS}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _typed(value: Any, kind: Any, what: str) -> Any:
    kind = str(kind)
    number = _is_number(value)
    if kind == "int" and number and float(value).is_integer():
        return int(value)
    if kind == "float" and number:
        return float(value)
    if kind == "float | None" and (value is None or number):
        return None if value is None else float(value)
    if kind == "str" and isinstance(value, str):
        return value
    if kind.startswith("tuple") and isinstance(value, (list, tuple)) and value and all(map(_is_number, value)):
        return tuple(float(v) for v in value)
    words = {"int": "a whole number", "float": "a number", "str": "text"}.get(kind, "a list of numbers")
    raise ConfigError(f"{what} must be {words}, not {value!r}", hint="see classroom_fer/rules.toml for the default")


def _check(config: Config) -> None:
    for name, value, low, high in _limits(config):
        if not low <= value <= high:
            raise ConfigError(
                f"{name} must lie between {low:g} and {high:g}, not {value:g}", hint=f"set another {name}"
            )
    for smaller, larger in _orders(config.rules):
        if not smaller[1] < larger[1]:
            raise ConfigError(f"{smaller[0]} must be below {larger[0]}", hint="see classroom_fer/rules.toml")
    _check_span_and_profile(config)


def _limits(config: Config) -> list[tuple[str, float, float, float]]:
    """(name, value, lowest, highest); choices that keep every formula defined."""
    rules, share, most = config.rules, 1.0, 1e6
    table: list[tuple[str, float, float, float]] = [
        ("fps", config.fps, 0.05, 30),
        ("min_face", config.min_face, 12, 1000),
        ("chunk_s", config.chunk_s, 10, 3600),
        ("retention_days", config.retention_days, 0, 36500),
        ("threads", config.threads, 0, 256),
        ("start_s", config.start_s, 0, most),
        ("alpha_orientation", rules.alpha_orientation, 0, share),
        ("rules.evidence.min_group", rules.evidence.min_group, 2, 1000),
        ("rules.bins.seconds", rules.bins.seconds, 1, 600),
        ("rules.compare.level", rules.compare.level, 0.5, 0.999),
        *((f"rules.compare.alphas ({alpha:g})", alpha, 0, share) for alpha in rules.compare.alphas),
    ]
    shares = {"min_det_conf", "min_p", "c_min", "c_b", "c_a", "track_min_share", "timeline_min_share", "max_cov_gap"}
    at_least_one = {"min_pose", "min_expr", "track_min_bins", "timeline_min_tracks", "min_bins", "baseline_min_samples"}
    for section in SECTIONS:
        for name, value in dataclasses.asdict(getattr(rules, section)).items():
            if isinstance(value, (int, float)):
                low, high = (1 if name in at_least_one else 0), (share if name in shares else most)
                table.append((f"rules.{section}.{name}", value, low, high))
    return table


def _orders(rules: Rules) -> list[tuple[tuple[str, float], tuple[str, float]]]:
    """Pairs of settings of which the first must be smaller."""
    e = rules.evidence
    return [
        (("rules.pose.yaw_full", rules.pose.yaw_full), ("rules.pose.yaw_zero", rules.pose.yaw_zero)),
        (("rules.evidence.c_min", e.c_min), ("rules.evidence.c_b", e.c_b)),
        (("rules.evidence.c_b", e.c_b), ("rules.evidence.c_a", e.c_a)),
        (("rules.evidence.n_grade_b", e.n_grade_b), ("rules.evidence.n_grade_a", e.n_grade_a)),
        (("0", 0.0), ("rules.moments.window_s", rules.moments.window_s)),
    ]


def _check_span_and_profile(config: Config) -> None:
    if config.end_s is not None and config.end_s <= config.start_s:
        raise ConfigError(
            f"the end ({config.end_s:g} s) is not after the start ({config.start_s:g} s)", hint="swap --start and --end"
        )
    if config.rules.profile not in config.rules.profiles:
        near = difflib.get_close_matches(config.rules.profile, config.rules.profiles, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(config.rules.profiles)}"
        if config.rules.profile in PROFILES:
            hint = f'the privacy profile stands below [policy]: profile = "{config.rules.profile}"'
        raise ConfigError(f"unknown weight profile {config.rules.profile!r}", hint=hint)
