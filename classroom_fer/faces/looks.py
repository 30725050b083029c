"""Where to look: a whole look now and then, and between them looks at what a chunk of the film has shown to matter.

Whole looks show the network the full picture. The looks between show it squares around the faces that the chunk knows,
and places in which something moved that belongs to no known face, as one small picture (``mosaic.py``). All of it is
decided from the chunk's own frames, so rows do not depend on what was analysed before. What the cheaper looks cost in
recall: docs/measurement.md, section 11.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from classroom_fer.faces.centerface_net import CenterFaceNet, Found
from classroom_fer.faces.known_faces import KnownFace, after_look
from classroom_fer.faces.landmarks import LandmarkFinder
from classroom_fer.faces.mosaic import View, square_around
from classroom_fer.faces.motion import Pixels, changed, moved_boxes, thumbnail, without
from classroom_fer.faces.rgb import require_rgb
from classroom_fer.lesson.intervals import CLOCK_S
from classroom_fer.lesson.protocols import FaceDetector
from classroom_fer.lesson.records import Box, FaceDetection, Frame, Image

GOOD_PX = 20
"""With how many pixels the smallest face that counts should arrive: recall .76 to .88 (docs/measurement.md)."""
ENOUGH_PX = 13
"""With how many it must arrive in a large picture: recall a third to a half."""
SMALL_PICTURE_PX, LARGE_PICTURE_PX = 960, 1920
"""A picture with a shorter long side is enlarged, one with a longer one is shrunk further."""
LARGEST_SCALE = 1.5
"""Further enlarging finds no more (docs/measurement.md)."""
LONGEST_SHOWN_PX = 2880
"""No longer picture is shown: it would take a gigabyte and seconds (choice)."""
BODY = (2.5, 1.8, 4.5)
"""What moves so far beside, above and below a face, in its longer sides from its middle, is its own body (choice)."""
HARD_FACTOR = 2
"""Half hidden faces need so many more pixels (measured: one of 89 px is found from 45 px on)."""
WHOLE_SHARE = 0.6
"""Where the moved places cover more of the picture, one look at all of it is as cheap (choice)."""


class LookPlan(Protocol):
    """The settings of ``rules.looks``, which are described there."""

    @property
    def whole_every_s(self) -> float: ...

    @property
    def known_px(self) -> float: ...

    @property
    def known_sides(self) -> float: ...

    @property
    def missing_sides(self) -> float: ...

    @property
    def moved_levels(self) -> float: ...


class EveryFrameWhole:
    """``protocols.FaceSearch`` of a detector that looks at every frame as at a single picture."""

    def __init__(self, detector: FaceDetector) -> None:
        self._detector = detector

    def look(self, frames: Sequence[Frame]) -> list[list[FaceDetection]]:
        """What the detector finds in each frame."""
        return self._detector.detect([frame.image for frame in frames])


class ChunkLooks:
    """``protocols.FaceSearch``: the looks at one chunk's frames, with what they have shown so far."""

    def __init__(self, net: CenterFaceNet, landmarks: LandmarkFinder, plan: LookPlan, *, min_face: int) -> None:
        self._net, self._landmarks, self._plan, self._min_face = net, landmarks, plan, min_face
        self._known: list[KnownFace] = []
        self._whole_at_s = -math.inf
        self._before: Image | None = None
        """Thumbnail of the frame before."""

    def look(self, frames: Sequence[Frame]) -> list[list[FaceDetection]]:
        """One list per frame, in order, most certain face first.

        Raises:
            ValueError: a frame whose image is not RGB uint8 [H, W, 3].
        """
        return [self._look(frame) for frame in frames]

    def _look(self, frame: Frame) -> list[FaceDetection]:
        image = frame.image
        require_rgb(image)
        now, before = thumbnail(image), self._before
        self._before = now
        due = frame.time_s - self._whole_at_s >= self._plan.whole_every_s - CLOCK_S
        whole = due or before is None or before.shape != now.shape
        if before is None or whole:
            self._whole_at_s = frame.time_s
            found = self._net.whole(image, full_scale(image.shape[0], image.shape[1], self._min_face))
        else:
            found = self._between(image, changed(before, now, self._plan.moved_levels))
        found = large_enough(found, self._min_face)
        boxes: list[Box] = [(x1, y1, x2, y2) for x1, y1, x2, y2 in found.boxes.tolist()]
        self._known = after_look(self._known, boxes, whole=whole)
        return self._landmarks.complete(image, found.boxes, found.scores)

    def _between(self, image: Image, moved: Pixels) -> Found:
        """Faces around the known ones, and where something moved that belongs to none of them."""
        height, width = image.shape[:2]
        views, scale = known_views(self._known, self._plan), self._newcomers_scale(height, width)
        others = self._moved_views(moved, width, height, scale)
        if sum(view.width * view.height for view in others) > WHOLE_SHARE * width * height:
            return self._net.whole(image, scale)
        if not views and not others:
            return Found(np.zeros((0, 4), np.float32), np.zeros(0, np.float32))
        return self._net.parts(image, [*views, *others])

    def _moved_views(self, moved: Pixels, width: int, height: int, scale: float) -> list[View]:
        """Where something moved, with a margin of a face."""
        ratio = (width / moved.shape[1], height / moved.shape[0])
        margin = statistics.median([face.longer_px for face in self._known] or [self._min_face])
        unknown = without(moved, [body(face) for face in self._known], ratio)
        boxes = moved_boxes(unknown, math.ceil(margin / max(ratio)))
        return [view_of(scaled(box, ratio), scale, width, height) for box in boxes]

    def _newcomers_scale(self, height: int, width: int) -> float:
        """At which size the smallest known face is well seen; half the full one if none is known."""
        full = full_scale(height, width, self._min_face)
        if not self._known:
            return full / 2
        return min(full, GOOD_PX / min(face.longer_px for face in self._known))


def known_views(known: Sequence[KnownFace], plan: LookPlan) -> list[View]:
    """A square around each known face: wider after misses, shown larger after the first one and if the face is hard."""
    views = []
    for face in known:
        larger = face.misses == 1 or (face.is_hard and not face.misses)
        scale = min(plan.known_px * (HARD_FACTOR if larger else 1) / face.longer_px, LARGEST_SCALE)
        views.append(square_around(face.box, plan.missing_sides if face.misses else plan.known_sides, scale))
    return views


def body(face: KnownFace) -> Box:
    """Where what moves is the person with this face."""
    x1, y1, x2, y2 = face.box
    x, y, size = (x1 + x2) / 2, (y1 + y2) / 2, face.longer_px
    beside, above, below = BODY
    return x - beside * size, y - above * size, x + beside * size, y + below * size


def scaled(box: Box, ratio: tuple[float, float]) -> Box:
    """A thumbnail's box in pixels of its picture."""
    return box[0] * ratio[0], box[1] * ratio[1], box[2] * ratio[0], box[3] * ratio[1]


def view_of(box: Box, scale: float, width: int, height: int) -> View:
    """The whole pixels of a picture that a box touches."""
    left, top = math.floor(box[0]), math.floor(box[1])
    right, bottom = min(width, math.ceil(box[2])), min(height, math.ceil(box[3]))
    return View(left, top, right - left, bottom - top, scale)


def large_enough(found: Found, min_face: int) -> Found:
    """The faces whose longer side is at least ``min_face`` pixels."""
    counts = (found.boxes[:, 2:] - found.boxes[:, :2]).max(axis=1, initial=0) >= min_face
    return Found(found.boxes[counts], found.scores[counts])


def full_scale(height: int, width: int, min_face: int) -> float:
    """At which size a picture is looked at so that faces of ``min_face`` pixels are found.

    >>> [round(full_scale(h, w, 20), 2) for h, w in ((352, 640), (720, 1280), (1080, 1920), (2160, 3840), (4320, 7680))]
    [1.5, 1.0, 1.0, 0.65, 0.38]
    >>> full_scale(1080, 1920, 40)
    0.5
    """
    longest = max(height, width)
    scale = GOOD_PX / min_face
    if longest < SMALL_PICTURE_PX:
        scale *= SMALL_PICTURE_PX / longest
    elif longest > LARGE_PICTURE_PX:
        scale = max(scale * LARGE_PICTURE_PX / longest, ENOUGH_PX / min_face)
    return min(scale, LARGEST_SCALE, LONGEST_SHOWN_PX / longest)
