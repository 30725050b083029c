"""How the camera's view changed between sampled pictures: not at all, moved (by how much), or another view (a cut).

Pictures are compared small. Corners of the room, not of the people, are followed from one to the other (Lucas-Kanade),
and a similarity is fitted to where they went; where a room shows no corners, patches that kept their grey decide.
Measured: docs/measurement.md, section 10.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from classroom_fer.lesson.camera import CUT, SAME, UNMOVED, CameraStep, Similarity
from classroom_fer.lesson.records import Box, Image

LONG_SIDE_PX = 320
"""Of the compared picture: a head of 45 px at 1080p is 8 px then (choice)."""
CONTRAST, MIDDLE = 48, 128
"""Standard deviation and mean that its grey is brought to, so that a change of light is no change of view (choice)."""
CORNERS, CORNER_QUALITY, CORNER_GAP_PX = 120, 0.01, 6
"""At most so many; the weakest over the strongest; least distance between two (choice)."""
WINDOW_PX, LEVELS = 15, 4
"""Lucas-Kanade's: follows shifts of about a fifth of the picture between two samples."""
FEWEST_CORNERS = 12
"""With fewer outside the people, the patches decide (choice)."""
RETURNS_WITHIN_PX = 1.0
"""A corner counts as followed if it comes back to within this when it is followed back (choice)."""
STANDS_WITHIN_PX = 0.5
"""A corner stands if it moved less: 3 px at 1080p (choice). Between unrelated pictures none does (measured)."""
FITS_WITHIN_PX = 1.5
"""Of where the fitted movement takes it (choice)."""
MOST = 0.35
"""Share of the room's corners that settles it where they stand, or fit one movement (choice)."""
SOME = 0.15
"""Share of all corners, those on people too, that must fit one movement where nothing else settles it. Between
unrelated pictures at most .04 fit (measured)."""
SURE = 0.6
"""With a smaller share that fits, the picture becomes the one that later ones are compared with (choice)."""
NO_MOVE_PX = 1.0
"""A movement that shifts no place of the compared picture further is none: 6 px at 1080p (choice)."""
PATCH_PX = 20
"""Side of a patch of the compared picture (choice)."""
FLAT, FLAT_KEPT, TEXTURE_KEPT = 4.0, 7.0, 0.5
"""A patch of a smaller standard deviation is flat. A flat patch is kept if its mean changed by no more than so many
levels, another one if its grey correlates by so much (choice)."""
VIEW_KEPT = 0.5
"""Share of kept patches that says: the same view, where the corners leave it open (choice)."""
VIEW_LEFT = 0.2
"""Share below which nothing is left of the view. Unrelated pictures: at most .16; a singer filmed close, whose camera
follows him: at least .24 (measured)."""
BESIDE, ABOVE, BELOW = 1.0, 0.5, 4.0
"""How far a body reaches from its face, in widths and heights of the face's box (choice)."""

Grey = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
Points = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A picture, small and grey: enough to compare it, too little to know anybody. Never stored."""

    grey: Grey
    """[h, w] of equal mean and contrast."""
    scale: float
    """Its pixels over the picture's."""


@dataclass(frozen=True, slots=True)
class _Fit:
    """How a view lies in another: ``place`` takes its pixels to the other's; ``share`` of its corners agree."""

    place: Similarity
    share: float


class CameraWatch:
    """Compares each picture with those before it. Holds two small grey pictures between calls."""

    def __init__(self) -> None:
        self._reference: View | None = None
        self._last: View | None = None
        self._place = UNMOVED
        """Takes the last picture's pixels (small) to the reference's."""
        self._until_s: float | None = None

    def begin(self, start_s: float, shown_before: Callable[[], Image | None]) -> None:
        """Begins a stretch of film: nothing but the last picture before it is remembered.

        Args:
            start_s: of the stretch, from media start.
            shown_before: the picture (RGB [H, W, 3]) shown until then, None if there is none; asked only where the
                last one seen is not known to be that.
        """
        if self._until_s != start_s:
            image = shown_before()
            self._last = None if image is None else view_of(image)
        self._reference, self._place, self._until_s = self._last, UNMOVED, None

    def keep_until(self, end_s: float) -> None:
        """The last picture seen was shown until ``end_s``: a stretch that begins there need not ask for it."""
        self._until_s = end_s

    def see(self, image: Image, people: Sequence[Box]) -> CameraStep | None:
        """The next picture against the one before; None where there was none.

        Args:
            image: RGB [H, W, 3], of one size until ``begin``.
            people: boxes of the faces in it, pixels.
        """
        view = view_of(image)
        if self._reference is None or self._last is None:
            self._reference = self._last = view
            return None
        room = ~_bodies(view, people)
        fit = _fit(view, self._reference, room)
        if fit is None and self._last is not self._reference:
            near = _fit(view, self._last, room)
            fit = None if near is None else _Fit(self._place @ near.place, 0.0)
        before, self._last = self._place, view
        if fit is None:
            self._reference, self._place = view, UNMOVED
            return CUT
        back = before.inverse() @ fit.place
        self._place = fit.place
        if fit.share < SURE:
            self._reference, self._place = view, UNMOVED
        return SAME if back == UNMOVED else CameraStep.moved(Similarity(back.factor, back.shift / view.scale))


def view_of(image: Image) -> View:
    """``image`` RGB [H, W, 3] as it is compared."""
    height, width = image.shape[:2]
    scale = LONG_SIDE_PX / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    grey = cv2.cvtColor(cv2.resize(image, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY).astype(np.float32)
    spread = max(float(grey.std()), 1.0)
    equal = np.clip((grey - grey.mean()) * (CONTRAST / spread) + MIDDLE, 0, 255).astype(np.uint8)
    return View(equal, scale)


def _bodies(view: View, people: Sequence[Box]) -> Mask:
    """[h, w] where people probably are."""
    mask = np.zeros(view.grey.shape, np.bool_)
    for box in people:
        x1, y1, x2, y2 = (side * view.scale for side in box)
        beside, height = BESIDE * (x2 - x1), y2 - y1
        top, bottom = max(0, int(y1 - ABOVE * height)), max(0, int(y2 + BELOW * height) + 1)
        mask[top:bottom, max(0, int(x1 - beside)) : max(0, int(x2 + beside) + 1)] = True
    return mask


def _fit(view: View, other: View, room: Mask) -> _Fit | None:
    """How ``view`` lies in ``other``; None if it shows something else. ``room``: where nobody is."""
    corners = _corners(view, room)
    if len(corners) >= FEWEST_CORNERS:
        there, went = _follow(view.grey, other.grey, corners)
        stand = float((went & (np.hypot(*(there - corners).T) < STANDS_WITHIN_PX)).mean())
        if stand >= MOST:
            return _Fit(UNMOVED, max(stand, SURE))
        moved = _movement(corners, there, went & _return(view, other, corners, there), view)
        if moved.share >= MOST:
            return moved
    kept = patches_kept(view.grey, other.grey)
    if kept >= VIEW_KEPT:
        return _Fit(UNMOVED, 0.0)
    everywhere = _corners(view, np.ones_like(room))
    if len(everywhere) >= FEWEST_CORNERS:
        there, went = _follow(view.grey, other.grey, everywhere)
        moved = _movement(everywhere, there, went & _return(view, other, everywhere, there), view)
        if moved.share >= SOME:
            return moved
    return _Fit(UNMOVED, 0.0) if kept >= VIEW_LEFT else None


def _corners(view: View, where: Mask) -> Points:
    """[N, 2] corners of the view."""
    found = cv2.goodFeaturesToTrack(view.grey, CORNERS, CORNER_QUALITY, CORNER_GAP_PX, mask=where.astype(np.uint8))
    return np.zeros((0, 2), np.float32) if found is None else found.reshape(-1, 2)


def _movement(corners: Points, there: Points, followed: Mask, view: View) -> _Fit:
    """The similarity that most of the corners fit, and how many of them all."""
    if followed.sum() < FEWEST_CORNERS / 2:
        return _Fit(UNMOVED, 0.0)
    matrix, fits = cv2.estimateAffinePartial2D(
        corners[followed], there[followed], method=cv2.RANSAC, ransacReprojThreshold=FITS_WITHIN_PX
    )
    if matrix is None:
        return _Fit(UNMOVED, 0.0)
    place = Similarity(complex(matrix[0, 0], matrix[1, 0]), complex(matrix[0, 2], matrix[1, 2]))
    height, width = view.grey.shape
    ends = (0j, complex(width, 0), complex(0, height), complex(width, height))
    still = max(abs(place(end) - end) for end in ends) < NO_MOVE_PX
    return _Fit(UNMOVED if still else place, float(fits.sum()) / len(corners))


def _follow(grey: Grey, other: Grey, corners: Points) -> tuple[Points, Mask]:
    """Where ``corners`` of ``grey`` [N, 2] are in ``other``, and which of them were followed at all."""
    there, went, _ = cv2.calcOpticalFlowPyrLK(
        grey, other, corners, np.empty_like(corners), winSize=(WINDOW_PX, WINDOW_PX), maxLevel=LEVELS
    )
    return there, went[:, 0] == 1


def _return(view: View, other: View, corners: Points, there: Points) -> Mask:
    """Which of ``there``, followed back from ``other``, come to the corners that they came from."""
    home, came = _follow(other.grey, view.grey, there)
    near: Mask = np.abs(home - corners).max(axis=1) < RETURNS_WITHIN_PX
    return came & near


def patches_kept(grey: Grey, other: Grey) -> float:
    """Share of the patches of two pictures [h, w] of one size that look alike at the same place."""
    ours, theirs = _patches(grey), _patches(other)
    spread, other_spread = ours.std(axis=1), theirs.std(axis=1)
    flat = np.maximum(spread, other_spread) < FLAT
    common = ((ours - ours.mean(axis=1, keepdims=True)) * (theirs - theirs.mean(axis=1, keepdims=True))).mean(axis=1)
    alike = common >= TEXTURE_KEPT * np.maximum(spread * other_spread, 1.0)
    level = np.abs(ours.mean(axis=1) - theirs.mean(axis=1)) <= FLAT_KEPT
    return float(np.where(flat, level, alike).mean())


def _patches(grey: Grey) -> npt.NDArray[np.float32]:
    """[N, pixels] whole patches; the picture itself where it is smaller than one."""
    rows, columns = (side // PATCH_PX for side in grey.shape)
    if not rows or not columns:
        return grey.reshape(1, -1).astype(np.float32)
    whole = grey[: rows * PATCH_PX, : columns * PATCH_PX].astype(np.float32)
    parts = whole.reshape(rows, PATCH_PX, columns, PATCH_PX).swapaxes(1, 2)
    return parts.reshape(rows * columns, -1)
