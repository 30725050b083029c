"""The expression classifier on TensorFlow: for training, and as the reference of the ONNX net.

Import ``facenet_pytorch`` first: the other order kills the process. TensorFlow is loaded by `load_classifier`, not by
importing this module. The fast form was chosen by measurement (`benchmarks/classifier.py`, docs/classifier-speed.md):
one compiled graph of a fixed batch, in bfloat16 where the processor multiplies that natively (half the time of float32,
at the same accuracy), else in float32. LiteRT with XNNPACK and XLA were slower.
"""

from __future__ import annotations

import os
import threading
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from classroom_fer.errors import ModelError
from classroom_fer.faces.calibrated import CalibratedClassifier, Crops, Floats
from classroom_fer.faces.model_manifest import MAIN, REMEDY, Manifest, read_manifest, verify
from classroom_fer.lesson.records import EMOTIONS

Graph = Callable[[Crops], Mapping[str, Floats]]
"""Grey [batch, S, S, 1] to logits [batch, C] by the name of the head."""
FLOAT32, BFLOAT16, AUTO = "float32", "bfloat16", "auto"
CPUINFO = Path("/proc/cpuinfo")
BFLOAT16_FLAGS = frozenset({"avx512_bf16", "amx_bf16"})


class KerasEmotionClassifier(CalibratedClassifier):
    """One compiled graph of one batch size: no retracing, one entry in oneDNN's primitive cache per layer."""

    def __init__(self, graph: Graph, manifest: Manifest, *, batch: int, precision: str = FLOAT32) -> None:
        super().__init__(manifest, batch=batch)
        self._graph, self.precision = graph, precision

    def _logits_of(self, part: Crops) -> dict[str, Floats]:
        return {head: rows[: len(part)] for head, rows in self._graph(self._padded(part)).items()}

    def _padded(self, part: Crops) -> Crops:
        if len(part) == self._batch:
            return part[..., None]
        full = np.zeros((self._batch, *part.shape[1:], 1), np.uint8)
        full[: len(part), ..., 0] = part
        return full


def load_classifier(
    folder: Path | None = None, *, threads: int = 0, batch: int = 64, precision: str = AUTO
) -> KerasEmotionClassifier:
    """The classifier in ``folder`` (default: the shipped one), checked against its manifest and compiled.

    Args:
        threads: for TensorFlow's operations; 0 leaves its own choice. Only the first load in a process can set it.
        batch: crops in one pass; a shorter last one is padded.
        precision: "float32", "bfloat16", or "auto": bfloat16 where the processor has instructions for it.

    Raises:
        ModelError: the model is missing, changed or of the wrong kind.
    """
    manifest = read_manifest(folder)
    verify(manifest)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    import tensorflow as tf

    _set_threads(tf, threads)
    if precision == AUTO:
        precision = BFLOAT16 if multiplies_bfloat16() else FLOAT32
    model = read_model(manifest)
    if precision == BFLOAT16:
        model = in_bfloat16(model)
    return KerasEmotionClassifier(_compile(tf, model, manifest, batch), manifest, batch=batch, precision=precision)


def multiplies_bfloat16(cpuinfo: Path = CPUINFO) -> bool:
    """Does this processor multiply bfloat16 natively? False where that is unknown (not Linux)."""
    try:
        with cpuinfo.open(encoding="ascii", errors="replace") as lines:
            flags = next((line for line in lines if line.startswith("flags")), "")
    except OSError:
        return False
    return not BFLOAT16_FLAGS.isdisjoint(flags.split())


def in_bfloat16(model: Any) -> Any:
    """A copy of ``model`` that computes in bfloat16 up to its last layers, which stay in float32, as do all weights."""
    import keras

    last = {tensor._keras_history.operation.name for tensor in _outputs(model).values()}

    def copied(layer: Any) -> Any:
        exact = layer.name in last or isinstance(layer, (keras.layers.InputLayer, keras.layers.Rescaling))
        return type(layer).from_config(layer.get_config() | {"dtype": FLOAT32 if exact else "mixed_bfloat16"})

    copy = keras.models.clone_model(model, clone_function=copied)
    copy.set_weights(model.get_weights())
    return copy


def _set_threads(tf: Any, threads: int) -> None:
    if threads <= 0 or tf.config.threading.get_intra_op_parallelism_threads() == threads:
        return
    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:
        return  # TensorFlow already runs in this process and keeps the threads it has


def read_model(manifest: Manifest) -> Any:
    """The Keras net that ``manifest`` names.

    Raises:
        ModelError: not a Keras 3 archive, or not a net of one grey crop with the head "emotions".
    """
    import keras

    path = manifest.weights_path
    if not zipfile.is_zipfile(path):
        raise ModelError(f"{path}: not a Keras 3 archive", hint=REMEDY)
    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except (ValueError, TypeError, KeyError, OSError, AttributeError, ImportError) as error:
        raise ModelError(f"{path}: not a model that this Keras can load ({error})", hint=REMEDY) from error
    side = manifest.input_px
    heads = {name: tuple(tensor.shape) for name, tensor in _outputs(model).items()}
    if tuple(model.input_shape) != (None, side, side, 1) or heads.get(MAIN) != (None, len(EMOTIONS)):
        raise ModelError(
            f"{path}: takes {model.input_shape} and gives {heads}, not one grey crop and 8 logits", hint=REMEDY
        )
    return model


def _outputs(model: Any) -> dict[str, Any]:
    """Output tensors by head; a network with one output has the head "emotions"."""
    return dict(model.output) if isinstance(model.output, Mapping) else {MAIN: model.output}


def _compile(tf: Any, model: Any, manifest: Manifest, batch: int) -> Graph:
    side, lock = manifest.input_px, threading.Lock()

    def logits(grey: Any) -> Any:
        answer = model(tf.cast(grey, tf.float32), training=False)
        return answer if isinstance(answer, Mapping) else {MAIN: answer}

    signature = [tf.TensorSpec((batch, side, side, 1), tf.uint8)]
    graph = tf.function(logits, input_signature=signature, autograph=False).get_concrete_function()

    def run(grey: Crops) -> dict[str, Floats]:
        with lock:
            return {head: rows.numpy() for head, rows in graph(tf.constant(grey)).items()}

    run(np.zeros((batch, side, side, 1), np.uint8))  # plans and allocates now rather than inside the first chunk
    return run
