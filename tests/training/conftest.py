"""Runs that several test modules only read."""

from __future__ import annotations

from pathlib import Path

import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring
import pytest


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One epoch of ``ours`` with two branches; its data (16 faces a split) lies in ``data`` inside it."""
    from labelled_faces import tiny_config, write_dataset

    from training.runs.train import train_and_evaluate

    folder = tmp_path_factory.mktemp("runs") / "tiny"
    config = tiny_config(write_dataset(folder / "data", faces=16), epochs=1, branches=2)
    train_and_evaluate(config, folder)
    return folder
