"""The faces of one picture, as the page of pictures shows them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from classroom_fer import wiring
from classroom_fer.lesson.expression_groups import class_of, group_of
from classroom_fer.lesson.records import EMOTIONS, FaceSample
from classroom_fer.pictures.permission import check_pictures_allowed
from classroom_fer.pictures.picture import Picture, missed_limit
from classroom_fer.pictures.reading import decode_picture
from classroom_fer.pipeline import Parts, observe_picture
from classroom_fer.settings.config import Config
from classroom_fer.settings.rules import ExpressionRules
from classroom_fer.web.texts import AppWording


@dataclass(slots=True)
class FaceReader:
    """Detector and classifier, loaded for the first picture; one picture at a time."""

    settings: Config
    _parts: Parts | None = None
    _one_by_one: threading.Lock = field(default_factory=threading.Lock)

    def check_allowed(self) -> None:
        """PolicyError if what was declared forbids to read pictures."""
        check_pictures_allowed(self.settings)

    def read(self, data: bytes, name: str) -> tuple[Picture, tuple[FaceSample, ...]]:
        """The picture and its faces, from left to right.

        Raises:
            PolicyError: what was declared forbids it.
            PictureError: no picture that can be read.
            ModelError: a net is missing or changed.
        """
        self.check_allowed()
        picture = decode_picture(data, name)
        with self._one_by_one:
            if self._parts is None:
                self._parts = wiring.build_parts(self.settings)
            return picture, observe_picture(picture.image, self._parts, self.settings)


@dataclass(frozen=True, slots=True)
class FaceCard:
    """One face, finished. The place is in per cent of the picture."""

    number: int
    title: str
    left: float
    top: float
    width: float
    height: float
    verdict: str
    """The class, or that there is none."""
    detail: str
    """The group it would be counted in, or why there is no class."""
    has_class: bool
    bars: tuple[tuple[str, int, str], ...]
    """Name, whole per cent and printed share of each class; empty where the classifier was not asked."""


def face_cards(
    picture: Picture, faces: Sequence[FaceSample], rules: ExpressionRules, say: AppWording
) -> list[FaceCard]:
    """One card per face."""
    return [_card(number, face, picture.size_px, rules, say) for number, face in enumerate(faces, 1)]


def _card(number: int, face: FaceSample, size: tuple[int, int], rules: ExpressionRules, say: AppWording) -> FaceCard:
    x1, y1, x2, y2 = (100 * v / side for v, side in zip(face.box, (*size, *size), strict=True))
    name, group = class_of(face), group_of(face)
    why = say(f"abstention_{face.abstained_because or 'none'}")
    counted = say("app_counted_as", group=say(f"group_{group}")) if group else ""
    shares = zip(EMOTIONS, face.emotion or (), strict=False)  # no probabilities: no bars
    return FaceCard(
        number=number,
        title=say("app_face", number=say.whole(number)),
        left=round(x1, 3),
        top=round(y1, 3),
        width=round(x2 - x1, 3),
        height=round(y2 - y1, 3),
        verdict=say(f"emotion_{name}") if name else say("app_no_class", reason=why),
        detail=counted if name else _numbers(face, rules, say),
        has_class=name is not None,
        bars=tuple((say(f"emotion_{emotion}"), round(100 * p), say.percent(p)) for emotion, p in shares),
    )


def _numbers(face: FaceSample, rules: ExpressionRules, say: AppWording) -> str:
    """Why there is no class, in numbers; empty where none says it."""
    limit = missed_limit(face, rules)
    if limit is None:
        return ""
    found, needed = limit.found, limit.needed
    values = {"found": say.setting(found), "needed": say.setting(needed)}
    if limit.group is not None:
        values = {"found": say.percent(found), "needed": say.percent(needed), "group": say(f"group_{limit.group}")}
    return say(f"app_why_{face.abstained_because}", **values)
