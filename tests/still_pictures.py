"""Pictures for tests, made of the two public-domain photographs of the sample lesson; see sample_videos/README.md."""

from __future__ import annotations

import functools
import io

import cv2
import matplotlib.cbook
import numpy as np
import numpy.typing as npt
import skimage.data
from PIL import Image

Array = npt.NDArray[np.uint8]


@functools.cache
def collins() -> Array:
    """Eileen Collins: face of about 87 px at (181, 61)."""
    return np.asarray(skimage.data.astronaut())


@functools.cache
def hopper() -> Array:
    """Grace Hopper: face of about 174 px at (177, 111)."""
    with matplotlib.cbook.get_sample_data("grace_hopper.jpg") as file:
        return np.asarray(Image.open(file).convert("RGB"))[:600]


@functools.cache
def group() -> Array:
    """Five faces: large at the left and in the middle, below 36 px at the top, one mirrored, one of about 43 px."""
    canvas = np.full((700, 1400, 3), 110, np.uint8)
    canvas[100:612, 0:512] = collins()
    canvas[60:660, 500:1012] = hopper()
    for head, share, x in ((collins()[0:250, 120:330], 0.4, 1050), (hopper()[30:360, 140:400], 0.25, 1250)):
        small = cv2.resize(head, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
        canvas[50 : 50 + small.shape[0], x : x + small.shape[1]] = small
    canvas[400:660, 1100:1330] = collins()[0:260, 110:340][:, ::-1]
    return canvas


def encoded(image: Array | Image.Image, kind: str, **options: object) -> bytes:
    """The bytes of a picture file."""
    stored = io.BytesIO()
    picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
    picture.save(stored, kind, **options)
    return stored.getvalue()
