"""Training faces are changed as analysis crops differ: moved, turned, re-lit, coarser, partly hidden."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from labelled_faces import smooth_faces

from classroom_fer.faces.crops import CONTEXT, face_crop
from training.runs.augment import augment_batch, augment_face, jitter_matrix
from training.settings.config import Augmentation

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


def moves_of(matrix: np.ndarray) -> dict[str, list[float]]:
    """What a jitter matrix that mirrors nothing does, by the names and in the units of the settings."""
    middle = matrix @ np.array([23.5, 23.5, 1]) - 23.5
    return {
        "rotation_deg": [float(np.degrees(np.arctan2(matrix[0, 1], matrix[0, 0])))],
        "scale": [float(np.log(np.linalg.det(matrix[:, :2])) / 2)],
        "shift": list(middle / 48),
    }


@pytest.mark.parametrize(("name", "limit"), [("rotation_deg", 15.0), ("scale", 0.18), ("shift", 0.09)])
def test_every_move_comes_near_its_limit_both_ways_never_passes_it_and_moves_nothing_else(
    name: str, limit: float
) -> None:
    """300 uniform draws that all stay under .9 of the limit on one side: probability .95 ** 300 = 2e-7."""
    settings, rng = replace(NOTHING, **{name: limit}), np.random.default_rng(4)
    moves = [moves_of(jitter_matrix(48, settings, rng)) for _ in range(300)]
    drawn = np.array([move.pop(name) for move in moves])
    assert (drawn.max(axis=0) > 0.9 * limit).all()
    assert (drawn.min(axis=0) < -0.9 * limit).all()
    assert np.abs(drawn).max() <= limit + 1e-9
    assert np.abs([value for move in moves for values in move.values() for value in values]).max() < 1e-9


def relit(settings: Augmentation) -> tuple[np.ndarray, np.ndarray]:
    """A face of middle greys, which no light clips, and 300 lights of it, as floats."""
    face = 96 + smooth_faces(1)[0] // 4
    lights = augment_batch(np.stack([face] * 300), settings, np.random.default_rng(5))
    return face.astype(float), lights.astype(float)


def test_brightness_adds_up_to_its_grey_levels_and_leaves_the_contrast() -> None:
    face, lights = relit(replace(NOTHING, brightness=25))
    added = lights - face
    assert np.ptp(added, axis=(1, 2)).max() == 0
    assert -26 <= added.min() < -0.9 * 25  # greys are rounded down
    assert 0.9 * 25 < added.max() <= 25


def test_contrast_widens_or_narrows_the_greys_around_their_mean() -> None:
    face, lights = relit(replace(NOTHING, contrast=0.2))
    gains = np.log(lights.std(axis=(1, 2)) / face.std())
    assert -0.205 <= gains.min() < -0.9 * 0.2  # whole greys: .005 of 16 levels' deviation
    assert 0.9 * 0.2 < gains.max() <= 0.205
    assert np.abs(lights.mean(axis=(1, 2)) - face.mean()).max() <= 1


def test_a_certain_erasure_hides_one_grey_rectangle_of_8_to_16_px_a_side_anywhere() -> None:
    """Black and white faces that are erased by the same random numbers agree in the hidden pixels alone."""
    settings = replace(NOTHING, erase=1.0)
    black, white = (
        augment_batch(np.full((300, 48, 48), grey, np.uint8), settings, np.random.default_rng(6)) for grey in (0, 255)
    )
    places, greys = [], []
    for on_black, on_white in zip(black, white, strict=True):
        hidden = on_black == on_white
        rows, columns = (np.flatnonzero(hidden.any(axis=axis)) for axis in (1, 0))
        top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
        assert hidden.sum() == (bottom - top) * (right - left)
        assert (on_black[~hidden] == 0).all()
        assert (on_white[~hidden] == 255).all()
        (grey,) = set(on_black[hidden].tolist())
        places.append((top, left, bottom, right))
        greys.append(grey)
    corners = np.array(places)
    heights, widths = (corners[:, 2:] - corners[:, :2]).T
    assert set(heights) == set(widths) == set(range(8, 17))
    assert (corners[:, :2].min(), corners[:, 2:].max()) == (0, 48)
    assert min(greys) < 25
    assert max(greys) > 230


def test_erasure_hides_something_of_as_many_faces_as_it_says() -> None:
    """Of 400 faces 80 are expected at .2, with a standard deviation of 8."""
    faces = np.stack([smooth_faces(1)[0]] * 400)
    changed = augment_batch(faces, replace(NOTHING, erase=0.2), np.random.default_rng(7)) != faces
    assert 50 < changed.any(axis=(1, 2)).sum() < 110


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


def test_low_light_is_darker_and_compression_loses_detail_only() -> None:
    faces = smooth_faces(6)
    dark = augment_batch(faces, replace(NOTHING, dark=1.0), np.random.default_rng(0))
    assert all(after.mean() < before.mean() for before, after in zip(faces, dark, strict=True))
    packed = augment_batch(faces, replace(NOTHING, jpeg=1.0, jpeg_quality=20), np.random.default_rng(0))
    assert not np.array_equal(packed, faces)
    assert np.abs(packed.astype(int) - faces).mean() < 8


def test_changes_that_are_off_draw_nothing() -> None:
    """So that a run from before they existed is repeated."""
    faces, settings = smooth_faces(3), Augmentation()
    assert settings.dark == settings.jpeg == settings.blur == settings.shear == 0
    repeated = replace(settings, jpeg_quality=55, blur_sigma_px=9.0)
    first, second = (augment_batch(faces, s, np.random.default_rng(4)) for s in (settings, repeated))
    assert np.array_equal(first, second)
