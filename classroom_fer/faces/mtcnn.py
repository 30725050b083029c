"""Finds faces with MTCNN: facenet-pytorch's networks and weights, driven by our own loop.

``facenet_pytorch.MTCNN.detect`` spends most of its time on shrinking pictures and crops. This driver gives the same
faces (see ``benchmarks/detector.py``) in a fraction of the time. torch is loaded by ``load_detector`` only.
"""

from __future__ import annotations

import os
import pickle
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from classroom_fer.errors import ConfigError, ModelError
from classroom_fer.faces import mtcnn_boxes as boxes_of
from classroom_fer.faces.boxes import Floats, Ints, clip, has_area
from classroom_fer.faces.looks import EveryFrameWhole
from classroom_fer.faces.rgb import require_rgb
from classroom_fer.lesson.protocols import FaceSearch
from classroom_fer.lesson.records import FaceDetection, Image

if TYPE_CHECKING:
    from classroom_fer.faces.mtcnn_networks import AreaSampler, Networks

# Stock values of facenet-pytorch 2.5.3
THRESHOLDS = (0.6, 0.7, 0.7)
"""Smallest score that passes P-, R- and O-Net."""
PYRAMID_FACTOR = 0.709
LEVEL_OVERLAP = 0.5
"""IoU above which the weaker of two proposals of one level goes."""
STAGE_OVERLAP = 0.7
"""The same between levels, after R-Net, and (over the smaller box) after O-Net."""
STRIP_CELLS = 24_000
"""Cells that P-Net judges at once: 3 MB of activations, about a core's cache
(measured: 12,000 to 48,000 are equally fast)."""
REFINE_BATCH = 64
"""Crops that R-Net sees at once (measured: 32 to 128 are equally fast)."""
OUTPUT_BATCH = 16
"""The same for O-Net (measured: 8 to 16 are fastest)."""
SMALLEST_FACE_PX = 12
"""P-Net's window: smaller faces would need an enlarged picture."""

Cells = tuple[Ints, Ints, Floats, Floats]
"""Rows [K], columns [K], scores [K] and offsets [K, 4] of P-Net's cells."""

INSTALL_HINT = "pip install 'classroom-fer[train]', or leave --detector mtcnn out"
REPAIR_HINT = "reinstall it: pip install --force-reinstall --no-deps facenet-pytorch==2.5.3"


def load_detector(*, min_face: int = 20, threads: int = 0) -> MtcnnDetector:
    """A detector with facenet-pytorch's own weights (they come with the package; nothing is downloaded).

    Args:
        min_face: side of the smallest square that is looked through for a face, pixels, at least 12.
        threads: each frame is shared out to this many threads, in which torch uses one core each; 0 = all cores that
            this process may run on. torch and MKL then stay at one thread for whoever uses them in this process later.
    Raises:
        ConfigError: ``min_face`` or ``threads`` out of range.
        ModelError: the package or one of its weight files is missing or broken.
    """
    if min_face < SMALLEST_FACE_PX or threads < 0:
        raise ConfigError(
            f"the detector cannot look for faces of {min_face} px on {threads} threads",
            hint=f"min_face starts at {SMALLEST_FACE_PX}, threads at 0 (all cores)",
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from classroom_fer.faces.mtcnn_networks import Networks

            networks = Networks()
    except ImportError as error:
        raise ModelError(f"the face detector's package cannot be loaded: {error}", hint=INSTALL_HINT) from error
    except (OSError, EOFError, RuntimeError, KeyError, pickle.UnpicklingError) as error:
        raise ModelError(f"the face detector's weights cannot be loaded: {error}", hint=REPAIR_HINT) from error
    return MtcnnDetector(networks, min_face=min_face, threads=threads or available_cores())


class MtcnnDetector:
    """``protocols.FaceDetector``. Holds no image between calls; the number of threads changes no result."""

    def __init__(self, networks: Networks, *, min_face: int, threads: int) -> None:
        self._networks = networks
        self._min_face = min_face
        self._workers = ThreadPoolExecutor(threads, thread_name_prefix="mtcnn", initializer=networks.own_this_thread)

    def detect(self, images: Sequence[Image]) -> list[list[FaceDetection]]:
        """One list per image, in order, most certain face first.

        Args:
            images: RGB uint8 [H, W, 3], any sizes, contiguous or not.
        Raises:
            ValueError: an image of another kind.
        """
        return [self._detect_one(image) for image in images]

    def search(self) -> FaceSearch:
        """Every frame is looked at as a picture is."""
        return EveryFrameWhole(self)

    def _detect_one(self, image: Image) -> list[FaceDetection]:
        require_rgb(image)
        scales = boxes_of.pyramid_scales(image.shape[0], image.shape[1], self._min_face, PYRAMID_FACTOR)
        if not scales:
            return []
        sampler = self._networks.sampler(image)
        return self._conclude(sampler, self._refine(sampler, self._propose(sampler, scales)))

    def _propose(self, sampler: AreaSampler, scales: list[float]) -> Floats:
        """Square candidates [N, 4] by P-Net."""
        sizes = [boxes_of.level_size(sampler.height, sampler.width, scale) for scale in scales]
        jobs = [(level, rows) for level, size in enumerate(sizes) for rows in boxes_of.strips(*size, STRIP_CELLS)]

        def look(job: tuple[int, slice]) -> Cells:
            level, rows = job
            return self._networks.propose(sampler.level(*sizes[level], rows), THRESHOLDS[0], first_row=rows.start // 2)

        seen = list(self._workers.map(look, jobs))
        found = []
        for level, scale in enumerate(scales):
            parts = [cells for (of_level, _), cells in zip(jobs, seen, strict=True) if of_level == level]
            rows, columns, scores, offsets = (np.concatenate(values) for values in zip(*parts, strict=True))
            boxes = boxes_of.cell_boxes(rows, columns, scale)
            kept = self._networks.suppress(boxes, scores, LEVEL_OVERLAP)
            found.append((boxes[kept], scores[kept], offsets[kept]))
        boxes, scores, offsets = (np.concatenate(values) for values in zip(*found, strict=True))
        kept = self._networks.suppress(boxes, scores, STAGE_OVERLAP)
        return boxes_of.square(boxes_of.shift(boxes[kept], offsets[kept], margin=0))

    def _refine(self, sampler: AreaSampler, candidates: Floats) -> Floats:
        """Square candidates [N, 4] that pass R-Net."""
        candidates, judged = self._judge(sampler, candidates, self._networks.refine, REFINE_BATCH)
        if not judged:
            return candidates
        scores, offsets = judged
        passed = scores > THRESHOLDS[1]
        candidates, scores, offsets = candidates[passed], scores[passed], offsets[passed]
        kept = self._networks.suppress(candidates, scores, STAGE_OVERLAP)
        return boxes_of.square(boxes_of.shift(candidates[kept], offsets[kept], margin=1))

    def _conclude(self, sampler: AreaSampler, candidates: Floats) -> list[FaceDetection]:
        """Faces that pass O-Net."""
        candidates, judged = self._judge(sampler, candidates, self._networks.output, OUTPUT_BATCH)
        if not judged:
            return []
        scores, offsets, relative = judged
        passed = scores > THRESHOLDS[2]
        candidates, scores = candidates[passed], scores[passed]
        landmarks = boxes_of.place_landmarks(candidates, relative[passed])
        faces = boxes_of.shift(candidates, offsets[passed], margin=1)
        kept = boxes_of.keep_apart(faces, scores, STAGE_OVERLAP)
        return _detections(clip(faces[kept], sampler.height, sampler.width), scores[kept], landmarks[kept])

    def _judge(
        self, sampler: AreaSampler, candidates: Floats, judge: Callable[..., tuple[Floats, ...]], batch: int
    ) -> tuple[Floats, tuple[Floats, ...]]:
        """The candidates that reach into the image, and what ``judge`` says of them; nothing if there is none."""
        bounds = boxes_of.crop_bounds(candidates, sampler.height, sampler.width)
        seen = has_area(bounds)
        bounds = bounds[seen]
        starts = range(0, len(bounds), batch)
        parts = list(self._workers.map(lambda start: judge(sampler, bounds[start : start + batch]), starts))
        return candidates[seen], tuple(np.concatenate(values) for values in zip(*parts, strict=True))


def available_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _detections(boxes: Floats, scores: Floats, landmarks: Floats) -> list[FaceDetection]:
    """Records of the boxes that are not empty; O-Net's score says both whether and how frontal."""
    kept = has_area(boxes)
    return [
        FaceDetection((x1, y1, x2, y2), score, tuple((x, y) for x, y in points), frontal=score)
        for (x1, y1, x2, y2), score, points in zip(
            boxes[kept].tolist(), scores[kept].tolist(), landmarks[kept].tolist(), strict=True
        )
    ]
