"""Folds hold every face out once, keep identical pictures together, and their figures are summed up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring
import numpy as np
import pytest
from labelled_faces import smooth_faces, tiny_config, write_dataset

from classroom_fer.errors import ConfigError
from training.data.splits import Split
from training.runs.watch import Watch
from training.search.cross_validation import CrossValidation, FoldResult, table
from training.search.kfold import Folds, cross_validate, fold_rows, part

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras on NumPy 2


def split(count: int = 40) -> Split:
    """Two classes; the last ten pictures are those of the first ten."""
    images = smooth_faces(count)
    images[-10:] = images[:10]
    labels = np.arange(count) % 2
    labels[-10:] = labels[:10]
    votes = np.eye(2, dtype=np.float32)[labels]
    return Split(images, labels, votes, np.full(count, -1), names=tuple(f"face {k}" for k in range(count)))


def test_every_repeat_holds_every_face_out_once_and_repeats_differ() -> None:
    held = {(r, f): set(out.tolist()) for r, f, _, out in fold_rows(split(), Folds(4, 2), seed=1)}
    assert list(held) == [(r, f) for r in (1, 2) for f in (1, 2, 3, 4)]
    for repeat in (1, 2):
        assert sorted(k for f in (1, 2, 3, 4) for k in held[repeat, f]) == list(range(40))
    assert held[1, 1] != held[2, 1]


def test_no_picture_is_on_both_sides_and_classes_are_spread() -> None:
    faces = split()
    for _, _, rest, out in fold_rows(faces, Folds(4), seed=1):
        assert not set(rest) & set(out)
        known = {image.tobytes() for image in faces.images[rest]}
        assert not any(image.tobytes() in known for image in faces.images[out])
        assert 0.3 <= faces.labels[out].mean() <= 0.7


def test_a_part_keeps_what_belongs_to_its_faces() -> None:
    chosen = part(split(), np.array([3, 1]))
    assert chosen.names == ("face 3", "face 1")
    assert np.array_equal(chosen.images, split().images[[3, 1]])
    assert chosen.labels.tolist() == [1, 1]
    assert len(chosen.votes) == len(chosen.fer7) == 2


def test_more_folds_than_faces_is_an_error_with_a_hint() -> None:
    with pytest.raises(ConfigError, match="50 folds of 40 faces") as caught:
        list(fold_rows(split(), Folds(50), seed=1))
    assert "--folds" in caught.value.hint


@pytest.mark.parametrize("changes", [{"start": "runs/a"}, {"teachers": ("runs/a",)}])
def test_what_has_seen_the_folds_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="have seen the folds"):
        cross_validate(tiny_config(tmp_path, **changes), tmp_path / "k", Folds(2))


def test_mean_spread_and_best_are_those_of_the_runs() -> None:
    accuracies = (0.5, 0.6, 0.7)
    results = tuple(FoldResult(1, k + 1, a, 1.0, 3, 10, 2.0, f"run{k}") for k, a in enumerate(accuracies))
    done = CrossValidation("happy-sad", "P2", 3, 1, results)
    assert (done.mean, done.spread) == pytest.approx((0.6, 0.1))
    assert done.best.run == "run2"
    assert "mean 0.6000, standard deviation 0.1000 over 3 runs; best 0.7000: repeat 1 fold 3 (run2)" in table(done)


def test_a_cross_validation_that_was_cut_off_goes_on(tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", faces=32)
    config = tiny_config(data, widths=(8,), blocks=(1,), epochs=1)
    begun: list[str] = []

    def cut_off(name: str, epochs: int) -> None:
        begun.append(name)
        if len(begun) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cross_validate(config, tmp_path / "k", Folds(2), watch=Watch(run=cut_off))
    first = (tmp_path / "k" / "2fold-repeat1-fold1" / "history.json").read_text()
    done = cross_validate(config, tmp_path / "k", Folds(2), resume=True)
    assert (tmp_path / "k" / "2fold-repeat1-fold1" / "history.json").read_text() == first
    assert sum(result.held_out for result in done.results) == 32
    written = json.loads((tmp_path / "k" / "kfold.json").read_text())
    assert written == json.loads(json.dumps(done.as_dict()))
    assert written["mean"] == pytest.approx(np.mean([result.accuracy for result in done.results]))
