"""The shipped expression classifier on TensorFlow. Import ``facenet_pytorch`` first; ``wiring`` does.

TensorFlow is loaded by `load_classifier`, not by importing this module.
"""

from __future__ import annotations

import os
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classroom_fer.errors import ModelError
from classroom_fer.model_manifest import REMEDY, Manifest, read_manifest, verify
from classroom_fer.types import EMOTIONS


class KerasEmotionClassifier:
    """One compiled graph of one batch size: no retracing, one entry in oneDNN's primitive cache per layer."""

    def __init__(
        self, graph: Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.float32]], manifest: Manifest, *, batch: int
    ) -> None:
        """``graph`` maps grey [batch, S, S, 1] to calibrated probabilities [batch, 8]."""
        self._graph, self._manifest, self._batch = graph, manifest, batch

    @property
    def input_px(self) -> int:
        """Side of the square grey crop."""
        return self._manifest.input_px

    @property
    def sha256(self) -> str:
        """Of the weights file."""
        return self._manifest.sha256

    @property
    def manifest(self) -> Manifest:
        """What the model is."""
        return self._manifest

    def classify(self, crops: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        """Calibrated probabilities [N, 8] in EMOTIONS order of grey crops [N, S, S]; N may be 0.

        Raises:
            ValueError: crops of another shape or type.
        """
        side = self.input_px
        if crops.ndim != 3 or crops.shape[1:] != (side, side) or crops.dtype != np.uint8:
            raise ValueError(f"expected uint8 crops [N, {side}, {side}], got {crops.dtype} {list(crops.shape)}")
        answer = np.empty((len(crops), len(EMOTIONS)), np.float32)
        for start in range(0, len(crops), self._batch):
            part = crops[start : start + self._batch]
            answer[start : start + len(part)] = self._graph(self._padded(part))[: len(part)]
        return answer

    def _padded(self, part: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        if len(part) == self._batch:
            return part[..., None]
        full = np.zeros((self._batch, *part.shape[1:], 1), np.uint8)
        full[: len(part), ..., 0] = part
        return full


def load_classifier(folder: Path | None = None, *, threads: int = 0, batch: int = 64) -> KerasEmotionClassifier:
    """The classifier in ``folder`` (default: the shipped one), checked against its manifest and compiled.

    Args:
        threads: for TensorFlow's operations; 0 leaves its own choice. Only the first load in a process can set it.
        batch: crops in one pass; a shorter last one is padded.

    Raises:
        ModelError: the model is missing, changed or of the wrong kind.
    """
    manifest = read_manifest(folder)
    verify(manifest)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    import tensorflow as tf

    _set_threads(tf, threads)
    return KerasEmotionClassifier(_compile(tf, _read_model(manifest), manifest, batch), manifest, batch=batch)


def _set_threads(tf: Any, threads: int) -> None:
    if threads <= 0 or tf.config.threading.get_intra_op_parallelism_threads() == threads:
        return
    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:
        return  # TensorFlow already runs in this process and keeps the threads it has


def _read_model(manifest: Manifest) -> Any:
    import keras

    path = manifest.weights_path
    if not zipfile.is_zipfile(path):
        raise ModelError(f"{path}: not a Keras 3 archive", hint=REMEDY)
    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except (ValueError, TypeError, KeyError, OSError, AttributeError, ImportError) as error:
        raise ModelError(f"{path}: not a model that this Keras can load ({error})", hint=REMEDY) from error
    side = manifest.input_px
    found = (tuple(model.input_shape), tuple(model.output_shape))
    if found != ((None, side, side, 1), (None, len(EMOTIONS))):
        raise ModelError(f"{path}: takes {found[0]} and gives {found[1]}, not one grey crop and 8 logits", hint=REMEDY)
    return model


def _compile(
    tf: Any, model: Any, manifest: Manifest, batch: int
) -> Callable[[npt.NDArray[np.uint8]], npt.NDArray[np.float32]]:
    side, temperature = manifest.input_px, manifest.temperature
    lock = threading.Lock()

    def probabilities(grey: Any) -> Any:
        return tf.nn.softmax(model(tf.cast(grey, tf.float32), training=False) / temperature)

    signature = [tf.TensorSpec((batch, side, side, 1), tf.uint8)]
    graph = tf.function(probabilities, input_signature=signature, autograph=False).get_concrete_function()

    def run(grey: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
        with lock:
            answer: npt.NDArray[np.float32] = graph(tf.constant(grey)).numpy()
        return answer

    run(np.zeros((batch, side, side, 1), np.uint8))  # plans and allocates now rather than inside the first chunk
    return run
