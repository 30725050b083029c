"""The product's three networks as ONNX files: what each one is, whether it is whole, and a session that runs it.

Each ``NAME.onnx`` in ``model/`` has ``NAME.json`` beside it. ONNX Runtime is loaded by ``open_net`` only.
"""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from packaging.version import Version

from classroom_fer.errors import ModelError
from classroom_fer.faces.model_manifest import MODEL_DIR, require_unchanged

NETS = ("faces", "landmarks", "expressions")
"""The shipped ones."""
NET_FORMAT = 1
"""Version of the layout of ``NAME.json``."""
OLDEST_RUNTIME = Version("1.20")
"""ONNX Runtime's version that the tests were first run with a close relative of; older ones were not tried."""
NO_TELEMETRY = "ORT_DISABLE_TELEMETRY"
REINSTALL = "install classroom-fer again"
RUNTIME_REMEDY = f'pip install "onnxruntime>={OLDEST_RUNTIME}"'

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class NetManifest:
    """What `python -m training nets` wrote of one network."""

    path: Path
    """The ONNX file; not part of the manifest."""
    name: str
    sha256: str
    """Of the ONNX file."""
    source: str
    """Package or file that the weights come from."""
    source_sha256: str
    licence: str
    input: str
    """Words: name, shape, type."""
    scaling: str
    """Words: what pixels become before they go in."""
    outputs: Mapping[str, str]
    """What each output holds, in words."""
    made: str
    """How the file was made from its source."""


def read_net(name: str, folder: Path | None = None) -> NetManifest:
    """The manifest of the net ``name`` in ``folder`` (default: the package's), its file compared with it.

    Raises:
        ModelError: manifest or file is missing, not readable or changed.
    """
    path = (folder or MODEL_DIR) / f"{name}.json"
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(f"{path}: a network's manifest cannot be read ({error.strerror})", hint=REINSTALL) from error
    except ValueError as error:
        raise ModelError(f"{path}: not a network's manifest ({error})", hint=REINSTALL) from error
    try:
        if table["format"] != NET_FORMAT or table["name"] != name:
            raise ValueError(f"format {table['format']}, name {table['name']!r}")
        fields = {key: str(table[key]) for key in ("sha256", "source", "source_sha256", "licence", "input", "scaling")}
        outputs = {str(key): str(value) for key, value in table["outputs"].items()}
        manifest = NetManifest(path.with_suffix(".onnx"), name, **fields, outputs=outputs, made=str(table["made"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(f"{path}: not a whole manifest ({type(error).__name__}: {error})", hint=REINSTALL) from error
    require_unchanged(manifest.path, manifest.sha256, what="a network's weights", remedy=REINSTALL)
    return manifest


class Net:
    """One network, ready to run; several threads may call it."""

    def __init__(self, manifest: NetManifest, session: Any) -> None:
        self.manifest, self._session = manifest, session
        self._input = session.get_inputs()[0].name
        self._outputs = list(manifest.outputs)

    def run(self, values: Floats) -> dict[str, Floats]:
        """Its outputs, by name, for one input array."""
        return dict(zip(self._outputs, self._session.run(self._outputs, {self._input: values}), strict=True))


def open_net(name: str, *, threads: int, folder: Path | None = None) -> Net:
    """The net ``name``, on ``threads`` cores (at least 1; the number changes no result).

    Raises:
        ModelError: manifest or file is missing or changed, or ONNX Runtime is missing, too old or cannot read it.
    """
    manifest = read_net(name, folder)
    runtime = _runtime()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors only
    # idle threads must sleep: spinning they take the cores from decoding
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = runtime.InferenceSession(str(manifest.path), options, providers=["CPUExecutionProvider"])
        net = Net(manifest, session)
        missing = set(manifest.outputs) - {output.name for output in session.get_outputs()}
    except Exception as error:  # ONNX Runtime's own errors have no common base but Exception
        raise ModelError(f"{manifest.path}: ONNX Runtime cannot read it ({error})", hint=RUNTIME_REMEDY) from error
    if missing:
        raise ModelError(f"{manifest.path}: has no output {', '.join(sorted(missing))}", hint=REINSTALL)
    return net


def _runtime() -> Any:
    """The package onnxruntime, forbidden to send anything.

    Its wheels report every session to Microsoft unless told otherwise before they load (version 1.32's Privacy.md), and
    keep a device's id in the home folder. Whatever a user set: no analysis of a class may do that.
    """
    os.environ[NO_TELEMETRY] = "1"
    try:
        runtime = importlib.import_module("onnxruntime")
    except ImportError as error:
        raise ModelError(f"ONNX Runtime cannot be loaded: {error}", hint=RUNTIME_REMEDY) from error
    version = str(getattr(runtime, "__version__", "0"))
    if Version(version) < OLDEST_RUNTIME:
        raise ModelError(f"ONNX Runtime {version} is too old", hint=RUNTIME_REMEDY)
    return runtime
