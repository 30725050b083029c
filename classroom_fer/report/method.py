"""The method page: formulas, weights, bounds, provenance. Pure."""

from __future__ import annotations

import hashlib
import json
import math

from classroom_fer.lesson.records import EMOTIONS, Declaration, SessionResult, SessionStart, StoredSession
from classroom_fer.report.appendix import bounds
from classroom_fer.report.calibration import calibration
from classroom_fer.report.checked_by_observers import checked_by_observers
from classroom_fer.report.formatting import plain
from classroom_fer.report.sections import window
from classroom_fer.report.view_records import Method
from classroom_fer.report.wording import TEXT, Wording
from classroom_fer.settings.config import stored_config
from classroom_fer.settings.rules import Rules

DETECTOR_NAMES = {"centerface": "CenterFace", "mtcnn": "MTCNN"}
"""As papers write them, by the setting ``detector``."""
HASH_SHOWN = 12
"""Characters of a fingerprint on paper; the database holds all 64 (choice)."""


def method_page(session: StoredSession, result: SessionResult, rules: Rules, say: Wording) -> Method:
    """Everything a reader needs to check or repeat the numbers."""
    table = rules.weight_sets[rules.weight_set]
    digest = hashlib.sha256(json.dumps(dict(table), sort_keys=True).encode()).hexdigest()[:HASH_SHOWN]
    faces = sum(count for _, count in result.visibility.abstentions)
    presence = session.start.profile == "presence"
    return Method(
        formulas=_presence_formulas(rules, say) if presence else _formulas(session, rules, say),
        weights=() if presence else tuple((say(f"emotion_{name}"), say.whole(100 * table[name])) for name in EMOTIONS),
        weights_note=say("weights_note", name=plain(rules.weight_set), hash=digest),
        bounds=_bounds(result, say),
        bounds_note=say("bounds_note"),
        abstentions=_abstentions(result, say) if faces else (),
        abstentions_note=say.plural("abstentions_note", faces),
        checked=checked_by_observers(session.validation, say) if session.validation and not presence else None,
        provenance=_provenance(session, result, say),
        versions=" · ".join(f"{plain(name)} {plain(version)}" for name, version in session.start.versions.items()),
    )


def _formulas(session: StoredSession, rules: Rules, say: Wording) -> tuple[tuple[str, str], ...]:
    pose, expression, e, compare, m = rules.pose, rules.expression, rules.evidence, rules.compare, rules.moments
    texts = {
        "formula_index": {"alpha": say.percent(rules.alpha_orientation)},
        "formula_o": {
            "px": say.whole(pose.min_face_px),
            "full": say.whole(pose.yaw_full),
            "zero": say.whole(pose.yaw_zero),
            "down": say.whole(pose.down),
        },
        "formula_e": {"px": say.whole(expression.min_face_px), "yaw": say.whole(expression.max_yaw)},
        "formula_bins": {
            "fps": _rate(session.start.sample_fps, say),
            "seconds": say.whole(rules.bins.seconds),
            "bins": say.whole(e.track_min_bins),
            "share": say.percent(e.track_min_share),
        },
        "formula_class": {"min_group": say.whole(e.min_group)},
        "formula_compare": {"points": say.whole(compare.min_points), "gap": say.whole(100 * compare.max_cov_gap)},
        "formula_moments": {
            "window": window(m.window_s, say),
            "points": say.whole(m.min_points),
            "t": say.whole(m.min_t),
            "guard": say.whole(m.guard_s),
        },
    }
    return tuple((say(key), say(f"{key}_text", **values)) for key, values in texts.items())


def _presence_formulas(rules: Rules, say: Wording) -> tuple[tuple[str, str], ...]:
    values = {"seconds": say.whole(rules.bins.seconds), "min_group": say.whole(rules.evidence.min_group)}
    return ((say("formula_bins"), say("formula_presence_text", **values)),)


def _rate(fps: float, say: Wording) -> str:
    if fps == 1:
        return say("samples_one")
    if fps < 1 and math.isclose(1 / fps, round(1 / fps)):
        return say("samples_every", seconds=say.whole(round(1 / fps)))
    return say.plural("samples_many", int(fps)) if fps == int(fps) else say("samples_rate", rate=say.setting(fps))


def _bounds(result: SessionResult, say: Wording) -> tuple[tuple[str, str, str, str], ...]:
    """O as seen and the range in which it lies whatever the unseen faces did: C * O to C * O + 1 - C."""
    rows = []
    for number, summary in enumerate(sorted(result.tasks, key=lambda s: s.task.start_s), start=1):
        if summary.orientation is not None:
            seen = say.share(summary.orientation.value)
            rows.append((say.whole(number), plain(summary.task.name, 60), seen, bounds(summary, say)))
    return tuple(rows)


def _abstentions(result: SessionResult, say: Wording) -> tuple[tuple[str, str], ...]:
    known = [(reason, count) for reason, count in result.visibility.abstentions if f"abstention_{reason}" in TEXT]
    total = sum(count for _, count in known)
    return tuple((say(f"abstention_{reason}"), say.share(count / total)) for reason, count in known)


def _declared(declaration: Declaration, say: Wording) -> str:
    """Everything that was declared about the study (safeguard S2)."""
    country = say.country(declaration.jurisdiction) if declaration.jurisdiction else None
    known = f"setting_{declaration.setting}"
    setting = say(known) if known in TEXT else declaration.setting
    given = {"jurisdiction": country, "setting": setting, "purpose": declaration.purpose,
             "legal_basis": declaration.legal_basis, "dpia": declaration.dpia}  # fmt: skip
    said = [say(f"declared_{name}", value=plain(text, 500)) for name, text in given.items() if text]
    return "; ".join(said) if said else say("prov_declared_none")


def _settings(start: SessionStart, say: Wording) -> str:
    """The fingerprint of the settings, and those that decide which faces are found."""
    used = stored_config(start.settings)
    return say(
        "prov_settings_text",
        hash=start.settings_sha256[:HASH_SHOWN],
        detector=DETECTOR_NAMES[used.detector],
        px=used.min_face,
    )


def _looks(start: SessionStart, say: Wording) -> str:
    """Where in the pictures faces were looked for."""
    used = stored_config(start.settings)
    every_s = used.rules.looks.whole_every_s
    if used.detector != "centerface" or not every_s:
        return say("prov_looks_all")
    return say("prov_looks_between", seconds=say.setting(every_s))


def _provenance(session: StoredSession, result: SessionResult, say: Wording) -> tuple[tuple[str, str], ...]:
    start, seen = session.start, result.visibility
    until = say("prov_until", date=say.day(start.expires_on)) if start.expires_on else say("prov_forever")
    kept = say("prov_kept_text", profile=plain(start.profile), until=until)
    film = say(
        "prov_film_text",
        name=plain(start.video_name),
        width=start.width_px,
        height=start.height_px,
        hash=start.video_sha256[:HASH_SHOWN],
    )
    read = say(
        "prov_seen_text",
        sampled=say.count("pictures", seen.frames_sampled),
        lost=say.count("frames", seen.frames_lost),
        unseen=say.minutes(seen.unseen_s),
    )
    rows = [
        (
            say("prov_session"),
            say("prov_session_text", number=session.session_id, date=say.day(session.analyzed_at)),
        ),
        (say("prov_declared"), _declared(start.declaration, say)),
        (say("prov_film"), film),
        (say("prov_seen"), read),
        (say("prov_model"), say("prov_model_text", hash=start.model_sha256[:HASH_SHOWN])),
        (say("prov_settings"), _settings(start, say)),
        (say("prov_looks"), _looks(start, say)),
        (say("prov_kept"), kept),
    ]
    temperature, ece = calibration(start.settings)
    known = [say("prov_temperature", value=say.decimal(temperature))] if temperature is not None else []
    known += [say("prov_ece", value=say.percent(ece))] if ece is not None else []
    if known:
        rows.insert(5, (say("prov_calibration"), "; ".join(known)))
    return tuple(rows)
