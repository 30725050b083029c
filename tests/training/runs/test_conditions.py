"""The stand-ins for other sources: each condition changes faces in its own way, the same way every time."""

from __future__ import annotations

import numpy as np
import pytest
from labelled_faces import smooth_faces

from training.runs.conditions import CONDITIONS, under


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_condition_can_be_repeated_and_changes_every_face_but_for_as_it_is(condition: str) -> None:
    faces = smooth_faces(5)
    seen = under(condition, faces)
    assert seen.shape == faces.shape
    assert seen.dtype == np.uint8
    assert np.array_equal(seen, under(condition, faces))
    same = [np.array_equal(a, b) for a, b in zip(seen, faces, strict=True)]
    assert same == [condition == "as it is"] * len(faces)


def test_conditions_do_what_their_names_say() -> None:
    faces = smooth_faces(8)
    spread = {name: under(name, faces).astype(float).std(axis=(1, 2)).mean() for name in CONDITIONS}
    assert spread["pale"] < 0.6 * spread["as it is"]
    assert spread["blurred"] < spread["as it is"]
    assert under("dim", faces).mean() < 0.7 * faces.mean()
    assert (under("hidden", faces) != faces).mean() == pytest.approx(0.4**2, abs=0.06)
