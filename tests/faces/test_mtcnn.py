"""The MTCNN adapter: its promises, the known traps, and the gate against facenet-pytorch's own driver."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from contracts.detector import DetectorContract, RealDetectorContract
from fakes import FakeDetector
from photographs import astronaut, benchmark, class_picture, resized

from classroom_fer.errors import ConfigError, ModelError
from classroom_fer.faces.mtcnn import MtcnnDetector, load_detector
from classroom_fer.lesson.records import Image

ROOT = Path(__file__).resolve().parents[2]
FILMS = ROOT.parent / "shared" / "videos"


@pytest.fixture(scope="module")
def real() -> MtcnnDetector:
    return load_detector(min_face=20)


class TestMtcnnKeepsTheContract(RealDetectorContract):
    @pytest.fixture
    def detector(self, real: MtcnnDetector) -> MtcnnDetector:
        return real


class TestFakeKeepsTheContract(DetectorContract):
    @pytest.fixture
    def detector(self) -> FakeDetector:
        return FakeDetector()

    @pytest.fixture
    def make_image(self) -> Callable[[int, int], Image]:
        return lambda height, width: np.zeros((height, width, 3), np.uint8)


def test_a_portrait_has_one_face_where_the_face_is(real: MtcnnDetector) -> None:
    (face,) = real.detect([astronaut()])[0]
    x1, y1, x2, y2 = face.box
    assert x1 < 224 < x2  # her nose by eye: (224, 125)
    assert y1 < 125 < y2
    assert 70 < x2 - x1 < 130
    assert np.hypot(face.landmarks[2][0] - 224, face.landmarks[2][1] - 125) < 12
    assert face.confidence > 0.99


@pytest.mark.parametrize(
    "size", [(1, 1), (5, 400), (400, 5), (11, 11), (12, 12), (19, 300), (300, 19), (20, 20), (21, 500)]
)
def test_images_too_small_for_a_face_have_none(real: MtcnnDetector, size: tuple[int, int]) -> None:
    assert real.detect([resized(astronaut(), *size)]) == [[]]


def test_a_grey_picture_in_three_channels_has_its_face(real: MtcnnDetector) -> None:
    grey = np.repeat(cv2.cvtColor(astronaut(), cv2.COLOR_RGB2GRAY)[:, :, None], 3, axis=2)
    assert len(real.detect([grey])[0]) == 1


class Always:
    """Networks in which one stage passes nothing or only crops outside the image."""

    def __init__(self, real: MtcnnDetector, **stages: Callable[..., object]) -> None:
        self._real = real._networks
        self._stages = stages

    def __getattr__(self, name: str) -> object:
        return self._stages.get(name) or getattr(self._real, name)


def without_scores(judge: Callable[..., tuple[np.ndarray, ...]]) -> Callable[..., tuple[np.ndarray, ...]]:
    def judged(*arguments: object) -> tuple[np.ndarray, ...]:
        scores, *rest = judge(*arguments)
        return np.zeros_like(scores), *rest

    return judged


def thrown_out(judge: Callable[..., tuple[np.ndarray, ...]]) -> Callable[..., tuple[np.ndarray, ...]]:
    """Every candidate is moved far beyond the image."""

    def judged(*arguments: object, **options: object) -> tuple[np.ndarray, ...]:
        *rest, offsets = judge(*arguments, **options)
        return *rest, offsets + np.float32(1000)

    return judged


@pytest.mark.parametrize("stage", ["refine", "output"])
def test_no_candidate_after_a_stage_is_no_face(real: MtcnnDetector, stage: str) -> None:
    networks = Always(real, **{stage: without_scores(getattr(real._networks, stage))})
    assert MtcnnDetector(networks, min_face=20, threads=1).detect([astronaut()[:200, 120:320]]) == [[]]  # type: ignore[arg-type]  # a double


@pytest.mark.parametrize("stage", ["propose", "refine"])
def test_only_empty_crops_after_a_stage_is_no_face(real: MtcnnDetector, stage: str) -> None:
    networks = Always(real, **{stage: thrown_out(getattr(real._networks, stage))})
    assert MtcnnDetector(networks, min_face=20, threads=1).detect([astronaut()[:200, 120:320]]) == [[]]  # type: ignore[arg-type]  # a double


def test_the_number_of_threads_changes_no_result(real: MtcnnDetector) -> None:
    picture = class_picture(2, 3, smallest_px=60)
    alone, three = load_detector(threads=1), load_detector(threads=3)
    assert alone.detect([picture]) == three.detect([picture]) == real.detect([picture])


@pytest.mark.parametrize("size", [(12, 40), (13, 41), (37, 58), (64, 65), (120, 81)])
def test_shrunk_levels_are_torchs_area_interpolation(size: tuple[int, int]) -> None:
    import torch

    from classroom_fer.faces.mtcnn_networks import AreaSampler

    image = resized(astronaut(), 101, 90)
    pixels = torch.from_numpy(image.copy()).permute(2, 0, 1)[None].float()
    expected = torch.nn.functional.interpolate(pixels, size=size, mode="area") / 128
    sampler = AreaSampler(image)
    assert torch.allclose(sampler.level(*size, slice(0, size[0])), expected, atol=1e-5)
    assert torch.allclose(sampler.level(*size, slice(4, 11)), expected[:, :, 4:11], atol=1e-5)


def test_crops_are_torchs_area_interpolation_even_where_they_grow() -> None:
    import torch

    from classroom_fer.faces.mtcnn_networks import AreaSampler

    image = resized(astronaut(), 101, 90)
    bounds = np.array([[0, 0, 90, 101], [3, 5, 4, 6], [10, 20, 41, 51], [80, 90, 90, 101], [5, 0, 85, 7]])
    crops = AreaSampler(image).crops(bounds, 24)
    for (x1, y1, x2, y2), crop in zip(bounds, crops, strict=True):
        pixels = torch.from_numpy(image[y1:y2, x1:x2].copy()).permute(2, 0, 1)[None].float()
        expected = torch.nn.functional.interpolate(pixels, size=(24, 24), mode="area")[0] / 128
        assert torch.allclose(crop, expected, atol=1e-5)


def test_sums_of_huge_white_frames_do_not_overflow() -> None:
    """255 times 8.4 megapixels is more than an int32 holds; differences are right all the same."""
    from classroom_fer.faces.mtcnn_networks import AreaSampler

    white = np.broadcast_to(np.uint8(255), (3000, 3000, 3))
    level = AreaSampler(white).level(300, 300, slice(280, 300))
    assert float(level.min()) == float(level.max()) == pytest.approx(255 / 128)


@pytest.mark.parametrize("size", [(12, 12), (13, 12), (12, 15), (33, 46), (34, 47)])
def test_rearranged_proposal_net_is_facenet_pytorchs(size: tuple[int, int]) -> None:
    import torch
    from facenet_pytorch.models.mtcnn import PNet

    from classroom_fer.faces.mtcnn_networks import Networks

    level = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(4)) * 2
    offsets, scores = PNet()(level - 127.5 / 128)
    rows, columns, found, moved = Networks().propose(level, 1e-9, first_row=7)
    assert len(rows) == scores.shape[2] * scores.shape[3], "a threshold of nothing passes every cell"
    assert np.allclose(found, scores.detach()[0, 1].numpy()[rows - 7, columns], atol=1e-5)
    assert np.allclose(moved, offsets.detach()[0].numpy()[:, rows - 7, columns].T, atol=1e-5)


@pytest.mark.parametrize("min_face", [20, 30, 40])
def test_faces_are_those_of_facenet_pytorch(min_face: int) -> None:
    """The gate on public-domain pictures: one large face, one enlarged, and a class of small ones."""
    pictures = [
        astronaut()[:201, 100:350],
        resized(class_picture(3, 4, smallest_px=64), 345, 461),
    ]
    gate, _ = benchmark().compare(pictures, min_face, threads=1, warm_up=0)
    assert gate.is_passed, gate
    assert gate.stock_boxes >= 12, "too few faces for the gate to say anything"


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.skipif(not FILMS.is_dir(), reason="needs ../shared/videos")
def test_faces_in_real_films_are_those_of_facenet_pytorch() -> None:
    names = (
        "facenet_video.mp4",
        "classroom.gif",
        "short_hamilton_clip.mp4",
        "pyfeat_single_face.mp4",
        "pyfeat_no_face.mp4",
    )
    films = [FILMS / name for name in names] + sorted(FILMS.glob("*.mkv"))[::2]
    frames = [frame for film in films for frame in benchmark().read_frames(film, 2 if film.suffix != ".mkv" else 1)]
    gate, _ = benchmark().compare(frames, 20, threads=1, warm_up=0)
    assert len(frames) <= 40
    assert gate.stock_boxes >= 25
    assert gate.is_passed, gate


def resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads the resident size from /proc")
def test_memory_stays_flat_over_many_images(real: MtcnnDetector) -> None:
    def image(number: int) -> Image:
        return resized(astronaut(), 200 + 7 * (number % 15), 240 + 5 * (number % 15))

    for number in range(15):
        real.detect([image(number)])
    gc.collect()
    before = resident_mib()
    for number in range(30):
        real.detect([image(number)])
    gc.collect()
    assert resident_mib() - before < 16  # MiB; measured: 2.9 (0.1 where all have one size)


def test_importing_the_adapter_loads_no_torch() -> None:
    code = "import sys, classroom_fer.faces.mtcnn; print({'torch', 'facenet_pytorch'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "set()"


def test_loading_and_detecting_say_nothing() -> None:
    code = (
        "import numpy as np; from classroom_fer.faces.mtcnn import load_detector;"
        "assert load_detector(threads=1).detect([np.zeros((64, 64, 3), np.uint8)]) == [[]]"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert (done.stdout, done.stderr) == ("", "")


def test_a_missing_package_is_a_model_error_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "classroom_fer.faces.mtcnn_networks", raising=False)
    monkeypatch.setitem(sys.modules, "facenet_pytorch.models.mtcnn", None)
    with pytest.raises(ModelError, match="cannot be loaded") as error:
        load_detector()
    assert "pip install" in error.value.hint


@pytest.mark.parametrize("problem", [FileNotFoundError("onet.pt"), RuntimeError("invalid zip"), EOFError("empty")])
def test_missing_or_broken_weights_are_a_model_error_with_a_remedy(
    monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    import torch

    def fail(*_: object, **__: object) -> None:
        raise problem

    monkeypatch.setattr(torch, "load", fail)
    with pytest.raises(ModelError, match="weights cannot be loaded") as error:
        load_detector()
    assert "pip install" in error.value.hint
    assert error.value.__cause__ is problem


@pytest.mark.parametrize("settings", [{"min_face": 11}, {"threads": -1}])
def test_settings_out_of_range_are_a_config_error(settings: dict[str, int]) -> None:
    with pytest.raises(ConfigError):
        load_detector(**settings)
