"""Training faces are changed as analysis crops differ: moved, turned, re-lit, coarser, partly hidden."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from faces import smooth_faces

from classroom_fer.crops import CONTEXT, face_crop
from training.augment import augment_batch, augment_face, jitter_matrix
from training.config import Augmentation

NOTHING = Augmentation(
    rotation_deg=0, shift=0, scale=0, flip=0, contrast=0, brightness=0, erase=0, resample=0
)  # fmt: skip


def test_the_same_seed_gives_the_same_faces_and_another_seed_others() -> None:
    faces = smooth_faces(4)
    first, again, other = (augment_batch(faces, Augmentation(), np.random.default_rng(k)) for k in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_without_changes_a_face_stays_as_it_is() -> None:
    faces = smooth_faces(4)
    assert np.array_equal(augment_batch(faces, NOTHING, np.random.default_rng(0)), faces)


def test_a_certain_flip_mirrors() -> None:
    faces = smooth_faces(4)
    flipped = augment_batch(faces, replace(NOTHING, flip=1.0), np.random.default_rng(0))
    assert np.array_equal(flipped, faces[:, :, ::-1])


@pytest.mark.parametrize(("zoom", "dx", "dy"), [(1.0, 3, -2), (1.0, -5, 0), (1.2, 0, 0), (0.85, 2, 1), (1.5, -3, 3)])
def test_the_jitter_of_training_is_the_crop_of_a_jittered_box(zoom: float, dx: int, dy: int) -> None:
    """A tile of 48 px is what face_crop gives of FER's typical box; moving the box moves the crop likewise."""
    tile = smooth_faces(1, seed=5)[0]
    side = 48 / zoom
    centre_x, centre_y = 24 - dx / zoom, 24 - dy / zoom
    half = side / CONTEXT / 2
    crop = face_crop(tile, (centre_x - half, centre_y - half, centre_x + half, centre_y + half))
    matrix = np.array([[zoom, 0, (1 - zoom) * 23.5 + dx], [0, zoom, (1 - zoom) * 23.5 + dy]])
    warped = cv2.warpAffine(tile, matrix, (48, 48), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    difference = np.abs(crop.astype(int) - warped.astype(int)).mean()
    # whole pixels agree exactly; otherwise face_crop rounds by up to half a pixel, a few levels on blurred noise
    assert difference <= (0 if zoom == 1.0 else 6)


def test_jitter_stays_within_its_settings() -> None:
    settings, rng = Augmentation(), np.random.default_rng(3)
    matrices = np.array([jitter_matrix(48, settings, rng) for _ in range(500)])
    zooms = np.sqrt(np.abs(np.linalg.det(matrices[:, :, :2])))
    middle = matrices[:, :, :2] @ np.array([23.5, 23.5]) + matrices[:, :, 2]
    assert np.log(zooms).max() <= settings.scale + 1e-9
    assert np.log(zooms).min() >= -settings.scale - 1e-9
    assert np.abs(middle - 23.5).max() <= settings.shift * 48 + 1e-9
    assert 0.4 < (np.linalg.det(matrices[:, :, :2]) < 0).mean() < 0.6


def test_shear_leans_upright_lines_and_keeps_the_middle() -> None:
    settings = replace(NOTHING, shear=0.3)
    leans = []
    for seed in range(50):
        matrix = jitter_matrix(48, settings, np.random.default_rng(seed))
        assert matrix[1].tolist() == [0, 1, 0]
        assert matrix @ np.array([23.5, 23.5, 1]) == pytest.approx([23.5, 23.5])
        leans.append(matrix[0, 1])
    assert 0.2 < max(leans) <= 0.3
    assert -0.3 <= min(leans) < -0.2


def test_blur_smooths_a_face_and_keeps_its_brightness() -> None:
    faces = smooth_faces(8, side=48) ^ np.random.default_rng(0).integers(0, 64, (8, 48, 48), dtype=np.uint8)
    blurred = augment_batch(faces, replace(NOTHING, blur=1.0), np.random.default_rng(0))
    edges = [np.abs(np.diff(images.astype(float), axis=2)).mean(axis=(1, 2)) for images in (faces, blurred)]
    assert (edges[1] < edges[0]).all()
    assert np.abs(blurred.mean(axis=(1, 2)) - faces.mean(axis=(1, 2))).max() < 2


@pytest.mark.parametrize("smallest", [12, 40])
def test_coarse_faces_have_no_more_detail_than_a_small_face_has(smallest: int) -> None:
    """What was 12-47 px wide and is enlarged bilinearly has no power above the small picture's Nyquist frequency."""
    noise = np.random.default_rng(1).integers(0, 256, (40, 48, 48), dtype=np.uint8)
    coarse = augment_batch(noise, replace(NOTHING, resample=1.0, resample_min_px=smallest), np.random.default_rng(2))
    edges = [np.abs(np.diff(images.astype(float), axis=2)).mean() for images in (noise, coarse)]
    assert edges[1] < (0.45 if smallest == 12 else 0.75) * edges[0]


def test_changes_that_came_later_draw_nothing_while_they_are_off() -> None:
    """Runs of the first recipe can be repeated: the stream of random numbers is what it was."""
    face = smooth_faces(1)[0]
    rng = np.random.default_rng(7)
    augment_face(face, Augmentation(resample=0, erase=0), rng)
    expected = np.random.default_rng(7)
    for low, high, count in [
        (-15, 15, 1),
        (-0.18, 0.18, 1),
        (-0.09, 0.09, 2),
        (0, 1, 1),
        (0, 1, 1),
        (-1, 1, 2),
        (0, 1, 1),
    ]:
        expected.uniform(low, high, count)
    assert rng.random() == expected.random()
