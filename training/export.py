"""From a run to the shipped model: float32 archive, manifest, temperature; written together."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from classroom_fer import __version__
from classroom_fer.errors import ClassroomFerError
from classroom_fer.model_manifest import FORMAT, MANIFEST_FILE, MODEL_DIR, file_sha256
from classroom_fer.types import EMOTIONS
from training.config import TrainConfig
from training.data import read_split
from training.evaluate import figures, fit_temperature
from training.train import averaged_model, finished_epochs, predict_logits
from training.zoo import INPUT_PX, multiply_adds

WEIGHTS_FILE = "expressions.keras"
MAX_BYTES = 15_000_000
"""Limit of the shipped file (issue 2)."""
SCALING = "grey levels 0-255 go in; the network's first layer maps them to -1..1"


class ExportError(ClassroomFerError):
    """The run cannot become the shipped model."""


def export_run(workdir: Path, data: Path, *, folder: Path | None = None) -> dict[str, Any]:
    """Writes weights and manifest of the run in ``workdir`` to ``folder`` (default: the package's); gives the manifest.

    The temperature is fitted on PublicTest against the votes, and the manifest's metrics are PublicTest's.

    Raises:
        ConfigError, DataError: no such run or data.
        ExportError: the file would be over 15 MB.
    """
    folder = folder or MODEL_DIR
    model, config = averaged_model(workdir)
    public = read_split(data, "PublicTest", limit=config.limit)
    logits = predict_logits(model, public.images)
    temperature = fit_temperature(logits, public.votes)
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f"partial-{WEIGHTS_FILE}"
    try:
        _one_output(model).save(partial)
        size = partial.stat().st_size
        if size >= MAX_BYTES:
            raise ExportError(f"the weights take {size} bytes, {MAX_BYTES} is the limit", hint="train a narrower net")
        manifest = {
            "format": FORMAT,
            "weights": WEIGHTS_FILE,
            "sha256": file_sha256(partial),
            "labels": list(EMOTIONS),
            "input_px": INPUT_PX,
            "scaling": SCALING,
            "temperature": temperature,
            "data": _counts(data, config),
            "metrics": {"split": "PublicTest"} | figures(logits, public, temperature),
            "network": {"parameters": int(model.count_params()), "multiply_adds": multiply_adds(model)},
            "training": config.recipe() | {"epochs_done": finished_epochs(workdir)},
            "code_version": code_version(),
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        partial.replace(folder / WEIGHTS_FILE)
    finally:
        partial.unlink(missing_ok=True)
    text = json.dumps(manifest, indent=2) + "\n"
    (folder / MANIFEST_FILE).write_text(text, encoding="utf-8")
    return manifest


def _one_output(model: Any) -> Any:
    """The network that gives the mean of the "emotions" heads' logits and nothing else."""
    import keras

    heads = [tensor for name, tensor in model.output.items() if name.startswith("emotions")]
    return keras.Model(model.input, heads[0] if len(heads) == 1 else keras.layers.Average()(heads))


def _counts(data: Path, config: TrainConfig) -> dict[str, Any]:
    splits = {usage: len(read_split(data, usage, limit=config.limit).labels) for usage in ("Training", "PublicTest")}
    return {"source": "FER2013 with FER+ votes (fer2013new.csv)", "protocol": config.protocol, "faces": splits}


def code_version() -> str:
    """The package's version, and the commit where this is a checkout."""
    here = Path(__file__).resolve().parent
    try:
        done = subprocess.run(
            ["git", "rev-parse", "--short=12", "HEAD"], cwd=here, capture_output=True, text=True, check=True, timeout=10
        )
    except (OSError, subprocess.SubprocessError):
        return __version__
    return f"{__version__}+{done.stdout.strip()}"
