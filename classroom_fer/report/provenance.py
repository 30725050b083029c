"""Where a session's numbers come from, to be cited and repeated: a record and a methods paragraph. Pure."""

from __future__ import annotations

from typing import Any

from classroom_fer.lesson.records import StoredSession
from classroom_fer.report.formatting import plain
from classroom_fer.report.method import DETECTOR_NAMES, HASH_SHOWN
from classroom_fer.report.wording import Wording
from classroom_fer.settings.config import Config, stored_config

NO_VERSION = "?"
"""Where a session does not say which release made it."""


def provenance(session: StoredSession, say: Wording) -> dict[str, Any]:
    """What made the numbers, JSON-able; nothing of the class itself.

    Raises:
        StoreError: the stored settings are damaged.
    """
    start = session.start
    used = stored_config(start.settings)
    return {
        "session_id": session.session_id,
        "aggregation": session.aggregation,
        "analyzed_at": session.analyzed_at.isoformat(),
        "software": f"classroom-fer {_version(session)}",
        "profile": start.profile,
        "film": {
            "name": start.video_name,
            "sha256": start.video_sha256,
            "duration_s": start.duration_s,
            "width_px": start.width_px,
            "height_px": start.height_px,
            "repairs": [repair.code for repair in start.film_repairs],
        },
        "analysed": {"start_s": start.start_s, "end_s": start.end_s, "samples_per_s": start.sample_fps},
        "tasks": len(session.tasks),
        "regions": start.regions,
        "model": {"sha256": start.model_sha256, "card": start.settings.get("model")},
        "detector": DETECTOR_NAMES[used.detector],
        "observation_sha256": start.observation_sha256,
        "settings_sha256": start.settings_sha256,
        "result_version": start.result_version,
        "settings": {name: value for name, value in start.settings.items() if name not in ("model", "declaration")},
        "versions": dict(start.versions),
        "lang": say.language.code,
        "methods": methods_paragraph(session, say),
    }


def methods_paragraph(session: StoredSession, say: Wording) -> str:
    """A few sentences for the methods section of a paper. StoreError: the stored settings are damaged."""
    used = stored_config(session.start.settings)
    values = _values(session, used, say)
    keys = ["methods_film", "methods_faces"]
    inferred = ["methods_expression", "methods_index", "methods_class", "methods_limits"]
    keys += ["methods_presence"] if session.start.profile == "presence" else inferred
    gap = "" if say.language.code == "zh" else " "  # Chinese sentences follow each other without a space
    return gap.join(say(key, **values[key]) if values.get(key) else say(key) for key in (*keys, "methods_repeat"))


def _values(session: StoredSession, used: Config, say: Wording) -> dict[str, dict[str, object]]:
    """What stands in each sentence, by its key."""
    start, rules = session.start, used.rules
    counted: dict[str, object] = {
        "seconds": say.whole(rules.bins.seconds),
        "min_group": say.whole(rules.evidence.min_group),
    }
    return {
        "methods_film": {
            "width": start.width_px,
            "height": start.height_px,
            "version": plain(_version(session)),
            "fps": say.setting(start.sample_fps),
        },
        "methods_faces": {"px": say.whole(used.min_face), "detector": DETECTOR_NAMES[used.detector]},
        "methods_expression": {
            "hash": start.model_sha256[:HASH_SHOWN],
            "size": say.whole(rules.expression.min_face_px),
            "yaw": say.whole(rules.expression.max_yaw),
        },
        "methods_index": {"alpha": say.percent(rules.alpha_orientation), "weights": plain(rules.weight_set)},
        "methods_class": counted,
        "methods_presence": counted,
        "methods_repeat": {"film": start.video_sha256[:HASH_SHOWN], "settings": start.settings_sha256[:HASH_SHOWN]},
    }


def _version(session: StoredSession) -> str:
    return session.start.versions.get("classroom-fer", NO_VERSION)
