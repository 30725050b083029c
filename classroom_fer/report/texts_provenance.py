"""All fixed text of the methods paragraph that ``classroom-fer provenance`` prints for a paper."""

from __future__ import annotations

from collections.abc import Mapping

from classroom_fer.report.texts import Text

PROVENANCE: Mapping[str, Text] = {
    "methods_film": (
        "The film ({width} × {height} pixels) was analysed with classroom-fer {version}; samples per second: {fps}."
    ),
    "methods_faces": (
        "Faces of {px} pixels or more were found with {detector} and followed as tracks; no picture was stored and "
        "nobody was identified."
    ),
    "methods_expression": (
        "A convolutional network (SHA-256 {hash}) gave calibrated probabilities of eight expressions; faces under "
        "{size} pixels, turned by more than {yaw}° or unclear were left out."
    ),
    "methods_index": (
        "The index is 100 × (a × O + (1 − a) × E), with a = {alpha} for direction O and the weights “{weights}” for "
        "expressions E."
    ),
    "methods_class": (
        "Values are class means over steps of {seconds} s; intervals are 95 % t-intervals over tracks. No class value "
        "is given of fewer than {min_group} faces."
    ),
    "methods_presence": (
        "Only faces and coverage were counted, in steps of {seconds} s; no expression and no direction was inferred, "
        "and no count is given of fewer than {min_group} faces."
    ),
    "methods_limits": "The index is not a validated scale of engagement; it says what the camera could see.",
    "methods_repeat": "Fingerprints (SHA-256): film {film}, settings {settings}.",
}
