"""The method page: formulas, weights, bounds, provenance. Pure."""

from __future__ import annotations

import hashlib
import json

from classroom_fer.config import Rules
from classroom_fer.report.formatting import NBSP, minutes, percent, plain, share, whole
from classroom_fer.report.printable import Method
from classroom_fer.report.recorded import calibration
from classroom_fer.report.sections import is_shown
from classroom_fer.report.wording import Wording
from classroom_fer.types import EMOTIONS, SessionResult, StoredSession

HASH_SHOWN = 12
"""Characters of a fingerprint on paper; the database holds all 64 (choice)."""


def method_page(session: StoredSession, result: SessionResult, rules: Rules, say: Wording) -> Method:
    """Everything a reader needs to check or repeat the numbers."""
    table = rules.profiles[rules.profile]
    digest = hashlib.sha256(json.dumps(dict(table), sort_keys=True).encode()).hexdigest()[:HASH_SHOWN]
    faces = sum(count for _, count in result.visibility.abstentions)
    enough = (
        result.visibility.simultaneous_p95 >= rules.evidence.min_group
    )  # "turned away" of one pupil is S3's business
    return Method(
        formulas=_formulas(session, rules, say),
        weights=tuple((name, whole(100 * table[name])) for name in EMOTIONS),
        weights_note=say("weights_note", profile=plain(rules.profile), hash=digest),
        bounds=_bounds(result, rules),
        bounds_note=say("bounds_note"),
        abstentions=_abstentions(result, say) if faces and enough else (),
        abstentions_note=say("abstentions_note", faces=f"{faces:,}".replace(",", NBSP)),
        provenance=_provenance(session, result, say),
        versions=" · ".join(f"{plain(name)} {plain(version)}" for name, version in session.start.versions.items()),
    )


def _formulas(session: StoredSession, rules: Rules, say: Wording) -> tuple[tuple[str, str], ...]:
    pose, expression, e, compare, m = rules.pose, rules.expression, rules.evidence, rules.compare, rules.moments
    texts = {
        "formula_index": {"alpha": percent(rules.alpha_orientation)},
        "formula_o": {
            "px": whole(pose.min_face_px),
            "full": whole(pose.yaw_full),
            "zero": whole(pose.yaw_zero),
            "down": whole(pose.down),
        },
        "formula_e": {"px": whole(expression.min_face_px), "yaw": whole(expression.max_yaw)},
        "formula_bins": {
            "fps": _rate(session.start.sample_fps, say),
            "seconds": whole(rules.bins.seconds),
            "bins": whole(e.track_min_bins),
            "share": percent(e.track_min_share),
        },
        "formula_class": {"min_group": whole(e.min_group)},
        "formula_compare": {"points": whole(compare.min_points), "gap": whole(100 * compare.max_cov_gap)},
        "formula_moments": {
            "window": say.count("seconds", int(m.window_s)),
            "points": whole(m.min_points),
            "t": whole(m.min_t),
            "guard": whole(m.guard_s),
        },
    }
    return tuple((say(key), say(f"{key}_text", **values)) for key, values in texts.items())


def _rate(fps: float, say: Wording) -> str:
    if fps < 1:
        return say("samples_every", seconds=whole(1 / fps))
    return say("samples_one") if whole(fps) == "1" else say("samples_many", count=whole(fps))


def _bounds(result: SessionResult, rules: Rules) -> tuple[tuple[str, str, str, str], ...]:
    """O as seen and the range in which it lies whatever the unseen faces did: C * O to C * O + 1 - C."""
    rows = []
    for number, summary in enumerate(sorted(result.tasks, key=lambda s: s.task.start_s), start=1):
        if is_shown(summary, rules) and summary.orientation is not None and summary.coverage is not None:
            seen = summary.coverage * summary.orientation.value
            span = f"{share(seen)} – {share(seen + 1 - summary.coverage)}"
            rows.append((str(number), plain(summary.task.name, 60), share(summary.orientation.value), span))
    return tuple(rows)


def _abstentions(result: SessionResult, say: Wording) -> tuple[tuple[str, str], ...]:
    total = sum(count for _, count in result.visibility.abstentions)
    return tuple((say(f"abstention_{reason}"), share(count / total)) for reason, count in result.visibility.abstentions)


def _provenance(session: StoredSession, result: SessionResult, say: Wording) -> tuple[tuple[str, str], ...]:
    start, seen = session.start, result.visibility
    kept = say("prov_kept_text", profile=plain(start.profile))
    kept += say("prov_until", date=f"{start.expires_on:%Y-%m-%d}") if start.expires_on else say("prov_forever")
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
        unseen=minutes(seen.unseen_s),
    )
    smallest = start.settings.get("min_face", "–")
    rows = [
        (
            say("prov_session"),
            say("prov_session_text", number=session.session_id, date=f"{session.analyzed_at:%Y-%m-%d}"),
        ),
        (say("prov_film"), film),
        (say("prov_seen"), read),
        (say("prov_model"), say("prov_model_text", hash=start.model_sha256[:HASH_SHOWN])),
        (say("prov_settings"), say("prov_settings_text", hash=start.settings_sha256[:HASH_SHOWN], px=smallest)),
        (say("prov_kept"), kept),
    ]
    temperature, ece = calibration(start.settings)
    known = [say("prov_temperature", value=f"{temperature:.2f}")] if temperature is not None else []
    known += [say("prov_ece", value=percent(ece))] if ece is not None else []
    if known:
        rows.insert(4, (say("prov_calibration"), "; ".join(known)))
    return tuple(rows)
