"""The product's nets are believed only when whole, and a missing or old ONNX Runtime is one error with a remedy."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from classroom_fer.errors import ModelError
from classroom_fer.faces.model_manifest import MODEL_DIR
from classroom_fer.faces.nets import open_net, read_net
from classroom_fer.files import file_sha256

NAMES = ("faces", "landmarks", "expressions")


def copied(name: str, folder: Path) -> Path:
    """``folder`` with a copy of a shipped net."""
    for suffix in (".onnx", ".json"):
        shutil.copy(MODEL_DIR / f"{name}{suffix}", folder)
    return folder


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return copied("landmarks", tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_the_shipped_nets_are_whole_small_and_say_where_they_come_from(name: str) -> None:
    net = read_net(name)
    assert net.path.stat().st_size < 15_000_000
    assert all((net.source, net.licence, net.input, net.scaling, net.made, net.outputs))
    assert len(net.source_sha256) == 64


@pytest.mark.parametrize("name", NAMES)
def test_no_manifest_tells_a_path_of_the_machine_that_made_it(name: str) -> None:
    assert '"/' not in (MODEL_DIR / f"{name}.json").read_text()


@pytest.mark.parametrize(("count", "height", "width"), [(1, 32, 32), (2, 96, 64)])
def test_the_face_net_takes_pictures_of_any_number_and_size(count: int, height: int, width: int) -> None:
    answer = open_net("faces", threads=1).run(np.zeros((count, 3, height, width), np.float32))
    assert answer["heatmap"].shape == (count, 1, height // 4, width // 4)
    assert answer["sizes"].shape == answer["offsets"].shape == (count, 2, height // 4, width // 4)


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_manifest_is_an_error_with_a_remedy(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match=f"{name}.json: a network's manifest cannot be read") as caught:
        open_net(name, threads=1, folder=tmp_path)
    assert "install" in caught.value.hint


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_net_is_an_error_with_a_remedy(tmp_path: Path, name: str) -> None:
    (copied(name, tmp_path) / f"{name}.onnx").unlink()
    with pytest.raises(ModelError, match=f"{name}.onnx: a network's weights cannot be read") as caught:
        open_net(name, threads=1, folder=tmp_path)
    assert "install" in caught.value.hint


@pytest.mark.parametrize("name", NAMES)
def test_a_changed_net_is_not_loaded(tmp_path: Path, name: str) -> None:
    path = copied(name, tmp_path) / f"{name}.onnx"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match="were changed") as caught:
        open_net(name, threads=1, folder=tmp_path)
    assert "install" in caught.value.hint


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": 1, "name": "faces"}', '{"format": 2, "name": "landmarks"}']
)
def test_a_file_that_is_no_manifest_is_refused_with_a_remedy(copy: Path, text: str) -> None:
    (copy / "landmarks.json").write_text(text)
    with pytest.raises(ModelError, match="manifest") as caught:
        read_net("landmarks", copy)
    assert "install" in caught.value.hint


def test_a_file_that_is_no_net_is_an_error_though_its_hash_is_right(copy: Path) -> None:
    path = copy / "landmarks.onnx"
    path.write_bytes(b"<html>not found</html>")
    manifest = json.loads((copy / "landmarks.json").read_text())
    (copy / "landmarks.json").write_text(json.dumps(manifest | {"sha256": file_sha256(path)}))
    with pytest.raises(ModelError, match="ONNX Runtime cannot read it") as caught:
        open_net("landmarks", threads=1, folder=copy)
    assert "pip install" in caught.value.hint


def test_a_net_without_an_output_that_its_manifest_names_is_refused(copy: Path) -> None:
    manifest = json.loads((copy / "landmarks.json").read_text())
    manifest["outputs"]["ears"] = "[batch, 2]"
    (copy / "landmarks.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match="no output ears"):
        open_net("landmarks", threads=1, folder=copy)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("found", [None, SimpleNamespace(__version__="1.9.1"), SimpleNamespace()])
def test_a_missing_or_old_runtime_is_an_error_with_a_remedy(
    monkeypatch: pytest.MonkeyPatch, found: object, name: str
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", found)
    with pytest.raises(ModelError, match="ONNX Runtime") as caught:
        open_net(name, threads=1)
    assert "pip install" in caught.value.hint
    assert "onnxruntime" in caught.value.hint


@pytest.mark.parametrize("name", NAMES)
def test_the_number_of_threads_changes_no_result(name: str) -> None:
    shape = {"faces": (1, 3, 96, 160), "landmarks": (9, 3, 48, 48), "expressions": (9, 48, 48)}[name]
    values = np.random.default_rng(3).uniform(0, 255, shape).astype(np.float32)
    alone, three = (open_net(name, threads=threads).run(values) for threads in (1, 3))
    for output in alone:
        np.testing.assert_array_equal(alone[output], three[output])


def test_the_runtime_reports_to_nobody_and_leaves_no_file(tmp_path: Path) -> None:
    """Unless forbidden, ONNX Runtime keeps a device id and a queue of events in the home and temporary folders."""
    code = (
        "import time; from classroom_fer.faces.nets import open_net;"
        f"[open_net(name, threads=1) for name in {NAMES}];"
        "time.sleep(0.5)"  # it writes from a thread of its own
    )
    home = {name: str(tmp_path) for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "TMP", "TEMP")}
    env = os.environ | home | {"ORT_DISABLE_TELEMETRY": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, "-c", code], check=True, env=env)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_importing_loads_no_runtime_and_opening_says_nothing() -> None:
    code = (
        "import sys; from classroom_fer.faces.nets import open_net; assert 'onnxruntime' not in sys.modules;"
        "open_net('landmarks', threads=1);"
        "assert not {'torch', 'tensorflow', 'keras', 'onnx'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
