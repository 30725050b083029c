"""The benchmark that the shipped form was chosen by measures every form of the real model."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring
import pytest

from classroom_fer.faces.model_manifest import read_manifest

SCRIPT = Path(__file__).resolve().parents[1] / "benchmarks" / "classifier.py"
FORMS = {
    "shipped", "graph float32", "graph bfloat16", "graph float32, XLA", "graph bfloat16, XLA", "predict per batch",
    "predict per face",
}  # fmt: skip

pytestmark = [
    pytest.mark.soak,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),  # Keras on NumPy 2
]


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("benchmark_classifier", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_form_is_timed_on_the_shipped_weights(benchmark: ModuleType) -> None:
    result = benchmark.measure(None, 8, 2, 1, litert=False)
    assert result["model_sha256"] == read_manifest().sha256
    assert set(result["forms"]) == FORMS
    for form in result["forms"].values():
        assert form["crops_per_s"] > 0
    assert result["forms"]["shipped"]["times_slower_than_shipped"] == 1
    lines = benchmark.table(result).splitlines()
    assert {line[:24].strip() for line in lines[2:]} == FORMS
