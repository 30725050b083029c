"""CenterFace with O-Net's points: its promises, sizes, and what it must find."""

from __future__ import annotations

import gc
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from contracts.detector import RealDetectorContract, assert_is_sound
from photographs import astronaut, benchmark, class_picture, resized

from classroom_fer.errors import ConfigError, ModelError
from classroom_fer.faces import nets
from classroom_fer.faces.centerface import CenterFaceDetector, load_detector
from classroom_fer.faces.centerface_net import CELL_PX, as_input, decode, suppress
from classroom_fer.faces.head_pose import head_pose
from classroom_fer.faces.looks import full_scale
from classroom_fer.lesson.records import Image
from classroom_fer.settings.config import default_config

ROOT = Path(__file__).resolve().parents[2]
PHOTOGRAPHS = ROOT.parent / "shared" / "datasets" / "wider_dev"


@pytest.fixture(scope="module")
def real() -> CenterFaceDetector:
    return load_detector(min_face=20, threads=2, plan=default_config().rules.looks)


class TestCenterFaceKeepsTheContract(RealDetectorContract):
    @pytest.fixture
    def detector(self, real: CenterFaceDetector) -> CenterFaceDetector:
        return real


def test_a_portrait_has_one_face_where_the_face_is(real: CenterFaceDetector) -> None:
    (face,) = real.detect([astronaut()])[0]
    x1, y1, x2, y2 = face.box
    assert x1 < 224 < x2  # her nose by eye: (224, 125)
    assert y1 < 125 < y2
    assert 70 < x2 - x1 < 130
    assert np.hypot(face.landmarks[2][0] - 224, face.landmarks[2][1] - 125) < 12
    assert face.confidence > 0.5
    assert face.frontal is not None
    assert face.frontal > 0.99


def test_points_are_where_mtcnn_puts_them(real: CenterFaceDetector) -> None:
    """So that directions keep their meaning: at most 4 % of the face's width away."""
    from classroom_fer.faces import mtcnn

    picture = class_picture(2, 3, smallest_px=60)
    ours, theirs = real.detect([picture])[0], mtcnn.load_detector(threads=1).detect([picture])[0]
    assert len(ours) == len(theirs) == 6
    distances = []
    for face in theirs:
        nearest = min(ours, key=lambda f: np.hypot(f.box[0] - face.box[0], f.box[1] - face.box[1]))
        apart = np.linalg.norm(np.subtract(face.landmarks, nearest.landmarks), axis=1).mean()
        distances.append(apart / (face.box[2] - face.box[0]))
        ours_pose, theirs_pose = head_pose(nearest.landmarks), head_pose(face.landmarks)
        assert ours_pose
        assert theirs_pose
        assert abs(ours_pose.yaw_deg - theirs_pose.yaw_deg) < 10
    assert np.median(distances) <= 0.04


def test_small_faces_of_a_class_are_found(real: CenterFaceDetector) -> None:
    picture = class_picture(3, 4, smallest_px=50)  # the face is about half of a portrait
    assert len(real.detect([picture])[0]) == 12


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (5, 400), (400, 5), (31, 33), (160, 120)])
def test_images_of_any_size_give_sound_faces_or_none(real: CenterFaceDetector, size: tuple[int, int]) -> None:
    image = resized(astronaut()[:320, 60:460], *size)
    (faces,) = real.detect([image])
    for face in faces:
        assert_is_sound(face, image)
    assert bool(faces) == (min(size) > 100)


def test_a_picture_beyond_all_sizes_is_shown_small(real: CenterFaceDetector) -> None:
    huge = cv2.resize(astronaut(), (7680, 4320), interpolation=cv2.INTER_NEAREST)
    assert len(real.detect([np.asarray(huge, np.uint8)])[0]) == 1


def test_the_number_of_threads_changes_no_result(real: CenterFaceDetector) -> None:
    picture = class_picture(2, 3, smallest_px=60)
    assert load_detector(threads=1).detect([picture]) == real.detect([picture])


def test_faces_that_are_too_small_do_not_count() -> None:
    picture = class_picture(2, 3, smallest_px=60)
    heights = sorted(f.box[3] - f.box[1] for f in load_detector(min_face=12).detect([picture])[0])
    limit = round(heights[2]) + 1
    found = load_detector(min_face=limit).detect([picture])[0]
    assert 1 <= len(found) <= 4
    assert all(max(f.box[2] - f.box[0], f.box[3] - f.box[1]) >= limit for f in found)


def test_a_larger_smallest_face_looks_at_a_smaller_picture() -> None:
    assert full_scale(1080, 1920, 20) == 1
    assert full_scale(1080, 1920, 40) == 0.5
    assert full_scale(1080, 1920, 12) == 1.5
    assert full_scale(240, 320, 20) == 1.5
    assert full_scale(1, 1, 20) == 1.5


@pytest.mark.parametrize("size", [(352, 640), (720, 1280), (1080, 1920), (2160, 3840), (1920, 1080), (4320, 7680)])
def test_the_smallest_face_arrives_or_the_picture_is_as_large_as_can_be(size: tuple[int, int]) -> None:
    scale = full_scale(*size, 20)
    assert 20 * scale >= 12.9 or scale * max(size) == pytest.approx(2880)


def test_a_picture_is_filled_up_below_and_at_the_right() -> None:
    image = np.full((33, 64, 3), 7, np.uint8)
    filled = as_input(image)
    assert filled.shape == (1, 3, 64, 64)
    assert (filled[:, :, :33] == 7).all()
    assert not filled[:, :, 33:].any()


def test_a_cell_says_where_and_how_large_a_face_is() -> None:
    heat = np.zeros((5, 6), np.float32)
    heat[2, 3] = 0.9
    sizes, offsets = np.zeros((2, 5, 6), np.float32), np.zeros((2, 5, 6), np.float32)
    sizes[:, 2, 3] = np.log([6, 4])
    offsets[:, 2, 3] = [0.25, -0.25]
    boxes, scores = decode(heat, sizes, offsets, 0.35)
    middle_x, middle_y = (3 - 0.25 + 0.5) * CELL_PX, (2 + 0.25 + 0.5) * CELL_PX
    np.testing.assert_allclose(boxes, [[middle_x - 8, middle_y - 12, middle_x + 8, middle_y + 12]], rtol=1e-5)
    np.testing.assert_allclose(scores, [0.9])


def test_nothing_above_the_score_is_no_box() -> None:
    boxes, scores = decode(
        np.zeros((3, 3), np.float32), np.zeros((2, 3, 3), np.float32), np.zeros((2, 3, 3), np.float32), 0.35
    )
    assert (boxes.shape, scores.shape) == ((0, 4), (0,))
    assert suppress(boxes, scores, 0.3).tolist() == []


def test_neighbours_stay_and_repeats_go() -> None:
    boxes = np.array([[0, 0, 40, 50], [2, 1, 43, 50], [36, 0, 76, 50]], np.float32)
    assert suppress(boxes, np.array([0.5, 0.9, 0.8], np.float32), 0.3).tolist() == [1, 2]


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.skipif(not PHOTOGRAPHS.is_dir(), reason="needs ../shared/datasets")
def test_labelled_faces_of_photographs_are_found(real: CenterFaceDetector) -> None:
    """Every eighth; of all AP .962, recall .949 (docs/measurement.md, section 11)."""
    judged = benchmark()
    labels = dict(list(judged.read_labels(PHOTOGRAPHS).items())[::8])
    pictures = [PHOTOGRAPHS / name for name in labels]
    (_, detect, used), *_ = judged.candidates([], threads=2)
    result = judged.judge("CenterFace", pictures, list(labels.values()), detect, used).scored
    assert result.average_precision >= 0.96
    assert result.at_precision(0.95)[0] >= 0.94


@cache
def resident_mib() -> Callable[[], float]:
    return lambda: int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads the resident size from /proc")
def test_memory_stays_flat_over_varied_images(real: CenterFaceDetector) -> None:
    def image(number: int) -> Image:
        return resized(astronaut(), 200 + 7 * (number % 15), 240 + 5 * (number % 15))

    for number in range(15):
        real.detect([image(number)])
    gc.collect()
    before = resident_mib()()
    for number in range(30):
        real.detect([image(number)])
    gc.collect()
    assert resident_mib()() - before < 16  # MiB


def test_detecting_loads_no_training_framework_and_says_nothing() -> None:
    code = (
        "import sys, numpy as np; from classroom_fer.faces.centerface import load_detector;"
        "assert load_detector(threads=1).detect([np.zeros((64, 64, 3), np.uint8)]) == [[]];"
        "assert not {'torch', 'tensorflow', 'keras', 'facenet_pytorch'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", ["faces", "landmarks"])
def test_a_missing_net_is_a_model_error_with_a_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(nets.MODEL_DIR, folder)
    (folder / f"{name}.onnx").unlink()
    monkeypatch.setattr(nets, "MODEL_DIR", folder)
    with pytest.raises(ModelError, match="cannot be read") as caught:
        load_detector()
    assert "install" in caught.value.hint


@pytest.mark.parametrize("settings", [{"min_face": 11}, {"threads": 0}])
def test_settings_out_of_range_are_a_config_error(settings: dict[str, int]) -> None:
    with pytest.raises(ConfigError):
        load_detector(**settings)
