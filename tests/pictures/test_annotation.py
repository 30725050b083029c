"""Boxes and labels in a copy of the picture."""

import io

import numpy as np
import pytest
from PIL import Image
from still_pictures import collins, encoded

from classroom_fer.pictures.annotation import INK, READ, SMALLEST_SIDE_PX, UNREAD, Label, annotated_png
from classroom_fer.pictures.picture import Picture
from classroom_fer.pictures.reading import decode_picture


def drawn(width, height, labels, grey=128):
    picture = Picture("a", np.full((height, width, 3), grey, np.uint8))
    return np.asarray(Image.open(io.BytesIO(annotated_png(picture, labels))))


def coloured(image, colour):
    return (image == np.array(colour, np.uint8)).all(axis=-1)


FACE = Label(box=(0.3, 0.3, 0.5, 0.6), number=1, text="happiness 0.93", short="happiness", has_class=True)


def scaled(label, width, height):
    x1, y1, x2, y2 = label.box
    return Label(
        (x1 * width, y1 * height, x2 * width, y2 * height), label.number, label.text, label.short, label.has_class
    )


@pytest.mark.parametrize(
    ("width", "height", "grey"),
    [(1, 1, 255), (40, 30, 0), (200, 150, 255), (1280, 720, 0), (1280, 720, 255), (400, 2000, 128), (3000, 2000, 90)],
)
def test_letters_are_readable_at_any_size(width, height, grey):
    """At least 15 px high, at least 1/70 of the picture's mean side, light on dark whatever the picture."""
    image = drawn(width, height, [scaled(FACE, width, height)], grey)
    footer = image[-(image.shape[0] // 3) :]
    light = np.flatnonzero((footer > 250).all(axis=-1).any(axis=1))
    letters = np.split(light, np.flatnonzero(np.diff(light) > 1) + 1)
    mean_side = (image.shape[0] * image.shape[1]) ** 0.5
    assert max(len(rows) for rows in letters) >= max(11, mean_side / 70)  # a line of letters without its descenders
    assert image.shape[1] >= min(SMALLEST_SIDE_PX, width * 640) or image.shape[0] >= SMALLEST_SIDE_PX
    assert coloured(image, READ).any()


def test_faces_with_and_without_a_class_differ_in_colour_and_words():
    with_class = drawn(1000, 800, [scaled(FACE, 1000, 800)])
    without = drawn(1000, 800, [Label((300, 240, 500, 480), 1, "no class: too small", "too small", False)])
    assert coloured(with_class, READ)[240:480, 300:502].sum() > 1000
    assert not coloured(without, READ).any()
    assert coloured(without, UNREAD)[240:480, 300:502].sum() > 1000


def test_the_picture_itself_is_unchanged_outside_boxes_and_labels():
    source = decode_picture(encoded(collins(), "PNG"), "a")
    image = np.asarray(Image.open(io.BytesIO(annotated_png(source, []))))
    factor = image.shape[1] // 512
    assert factor == 2
    assert np.abs(image[: 512 * factor : factor, ::factor].astype(int) - source.image).mean() < 4


def crowd(columns, rows, size, gap):
    return [
        Label((gap + c * (size + gap), gap + r * (size + gap), (c + 1) * (size + gap), (r + 1) * (size + gap)),
              1 + c + columns * r, "no class: unsure detection", "unsure detection", False)
        for r in range(rows) for c in range(columns)
    ]  # fmt: skip


@pytest.mark.parametrize(("size", "gap"), [(60, 60), (60, 8), (20, 2)])
def test_in_a_crowd_every_face_keeps_at_least_its_number(size, gap):
    labels = crowd(10, 6, size, gap)
    width, height = 10 * (size + gap) + gap, 6 * (size + gap) + gap
    image = drawn(max(width, 700), height, labels, grey=200)
    dark = coloured(image, INK)
    factor = image.shape[1] // max(width, 700)
    for label in labels:
        x1, y1, x2, y2 = (int(v) * factor for v in label.box)
        around = dark[max(0, y1 - 40) : y2 + 40, max(0, x1 - 40) : x2 + 40]
        assert around.sum() > 150, label


def test_the_copy_carries_no_metadata():
    exif = Image.Exif()
    exif[0x010E] = "a place and a name"
    source = decode_picture(encoded(collins(), "JPEG", exif=exif), "a")
    data = annotated_png(source, [])
    assert b"a place and a name" not in data
    opened = Image.open(io.BytesIO(data))
    assert opened.format == "PNG"
    assert not opened.getexif()
    assert not opened.info
