"""Random changes of training faces, drawn from one generator so that a run can be repeated batch by batch."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from classroom_fer.lesson.records import Image
from training.settings.config import Augmentation

BLUR_MIN_PX = 0.3
"""Smallest blur: a choice, hardly visible."""
DARK_GAMMA, DARK_GAIN, DARK_NOISE = 2.5, 0.3, 8.0
"""Darkest of `darkened`: choice."""
JPEG_BEST = 90
"""Highest quality of a compressed face: a choice, hardly visible."""


def augment_batch(images: Image, settings: Augmentation, rng: np.random.Generator) -> Image:
    """Grey [N, S, S] -> grey [N, S, S], each face changed on its own."""
    return np.stack([augment_face(image, settings, rng) for image in images])


def augment_face(image: Image, settings: Augmentation, rng: np.random.Generator) -> Image:
    """One grey [S, S] face, moved, flipped, blurred, coarsened, re-lit and partly hidden.

    A change that is switched off by 0 and was added after the first shipped net (shear, blur, dark, jpeg) draws no
    random number, so that older runs can be repeated.
    """
    side = image.shape[0]
    face = warped(image, jitter_matrix(side, settings, rng))
    if settings.blur > 0 and rng.random() < settings.blur:
        face = cv2.GaussianBlur(face, (0, 0), float(rng.uniform(BLUR_MIN_PX, max(BLUR_MIN_PX, settings.blur_sigma_px))))
    if rng.random() < settings.resample:
        face = coarsened(face, int(rng.integers(settings.resample_min_px, side)))
    gain = np.exp(rng.uniform(-settings.contrast, settings.contrast))
    offset = rng.uniform(-settings.brightness, settings.brightness)
    mean = float(face.mean())
    relit: Image = np.clip((face - mean) * gain + mean + offset, 0, 255).astype(np.uint8)
    if settings.dark > 0 and rng.random() < settings.dark:
        relit = darkened(relit, rng)
    if settings.jpeg > 0 and rng.random() < settings.jpeg:
        relit = compressed(relit, int(rng.integers(settings.jpeg_quality, JPEG_BEST + 1)))
    if rng.random() < settings.erase:
        _erase(relit, rng)
    return relit


def jitter_matrix(side: int, settings: Augmentation, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """2x3 affine, source to target, between pixel centres: shear, rotation, zoom, shift and flip about the middle."""
    angle = rng.uniform(-settings.rotation_deg, settings.rotation_deg)
    zoom = np.exp(rng.uniform(-settings.scale, settings.scale))
    shift = rng.uniform(-settings.shift, settings.shift, 2) * side
    middle = (side - 1) / 2
    matrix: npt.NDArray[np.float64] = cv2.getRotationMatrix2D((middle, middle), angle, zoom)
    if settings.shear > 0:
        lean = rng.uniform(-settings.shear, settings.shear)
        matrix = matrix @ np.array([[1, lean, -lean * middle], [0, 1, 0], [0, 0, 1]])
    matrix[:, 2] += shift
    if rng.random() < settings.flip:
        matrix[0] = -matrix[0]
        matrix[0, 2] += side - 1
    return matrix


def warped(image: Image, matrix: npt.NDArray[np.float64]) -> Image:
    """Each target pixel where ``matrix`` (source to target) takes it from; outside, the edge is repeated."""
    side = image.shape[0]
    moved: Image = cv2.warpAffine(image, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return moved


def coarsened(face: Image, px: int) -> Image:
    """What ``crops.face_crop`` gives of the same face when it is only ``px`` wide in the frame."""
    small = cv2.resize(face, (px, px), interpolation=cv2.INTER_AREA)
    large: Image = cv2.resize(small, face.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return large


def darkened(face: Image, rng: np.random.Generator) -> Image:
    """As a camera shows it in low light: dark parts darker, all of it dimmer, noise on top."""
    gamma, gain = rng.uniform(1, DARK_GAMMA), rng.uniform(DARK_GAIN, 1)
    noise = rng.normal(0, rng.uniform(0, DARK_NOISE), face.shape)
    dark: Image = np.clip(255 * gain * (face / 255.0) ** gamma + noise, 0, 255).astype(np.uint8)
    return dark


def compressed(face: Image, quality: int) -> Image:
    """``face`` as JPEG of this quality gives it back: blocks of 8 px without fine detail, as in films."""
    _, packed = cv2.imencode(".jpg", face, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


def _erase(face: Image, rng: np.random.Generator) -> None:
    side = face.shape[0]
    height, width = (int(v) for v in rng.integers(side // 6, side // 3 + 1, 2))
    top, left = int(rng.integers(0, side - height + 1)), int(rng.integers(0, side - width + 1))
    face[top : top + height, left : left + width] = rng.integers(0, 256)
