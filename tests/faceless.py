"""Benchmarks that draw heads, as modules: they import their neighbours by name."""

from __future__ import annotations

import importlib
from functools import cache
from types import ModuleType

import pytest

from tests.photographs import ROOT


@cache
def benchmark_module(name: str) -> ModuleType:
    """A module of ``benchmarks/`` that draws heads; they come with scikit-image (dev extra)."""
    pytest.importorskip("skimage", reason="the photographs come with scikit-image (dev extra)")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "benchmarks")
        patch.syspath_prepend(ROOT / "sample_videos")
        return importlib.import_module(name)
