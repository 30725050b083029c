"""What `conditions --save-result` keeps: small JSON files in ``training/results/conditions``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.evaluation.conditions import READINGS, TRUTHS
from training.evaluation.results import rounded_numbers
from training.evaluation.results_kfold import FORMAT, UNKEPT
from training.figures.risk_coverage import SHARES
from training.files.code_version import code_version
from training.files.folders import made_folder
from training.files.json_file import write_json

FOLDER = Path(__file__).resolve().parents[1] / "results" / "conditions"


def save_conditions(record: Mapping[str, Any], folder: Path = FOLDER) -> Path:
    """Keeps what `measure_conditions` gave, in place of what was kept of that classifier; gives the file's path."""
    made_folder(folder, "--save-result", hint=UNKEPT)
    path = folder / f"{Path(record['model']).resolve().name}.json"
    table = {
        "format": FORMAT,
        "sha256": record["sha256"],
        "split": record["split"],
        "faces": record["faces"],
        "clear": record["clear"],
        "limit": record["limit"],
        "truths": list(TRUTHS),
        "accuracy": {name: _accuracies(readings) for name, readings in record["conditions"].items()},
        "risk_coverage": {
            truth: {score: {"shares": list(SHARES), **rounded_numbers(curve)} for score, curve in curves.items()}
            for truth, curves in record["risk_coverage"].items()
        },
        "code_version": code_version(),
    }
    write_json(table, path)
    return path


def _accuracies(readings: Mapping[str, Any]) -> dict[str, list[float]]:
    """Of the four groups by reading, in the order of ``TRUTHS``."""
    return {
        reading: rounded_numbers([readings[reading][truth]["accuracy"] for truth in TRUTHS]) for reading in READINGS
    }
