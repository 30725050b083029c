"""One picture of a film as PNG bytes in memory."""

from __future__ import annotations

import cv2

from classroom_fer.lesson.records import Image


def png_bytes(image: Image) -> bytes:
    """Args: RGB [H, W, 3]. Lossless; nothing is written to a disk."""
    ok, encoded = cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    if not ok:
        raise ValueError("OpenCV could not encode a picture")
    return bytes(encoded.tobytes())
