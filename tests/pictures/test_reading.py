"""Whatever a file holds: upright RGB, or one sentence why not."""

import io
import os
import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile
from still_pictures import collins, encoded

from classroom_fer.errors import PictureError
from classroom_fer.pictures import reading
from classroom_fer.pictures.reading import decode_picture, read_picture

WIDTH, HEIGHT = 64, 48
RAMP = np.dstack([np.tile(np.linspace(0, 255, WIDTH), (HEIGHT, 1))] * 3).astype(np.uint8)
"""Dark at the left, bright at the right."""
CORNER = RAMP.copy()
CORNER[:12, :12] = (255, 0, 0)
"""The same with a red top left corner."""


def close(found, wanted, tolerance):
    return found.shape == wanted.shape and np.abs(found.astype(int) - wanted.astype(int)).mean() <= tolerance


@pytest.mark.parametrize(
    ("kind", "tolerance"),
    [("PNG", 0), ("BMP", 0), ("TIFF", 0), ("PPM", 0), ("GIF", 3), ("JPEG", 3), ("WEBP", 3), ("AVIF", 3)],
)  # lossy kinds: mean over a ramp, in grey levels; GIF has 256 colours
def test_every_kind_of_picture_is_read(kind, tolerance):
    found = decode_picture(encoded(RAMP, kind), "a")
    assert close(found.image, RAMP, tolerance)
    assert found.image.dtype == np.uint8
    assert found.image.flags.c_contiguous
    assert (found.name, found.notes, found.size_px) == ("a", (), (WIDTH, HEIGHT))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_upright_as_its_exif_says(kind, orientation):
    stored = {
        1: CORNER, 2: CORNER[:, ::-1], 3: CORNER[::-1, ::-1], 4: CORNER[::-1], 5: CORNER.swapaxes(0, 1),
        6: np.rot90(CORNER, 1), 7: CORNER[::-1, ::-1].swapaxes(0, 1), 8: np.rot90(CORNER, -1),
    }[orientation]  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = decode_picture(encoded(np.ascontiguousarray(stored), kind, exif=exif), "a")
    assert close(found.image, CORNER, 6)
    assert found.image[4, 4, 0] > 150 > found.image[4, 4, 2]


@pytest.mark.parametrize("mode", ["L", "1", "P", "RGBX", "YCbCr"])
def test_other_colour_models_end_as_rgb(mode):
    picture = Image.fromarray(RAMP).convert(mode)
    kind = {"YCbCr": "JPEG", "RGBX": "TIFF"}.get(mode, "PNG")
    found = decode_picture(encoded(picture, kind), "a")
    assert found.image.shape == RAMP.shape
    assert found.image[:, :8].mean() < 60 < 190 < found.image[:, -8:].mean()


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_is_not_a_negative(kind):
    found = decode_picture(encoded(Image.fromarray(RAMP).convert("CMYK"), kind), "a")
    assert close(found.image, RAMP, 6)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparent_places_are_white(mode):
    alpha = np.where(np.arange(WIDTH) < 32, 0, 255).astype(np.uint8)
    rgba = np.dstack([np.full((HEIGHT, WIDTH, 3), 90, np.uint8), np.tile(alpha, (HEIGHT, 1))])
    picture = Image.fromarray(rgba)
    picture = picture.quantize(16) if mode == "P" else picture.convert(mode)
    found = decode_picture(encoded(picture, "PNG"), "a").image
    assert (found[:, :31] == 255).all()
    assert (np.abs(found[:, 33:].astype(int) - 90) <= 2).all()


@pytest.mark.parametrize("ending", [".png", ".tiff"])
@pytest.mark.parametrize("colours", [1, 3])
def test_sixteen_bit_levels_are_scaled_and_not_clipped(ending, colours):
    ok, data = cv2.imencode(ending, np.squeeze(RAMP[..., :colours].astype(np.uint16) * 257))
    assert ok
    assert close(decode_picture(data.tobytes(), "a").image, RAMP, 1)


def test_floating_point_levels_are_refused_rather_than_guessed():
    _, data = cv2.imencode(".tiff", RAMP[..., 0].astype(np.float32))
    with pytest.raises(PictureError, match="floating-point"):
        decode_picture(data.tobytes(), "a")


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF", "AVIF"])
def test_of_an_animation_the_first_picture_is_taken_and_that_is_said(kind):
    later = [Image.fromarray(255 - RAMP), Image.fromarray(RAMP // 2)]
    found = decode_picture(encoded(RAMP, kind, save_all=True, append_images=later), "a")
    assert close(found.image, RAMP, 6)
    assert len(found.notes) == 1
    assert "only the first picture" in found.notes[0]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html>Sign in</html>", "web page (HTML)"),
        (b"\xef\xbb\xbf\n <HTML lang=en>", "web page (HTML)"),
        (b"<?xml version='1.0'?><svg/>", "SVG"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04word/", "ZIP"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00", "HEIC"),
        (b"\x00\x00\x00\x18ftypisom\x00\x00", "film"),
        (b"\x1aE\xdf\xa3\x9f", "film"),
        (b"version https://git-lfs.github.com/spec/v1", "LFS"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "is not a picture"),
        (b"hello", "is not a picture"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
    ],
)
def test_what_is_no_picture_gets_one_error_that_says_what_it_is(data, words):
    with pytest.raises(PictureError) as caught:
        decode_picture(data, "a.jpg")
    assert str(caught.value).startswith("a.jpg: ")
    assert words in str(caught.value)
    assert caught.value.hint
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP"])
@pytest.mark.parametrize("lenient", [False, True])
def test_a_picture_that_was_cut_off_is_an_error(kind, lenient, monkeypatch):
    """Also where another library (WeasyPrint) has asked Pillow to make do with what is there."""
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", lenient)
    whole = encoded(np.ascontiguousarray(collins()[:200, :200]), kind)
    with pytest.raises(PictureError, match="damaged, cut off"):
        decode_picture(whole[: len(whole) // 2], "a")
    assert ImageFile.LOAD_TRUNCATED_IMAGES is lenient


@settings(max_examples=60)
@given(
    st.sampled_from(["JPEG", "PNG", "WEBP", "GIF", "TIFF", "AVIF", "BMP"]),
    st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_damaged_bytes_give_a_picture_or_an_error_and_nothing_else(kind, changes):
    data = bytearray(encoded(CORNER, kind))
    for place, value in changes:
        data[int(place * len(data))] = value
    try:
        found = decode_picture(bytes(data), "a")
    except PictureError as error:
        assert error.hint
    else:
        assert found.image.ndim == 3


def png_of(width: int, height: int) -> bytes:
    """A small file that declares an enormous picture."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1_000_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(9_000, 9_000), (50_000, 50_000), (2_000_000, 2_000_000)])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(size):
    import tracemalloc

    tracemalloc.start()
    try:
        with pytest.raises(PictureError, match="too large"):
            decode_picture(png_of(*size), "bomb.png")
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_a_file_beyond_the_limit_is_not_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MAX_BYTES", 1000)
    (tmp_path / "a.jpg").write_bytes(encoded(collins(), "JPEG"))
    with pytest.raises(PictureError, match="larger than"):
        read_picture(tmp_path / "a.jpg")


def test_files_are_read_and_their_absence_explained(tmp_path):
    (tmp_path / "a.png").write_bytes(encoded(RAMP, "PNG"))
    assert close(read_picture(tmp_path / "a.png").image, RAMP, 0)
    for path, words in (
        (tmp_path / "none.png", "no such file"), (tmp_path, "is a folder"),
        (tmp_path / ("x" * 300), "cannot be read"), (tmp_path / "a\0b", "cannot be read"),
    ):  # fmt: skip
        with pytest.raises(PictureError, match=words):
            read_picture(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_of_somebody_else_is_explained(tmp_path):
    (tmp_path / "a.png").write_bytes(b"x")
    (tmp_path / "a.png").chmod(0)
    with pytest.raises(PictureError, match="may not read"):
        read_picture(tmp_path / "a.png")


def test_a_picture_of_one_pixel_is_a_picture():
    assert decode_picture(encoded(RAMP[:1, :1], "PNG"), "a").size_px == (1, 1)


def test_nothing_of_the_file_stays_open(tmp_path):
    data = io.BytesIO(encoded(RAMP, "TIFF"))
    (tmp_path / "a.tif").write_bytes(data.getvalue())
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0  # noqa: PTH208, PTH112
    for _ in range(5):
        read_picture(tmp_path / "a.tif")
    after = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0  # noqa: PTH208, PTH112
    assert after == before
