"""Frozen layers are computed once: the run is the same, the maps are gone at its end, and changed faces do without."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring
import keras
import numpy as np
import pytest
from labelled_faces import smooth_faces, write_dataset

from training.runs.compilation import compiled_model
from training.runs.folder import CHECKPOINT, read_record
from training.runs.frozen import FOLDER, Parts, frozen_maps, kept_maps, parts_of
from training.runs.train import read, train_and_evaluate
from training.runs.watch import Watch
from training.settings.config import Augmentation, TrainConfig
from training.settings.systems import default_config
from training.zoo.packaged import HED
from training.zoo.transfer import BASES, Base

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras on NumPy 2

LEARNING = 3
"""Last layers of `small_base` that learn: they begin inside its second block, where a shortcut leads around them."""


def small_base(*, include_top: bool, weights: Path | None, input_tensor: Any) -> Any:
    """Stands for an ImageNet network, which takes long to compile: two blocks, the second with a shortcut."""
    assert not include_top
    x = keras.layers.Conv2D(6, 3, strides=4, activation="relu", name="first")(input_tensor)
    statistics = {"moving_mean_initializer": "random_normal", "moving_variance_initializer": "ones"}
    x = keras.layers.BatchNormalization(name="first_norm", **statistics)(x)
    y = keras.layers.Conv2D(6, 3, padding="same", name="second")(x)
    y = keras.layers.BatchNormalization(momentum=0.5, name="second_norm")(y)
    x = keras.layers.ReLU(name="last")(keras.layers.Add(name="joined")([x, y]))
    return SimpleNamespace(output=x, layers=keras.Model(keras.utils.get_source_inputs(x), x).layers)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("data"), faces=16)


@pytest.fixture(autouse=True)
def base(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The small network is the base of every transfer system, and its weights "are there"."""
    home = tmp_path_factory.mktemp("keras")
    (home / "models").mkdir()
    (home / "models" / HED.pattern.replace("*", "py3-none-any")).touch()
    monkeypatch.setenv("KERAS_HOME", str(home))
    monkeypatch.setattr("training.zoo.transfer.BASES", dict.fromkeys(BASES, Base(small_base, HED)))


def transfer(data: Path, **changes: Any) -> TrainConfig:
    common: dict[str, Any] = {
        "data": data, "weights": "imagenet", "trainable_layers": LEARNING, "dense": (8,), "epochs": 2, "batch": 6,
        "class_weights": "balanced", "ema": 0.9, "learning_rate": 1e-2,
    }  # fmt: skip
    return default_config("vgg16-transfer", **common | changes)


def arrays(folder: Path) -> list[np.ndarray]:
    with np.load(folder / CHECKPOINT) as saved:
        return [saved[name] for name in sorted(saved.files)]


def run(config: TrainConfig, folder: Path, *, resume: bool = False, cut_at: tuple[int, int] | None = None) -> set[bool]:
    """Trains, and says whether there were maps on the disk at its steps; or is interrupted at a step."""
    found = set()

    def look(epoch: int, step: int, _: int) -> None:
        found.add((folder / FOLDER).is_dir())
        if (epoch, step) == cut_at:
            raise KeyboardInterrupt

    if cut_at is None:
        train_and_evaluate(config, folder, resume=resume, watch=Watch(step=look))
    else:
        with pytest.raises(KeyboardInterrupt):
            train_and_evaluate(config, folder, resume=resume, watch=Watch(step=look))
    assert not (folder / FOLDER).exists(), "the maps go with the end, whatever it was"
    return found


def assert_same(one: Path, other: Path) -> None:
    """In float32, batches of other sizes are summed in other orders."""
    for a, b in zip(arrays(one), arrays(other), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-5)
    first, second = (read_record(folder) or {} for folder in (one, other))
    assert first["kept"]["accuracy"] == second["kept"]["accuracy"]
    for figure in ("loss", "loss_validation"):
        assert first["kept"][figure] == pytest.approx(second["kept"][figure], rel=1e-4)


def test_weights_are_those_of_a_run_without_maps_also_after_an_interruption(data: Path, tmp_path: Path) -> None:
    """Dropout and class weights at work, faces in their order, averages of the weights kept."""
    assert run(transfer(data, frozen_maps=False), tmp_path / "without") == {False}
    assert run(transfer(data), tmp_path / "with") == {True}
    assert_same(tmp_path / "without", tmp_path / "with")
    record = read_record(tmp_path / "with") or {}
    assert record["frozen_maps_seconds"] > 0
    assert record["seconds"] >= round(record["frozen_maps_seconds"], 1)

    run(transfer(data), tmp_path / "cut", cut_at=(1, 2))
    (tmp_path / "cut" / FOLDER).mkdir()
    (tmp_path / "cut" / FOLDER / "training.npy").write_bytes(b"what a kill -9 left")
    assert run(transfer(data), tmp_path / "cut", resume=True) == {True}
    assert_same(tmp_path / "without", tmp_path / "cut")


def maps_of(config: TrainConfig, workdir: Path) -> tuple[bool, list[str]]:
    """Whether a run of ``config`` would have maps, and what is said."""
    notes: list[str] = []
    splits = read(config, "Training"), read(config, "PublicTest")
    with frozen_maps(compiled_model(config), config, splits, workdir, notes.append) as maps:
        return maps is not None, notes


@pytest.mark.parametrize(
    "changes",
    [
        {"augmentation": replace(Augmentation.nothing(), flip=0.5)},
        {"mixup": 0.2},
        {"teachers": ("a run",)},
        {"weights": "none"},
        {"trainable_layers": None},
    ],
    ids=["changed faces", "mixed faces", "teachers", "from scratch", "nothing frozen"],
)
def test_there_are_no_maps_where_a_face_or_a_layer_changes(changes: dict[str, Any], data: Path, tmp_path: Path) -> None:
    assert maps_of(transfer(data), tmp_path) == (True, [])
    assert maps_of(transfer(data, **changes), tmp_path) == (False, [])


def test_without_room_on_the_disk_the_run_does_without_and_says_so(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    found, (note,) = maps_of(transfer(data), tmp_path)
    assert not found
    assert "no room for 0.0 GB of frozen maps" in note


def parts(model: Any) -> Parts:
    found = parts_of(model)
    assert found is not None
    return found


def test_a_network_is_cut_where_one_map_holds_all_that_comes_later(data: Path) -> None:
    """Of the last four, convolution and norm have a shortcut around them: the cut is before that convolution."""
    model = compiled_model(transfer(data, trainable_layers=4))
    assert parts(model).frozen.layers[-1].name == "first_norm"
    assert parts(model).shape == (12, 12, 6)
    later = compiled_model(transfer(data, trainable_layers=0))
    assert parts(later).frozen.layers[-1].name == "last"
    faces = smooth_faces(3)[..., None]
    said = keras.ops.convert_to_numpy(model(faces.astype(np.float32), training=False))
    maps = keras.ops.convert_to_numpy(parts(model).frozen(faces.astype(np.float32), training=True))
    np.testing.assert_allclose(keras.ops.convert_to_numpy(parts(model).rest(maps)), said, rtol=1e-5, atol=1e-5)


def test_half_precision_maps_are_kept_in_half_the_room(data: Path, tmp_path: Path) -> None:
    """As they are: what computes in float16 says no more than float16 holds; bfloat16 is in no file of NumPy."""
    for precision, kept in (("mixed_float16", np.float16), ("mixed_bfloat16", np.float32)):
        before = keras.config.dtype_policy()
        keras.config.set_dtype_policy(precision)
        try:
            found = parts(compiled_model(transfer(data)))
        finally:
            keras.config.set_dtype_policy(before)
        faces = smooth_faces(3)
        maps = kept_maps(found, faces, tmp_path / f"{precision}.npy")
        assert maps.dtype == kept
        assert found.size(3) == maps.nbytes
        said = keras.ops.convert_to_numpy(found.frozen(faces[..., None].astype(np.float32)))
        np.testing.assert_allclose(maps, said.astype(np.float32), rtol=1e-2, atol=1e-2)
