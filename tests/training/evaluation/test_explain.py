"""The surest mistakes, and the maps of what spoke for them."""

from __future__ import annotations

import re
from pathlib import Path

import keras
import numpy as np
import pytest
from labelled_faces import smooth_faces

from classroom_fer.errors import ConfigError
from training.evaluation.answers import open_subject
from training.evaluation.evaluate import Request, evaluate
from training.evaluation.explain import COUNT, png, surest_mistakes
from training.evaluation.page import write_pages
from training.evaluation.question import Question
from training.zoo.activation import activation_maps

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation:DeprecationWarning",  # Keras on NumPy 2
    "ignore:The structure of `inputs`:UserWarning",
)


def test_mistakes_come_surest_first_and_none_of_them_is_right(tiny_run: Path) -> None:
    found = surest_mistakes(Request(str(tiny_run), Question(tiny_run / "data")))
    assert 0 < len(found) <= COUNT
    assert [m.probability for m in found] == sorted((m.probability for m in found), reverse=True)
    assert all(m.answer != m.label and m.probability >= m.label_probability for m in found)
    assert all(re.match(r"\w+ (\.\d|1\.0)", m.votes) for m in found)


def test_the_page_shows_them_and_the_record_does_not(tiny_run: Path, tmp_path: Path) -> None:
    request = Request(str(tiny_run), Question(tiny_run / "data"))
    mistakes = surest_mistakes(request, activation=True)
    json_file, markdown_file, page = write_pages(evaluate(request), tmp_path, mistakes)
    assert page.read_text().count("data:image/png;base64,") == len(mistakes)
    assert f"Its {len(mistakes)} surest mistakes" in page.read_text()
    assert all("base64" not in file.read_text() for file in (json_file, markdown_file))


@pytest.mark.parametrize("name", ["shipped", None])
def test_a_map_is_as_large_as_its_face_and_goes_from_0_to_1(tiny_run: Path, name: str | None) -> None:
    net = open_subject(name or str(tiny_run)).net
    faces, classes = smooth_faces(3), np.array([0, 1, 2])
    maps = activation_maps(net, "emotions", faces, classes)
    assert maps.shape == (3, 48, 48)
    assert (maps.min(), maps.max()) == (pytest.approx(0, abs=1e-6), pytest.approx(1, abs=1e-6))


def test_a_net_without_averaged_maps_is_refused() -> None:
    grey = keras.Input((48, 48, 1))
    net = keras.Model(grey, keras.layers.Dense(8, name="emotions")(keras.layers.Flatten()(grey)))
    with pytest.raises(ConfigError, match="no class-activation map"):
        activation_maps(net, "emotions", smooth_faces(2), np.array([0, 1]))


def test_heat_colours_a_grey_face() -> None:
    face = smooth_faces(1)[0]
    plain, coloured = png(face), png(face, np.linspace(0, 1, 48 * 48).reshape(48, 48))
    assert plain[:8] == coloured[:8] == b"\x89PNG\r\n\x1a\n"
    assert plain != coloured
