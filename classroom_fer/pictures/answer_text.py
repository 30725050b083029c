"""What ``predict`` says of a picture: for people, for scripts, and in the annotated copy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from classroom_fer.lesson.expression_groups import class_of, group_of
from classroom_fer.lesson.records import EMOTIONS, FaceSample
from classroom_fer.pictures.annotation import Label
from classroom_fer.pictures.picture import GROUP_WORDS, Picture, why_no_class
from classroom_fer.settings.rules import ExpressionRules
from classroom_fer.terminal import counted

HONESTY = (
    "Faces do not reveal feelings: a class says how a face looked to a model that learnt mostly from adults' pictures\n"
    "on the web, and eight classes are more than it can tell well. Reports therefore show four groups of a whole\n"
    "class, never one person. Not for grading, discipline, ranking, identification, diagnosis or appraisal."
)
BAR_CELLS = 20
DIGITS = 6
"""Of probabilities and angles in JSON: far below what they are exact to."""


def lines(picture: Picture, faces: Sequence[FaceSample], rules: ExpressionRules, *, cell: str | None) -> list[str]:
    """One picture as the terminal shows it; probabilities as bars of ``cell``, or without one as numbers."""
    width, height = picture.size_px
    text = [f"{picture.name}: {counted(len(faces), 'face') if faces else 'no face found'} in {width}x{height} px"]
    text += [f"  {note}" for note in picture.notes]
    for number, face in enumerate(faces, 1):
        x1, y1, x2, y2 = (round(v) for v in face.box)
        text.append(f"  face {number} at {x1},{y1}-{x2},{y2} ({face.quality.size_px:.0f} px): {_verdict(face, rules)}")
        if face.emotion is not None:
            text += _bars(face.emotion, cell) if cell else [f"      {_numbers(face.emotion)}"]
    return text


def _verdict(face: FaceSample, rules: ExpressionRules) -> str:
    name, reason = class_of(face), why_no_class(face, rules)
    if name is None or face.emotion is None:
        return f"no class: {reason}"
    return f"{name} {max(face.emotion):.2f} (a report would count it as {GROUP_WORDS[group_of(face) or 'other']})"


def _numbers(probabilities: Sequence[float]) -> str:
    return "  ".join(f"{name} {p:.2f}" for name, p in zip(EMOTIONS, probabilities, strict=True))


def _bars(probabilities: Sequence[float], cell: str) -> list[str]:
    return [
        f"      {name:<9}  {cell * round(p * BAR_CELLS):<{BAR_CELLS}}  {p:.2f}"
        for name, p in zip(EMOTIONS, probabilities, strict=True)
    ]


def label(number: int, face: FaceSample) -> Label:
    """The face in the annotated copy."""
    name = class_of(face)
    text = f"{name} {max(face.emotion):.2f}" if name and face.emotion else f"no class: {face.abstained_because}"
    short = name or str(face.abstained_because)
    return Label(box=face.box, number=number, text=text, short=short, has_class=name is not None)


def as_json(
    picture: Picture, faces: Sequence[FaceSample], annotated: Path | None, *, model_sha256: str
) -> dict[str, Any]:
    """One picture for scripts."""
    width, height = picture.size_px
    return {
        "picture": picture.name,
        "width_px": width,
        "height_px": height,
        "notes": list(picture.notes),
        "model_sha256": model_sha256,
        "faces": [_face(number, face) for number, face in enumerate(faces, 1)],
        "annotated": str(annotated) if annotated else None,
    }


def _face(number: int, face: FaceSample) -> dict[str, Any]:
    pose = face.pose
    return {
        "face": number,
        "box_px": [round(v, 2) for v in face.box],
        "size_px": round(face.quality.size_px, 2),
        "detector_confidence": round(face.confidence, DIGITS),
        "frontal": None if face.frontal is None else round(face.frontal, DIGITS),
        "yaw_deg": None if pose is None else round(pose.yaw_deg, 2),
        "pitch_deg": None if pose is None else round(pose.pitch_deg, 2),
        "roll_deg": None if pose is None else round(pose.roll_deg, 2),
        "class": class_of(face),
        "group": group_of(face),
        "probabilities": None
        if face.emotion is None
        else {name: round(p, DIGITS) for name, p in zip(EMOTIONS, face.emotion, strict=True)},
        "abstained_because": face.abstained_because,
    }


def document(done: Sequence[dict[str, Any]], failed: Sequence[dict[str, str]]) -> dict[str, Any]:
    """All pictures of one command."""
    return {"note": " ".join(HONESTY.split()), "pictures": list(done), "errors": list(failed)}
