"""The faces of a picture: of one that is chosen, as its page shows them; of a camera, one after the other."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from classroom_fer import wiring
from classroom_fer.lesson.expression_groups import class_of, group_of
from classroom_fer.lesson.protocols import FaceSearch
from classroom_fer.lesson.records import EMOTIONS, FaceSample, Frame
from classroom_fer.pictures.permission import check_pictures_allowed
from classroom_fer.pictures.picture import Picture, missed_limit
from classroom_fer.pictures.reading import decode_picture
from classroom_fer.pipeline import Parts, observe_next, observe_picture
from classroom_fer.settings.config import Config
from classroom_fer.settings.rules import ExpressionRules
from classroom_fer.web.texts import AppWording

LIVE_FORMATS = ("JPEG",)
LIVE_PIXELS = 1920 * 1080
"""Largest picture of a camera that is decoded; the page sends 640 x 480 (choice)."""
LIVE_WHOLE_S = 2.0
"""A camera's whole picture is looked at this often, what moves and known faces each time (choice)."""


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
            return picture, observe_picture(picture.image, self._loaded(), self.settings)

    def look(self, data: bytes, view: LiveView) -> tuple[Picture, tuple[FaceSample, ...]]:
        """The next picture of a camera and its faces, from left to right.

        Raises:
            PolicyError, ModelError: as ``read``.
            PictureError: no whole JPEG of at most ``LIVE_PIXELS``.
        """
        self.check_allowed()
        picture = decode_picture(data, "camera", formats=LIVE_FORMATS, most_pixels=LIVE_PIXELS)
        with self._one_by_one:
            parts = self._loaded()
            if view.search is None:
                view.search = parts.detector.search()
            frame = Frame(view.frames, time.monotonic() - view.began_s, picture.image)
            view.frames += 1
            return picture, observe_next(frame, view.search, parts, self.settings)

    def _loaded(self) -> Parts:
        if self._parts is None:
            rules = self.settings.rules
            often = replace(rules, looks=replace(rules.looks, whole_every_s=LIVE_WHOLE_S))
            self._parts = wiring.build_parts(replace(self.settings, rules=often))
        return self._parts


@dataclass(slots=True)
class LiveView:
    """What is known of one camera while it runs: where faces were, and a thumbnail of the picture before."""

    search: FaceSearch | None = None
    frames: int = 0
    """Looked at so far."""
    began_s: float = field(default_factory=time.monotonic)


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
