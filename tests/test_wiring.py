"""The real parts together in one process."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from classroom_fer import wiring
from classroom_fer.errors import ConfigError
from classroom_fer.lesson.records import FaceQuality, FaceSample, FrameSample
from classroom_fer.settings.config import default_config, load_config

ALL = """
import sys
from classroom_fer import wiring
from classroom_fer.settings.config import load_config
import numpy as np
parts = wiring.build_parts(load_config(None, {"detector": sys.argv[1]}))
assert parts.detector.detect([np.zeros((120, 160, 3), np.uint8)]) == [[]]
p = parts.classifier.classify(np.full((3, parts.classifier.input_px, parts.classifier.input_px), 128, np.uint8))
assert p.shape == (3, 8) and np.allclose(p.sum(1), 1, atol=1e-4)
print(*sorted({"tensorflow", "keras", "torch", "facenet_pytorch", "onnx"} & set(sys.modules)))
"""


@pytest.mark.parametrize(("detector", "loaded"), [("centerface", ""), ("mtcnn", "facenet_pytorch torch")])
def test_analysis_loads_a_training_framework_for_the_first_detector_only(detector: str, loaded: str) -> None:
    done = subprocess.run([sys.executable, "-c", ALL, detector], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == loaded
    assert done.stderr == "", "native libraries must not write to the user's terminal"


def test_threads_are_the_cores_unless_set() -> None:
    assert wiring.threads(default_config()) >= 1
    assert wiring.threads(replace(default_config(), threads=3)) == 3


def test_the_detector_is_chosen_among_those_there_are() -> None:
    assert default_config().detector == "centerface"
    for name in wiring.DETECTORS:
        assert load_config(None, {"detector": name}).detector == name
    with pytest.raises(ConfigError, match="detector"):
        load_config(None, {"detector": "haar"})


def test_detectors_make_other_face_rows_so_that_sessions_of_one_are_not_shown_for_the_other() -> None:
    hashes = {load_config(None, {"detector": name}).observation_sha256() for name in wiring.DETECTORS}
    assert len(hashes) == len(wiring.DETECTORS)


@pytest.mark.parametrize(("detector", "tracks"), [("centerface", 1), ("mtcnn", 0)])
def test_a_face_is_sure_by_the_score_of_its_own_detector(detector: str, tracks: int) -> None:
    """CenterFace says .6 of nearly sure faces, MTCNN of what is seldom one."""
    frames = [
        FrameSample(
            k, float(k), (FaceSample(k, 0, float(k), (0, 0, 40, 50), 0.6, FaceQuality(40, 9), None, None, "uncertain"),)
        )
        for k in range(10)
    ]
    tracker = wiring.build_pure_half(load_config(None, {"detector": detector})).tracker
    assert len(tracker.track(frames)) == tracks
