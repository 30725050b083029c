"""Builds the real parts from Config. Native import order and thread counts live here and nowhere else.

Importing this module loads no native library of films, models or PDFs, and no SciPy; each builder loads its own on its
first call.
Analysis runs on ONNX Runtime; torch is loaded for ``--detector mtcnn`` only, TensorFlow never.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from classroom_fer.faces import centerface, expressions_onnx, mtcnn
from classroom_fer.faces.crops import CENTERFACE_CONTEXT, CONTEXT
from classroom_fer.film.prefetch import prefetched
from classroom_fer.lesson.protocols import FaceDetector
from classroom_fer.pipeline import Parts, PureHalf
from classroom_fer.settings.config import Config
from classroom_fer.settings.report_style import ReportStyle
from classroom_fer.settings.rules import TrackingRules

if TYPE_CHECKING:
    from classroom_fer.film.video import PyAVVideoSource
    from classroom_fer.report.renderer import PdfRenderer


@dataclass(frozen=True, slots=True)
class DetectorKind:
    """A detector, and what depends on the boxes and scores that it gives."""

    load: Callable[[Config], FaceDetector]
    context: float
    """Side of the classifier's crop over the longer side of a box (``faces.crops``)."""
    sure_confidence: Callable[[TrackingRules], tuple[float, float]]
    """The rules that say from which score on a face is sure, and a large one."""


def _centerface(config: Config) -> FaceDetector:
    return centerface.load_detector(min_face=config.min_face, threads=threads(config), plan=config.rules.looks)


def _mtcnn(config: Config) -> FaceDetector:
    return mtcnn.load_detector(min_face=config.min_face, threads=threads(config))


def _centerface_sure(rules: TrackingRules) -> tuple[float, float]:
    return rules.sure_confidence_centerface, rules.sure_confidence_centerface_large


def _mtcnn_sure(rules: TrackingRules) -> tuple[float, float]:
    return rules.sure_confidence, rules.sure_confidence_large


DETECTORS: dict[str, DetectorKind] = {
    "centerface": DetectorKind(_centerface, CENTERFACE_CONTEXT, _centerface_sure),
    "mtcnn": DetectorKind(_mtcnn, CONTEXT, _mtcnn_sure),
}
"""By the name in ``config.detector``."""


def prepare_process() -> None:
    """Environment that native libraries read when they load; call it before the first builder.

    Passive waiting keeps torch's threads (``--detector mtcnn``) from spinning against those of the other libraries
    (measured: spinning slows the other one 3-4 times). A value that the user set stays.
    """
    for name, value in {
        "OMP_WAIT_POLICY": "PASSIVE",
        "KMP_BLOCKTIME": "0",
        "CUDA_VISIBLE_DEVICES": "-1",
        "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "256",
        "MPLBACKEND": "Agg",
    }.items():
        os.environ.setdefault(name, value)


def threads(config: Config) -> int:
    """CPU threads to use; the cores that this process may run on unless set."""
    return config.threads or mtcnn.available_cores()


def open_video(path: Path, config: Config) -> PyAVVideoSource:
    """The film at ``path``; VideoError if it cannot be read."""
    from classroom_fer.film import video  # loads PyAV

    return video.open_video(path, threads=threads(config))


def build_parts(config: Config) -> Parts:
    """Detector, classifier (not for the profile presence), and decoding ahead in a thread.

    ModelError: a net is missing or changed, or what runs it is missing or too old.
    """
    prepare_process()
    kind = DETECTORS[config.detector]
    detector = kind.load(config)
    classifier = expressions_onnx.load_classifier(threads=threads(config)) if config.infers else None
    return Parts(detector=detector, classifier=classifier, context=kind.context, prefetch=partial(prefetched, depth=2))


def build_pure_half(config: Config) -> PureHalf:
    """The offline seat tracker, sure of a face by the score of the detector at hand, and the measurement."""
    from classroom_fer.measurement.session_result import measure_lesson  # loads SciPy, as the next one
    from classroom_fer.tracking.seat_tracker import SeatTracker

    rules = config.rules.tracking
    sure, large = DETECTORS[config.detector].sure_confidence(rules)
    tracker = SeatTracker(replace(rules, sure_confidence=sure, sure_confidence_large=large))
    return PureHalf(tracker, measure_lesson)


def build_renderer(style: ReportStyle | None = None) -> PdfRenderer:
    """The PDF renderer; ReportError if WeasyPrint's system libraries, a font, the templates or the logo are not fit."""
    prepare_process()
    from classroom_fer.report.renderer import PdfRenderer  # loads WeasyPrint and matplotlib

    return PdfRenderer(style)
