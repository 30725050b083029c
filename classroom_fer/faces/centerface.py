"""Finds faces with CenterFace (``centerface_net.py``), also lowered, turned and far ones.

A picture is looked at whole (``detect``), the frames of a film's chunk as ``looks.py`` decides (``search``). Points,
and how frontal a face is, come from O-Net (``landmarks.py``).
"""

from __future__ import annotations

from collections.abc import Sequence

from classroom_fer.errors import ConfigError
from classroom_fer.faces.centerface_net import CenterFaceNet
from classroom_fer.faces.landmarks import LandmarkFinder
from classroom_fer.faces.looks import ChunkLooks, EveryFrameWhole, LookPlan, full_scale, large_enough
from classroom_fer.faces.nets import open_net
from classroom_fer.faces.rgb import require_rgb
from classroom_fer.lesson.protocols import FaceSearch
from classroom_fer.lesson.records import FaceDetection, Image

SMALLEST_FACE_PX = 12


def load_detector(*, min_face: int = 20, threads: int = 1, plan: LookPlan | None = None) -> CenterFaceDetector:
    """The detector with the package's nets.

    Args:
        min_face: longer side of the smallest face that counts, pixels, at least 12.
        threads: cores to use, at least 1; the number changes no result.
        plan: where the frames of a film are looked at; None = every frame whole.

    Raises:
        ConfigError: ``min_face`` or ``threads`` out of range.
        ModelError: a net is missing or changed, or ONNX Runtime is missing or too old.
    """
    if min_face < SMALLEST_FACE_PX or threads < 1:
        raise ConfigError(
            f"the detector cannot look for faces of {min_face} px on {threads} threads",
            hint=f"min_face starts at {SMALLEST_FACE_PX}, threads at 1",
        )
    net = CenterFaceNet(open_net("faces", threads=threads))
    landmarks = LandmarkFinder(open_net("landmarks", threads=threads))
    return CenterFaceDetector(net, landmarks, plan, min_face=min_face)


class CenterFaceDetector:
    """``protocols.FaceDetector``. Holds no image between calls."""

    def __init__(self, net: CenterFaceNet, landmarks: LandmarkFinder, plan: LookPlan | None, *, min_face: int) -> None:
        self.net, self._landmarks, self._plan, self._min_face = net, landmarks, plan, min_face

    def detect(self, images: Sequence[Image]) -> list[list[FaceDetection]]:
        """One list per image, in order, most certain face first.

        Args:
            images: RGB uint8 [H, W, 3], any sizes, contiguous or not.
        Raises:
            ValueError: an image of another kind.
        """
        return [self._detect_one(image) for image in images]

    def _detect_one(self, image: Image) -> list[FaceDetection]:
        require_rgb(image)
        found = large_enough(
            self.net.whole(image, full_scale(image.shape[0], image.shape[1], self._min_face)), self._min_face
        )
        return self._landmarks.complete(image, found.boxes, found.scores)

    def search(self) -> FaceSearch:
        """The same faces in the frames of one chunk of a film, with fewer looks at whole pictures."""
        if self._plan is None:
            return EveryFrameWhole(self)
        return ChunkLooks(self.net, self._landmarks, self._plan, min_face=self._min_face)
