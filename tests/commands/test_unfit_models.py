"""No net or no runtime: one error for the whole batch, with its remedy. `tests/faces/test_nets.py` has all kinds."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from in_process import invoke

from classroom_fer.faces import nets
from classroom_fer.faces.model_manifest import MODEL_DIR
from tests.media import constant, write_film


def analyzed_films(folder: Path) -> str:
    """What stderr says of two films; nothing is analysed."""
    films = folder / "films"
    films.mkdir()
    for name in ("a.mp4", "b.mp4"):
        write_film(films / name, constant(3, 1.0))
    done = invoke(folder, "analyze", "films")
    assert done.exit_code == 1, done.stderr
    assert (done.stderr.count("error:"), done.stderr.count("hint:")) == (1, 1), done.stderr
    return done.stderr


@pytest.mark.parametrize("name", nets.NETS)
def test_a_net_that_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    for path in MODEL_DIR.iterdir():
        if path.suffix in {".json", ".onnx"} and path.name != f"{name}.onnx":
            shutil.copy(path, folder)
    monkeypatch.setattr(nets, "MODEL_DIR", folder)
    said = analyzed_films(tmp_path)
    assert f"{name}.onnx" in said
    assert "install classroom-fer again" in said


def test_a_runtime_that_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert 'pip install "onnxruntime>=' in analyzed_films(tmp_path)
