"""Ensembles: several runs that answer together, with equal or learned shares; usable as a teacher.

Learned shares are fitted on PublicTest, where the networks were also chosen: their figure there is flattering, so the
same figure is also given for shares that were fitted without the faces they are judged on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from classroom_fer.errors import ConfigError
from training.data.splits import Split, read_split
from training.figures.calibration import Matrix, log_softmax
from training.files.folders import made_folder
from training.files.json_file import write_json
from training.runs.folder import CONFIG, averaged_model
from training.runs.predictions import MAIN_HEAD, predict_heads, score_logits
from training.runs.teachers import ENSEMBLE, members_of
from training.settings.config import TrainConfig, read_config

SHARES = ("mean", "learned")
CROSS_FITS = 5
"""Parts of PublicTest in turn left out of the fit: a choice."""
Stack = npt.NDArray[np.float64]
"""[members, N, C]: probabilities."""


def make_ensemble(
    runs: Sequence[Path], workdir: Path, *, data: Path | None = None, shares: str = "mean", splits: Sequence[str] = ()
) -> dict[str, Any]:
    """Scores ``runs`` alone and together on PublicTest, writes ``ensemble.json`` to ``workdir`` and gives its table.

    Args:
        data: where the faces are; default: where the first run had them.
        shares: "mean", or "learned" on PublicTest; both are reported, this one is used.
        splits: others to score on, such as PrivateTest.

    Raises:
        ConfigError: unknown ``shares``; no such run; runs of different protocols; ``workdir`` holds a run.
        DataError: the data is missing or malformed.
    """
    _check_place(workdir, shares)
    folders = [run for entry in runs for run, _ in members_of(entry)]
    config = _common_config(folders)
    made_folder(workdir, "--workdir")
    models = [averaged_model(folder)[0] for folder in folders]
    public = _faces(config, data, "PublicTest")
    probabilities = _stack(models, public)
    learned = fit_shares(probabilities, public.votes)
    equal = np.full(len(folders), 1 / len(folders))
    used = equal if shares == "mean" else learned
    members = zip(folders, used, probabilities, strict=True)
    result = _asked(config, shares) | {
        "faces": {"PublicTest": len(public.labels)},
        "members": [
            {"run": str(run.resolve()), "share": float(share)} | _figures(p, public) for run, share, p in members
        ],
        "mean": _figures(_together(probabilities, equal), public),
        "learned": _learned_figures(probabilities, public, learned),
    }
    for usage in splits:
        faces = _faces(config, data, usage)
        result["faces"][usage] = len(faces.labels)
        result[usage] = _figures(_together(_stack(models, faces), used), faces)
    write_json(result, workdir / ENSEMBLE)
    return result


def _asked(config: TrainConfig, shares: str) -> dict[str, Any]:
    """What a table says of the faces and of how the members were weighted."""
    return {
        "protocol": config.protocol,
        "shares": shares,
        "limit": config.limit,
        "leave_out": str(config.leave_out) if config.leave_out else None,
    }


def _check_place(workdir: Path, shares: str) -> None:
    if shares not in SHARES:
        raise ConfigError(f"shares {shares!r} are not known", hint=f"one of {', '.join(SHARES)}")
    if (workdir / CONFIG).exists():
        raise ConfigError(f"{workdir} holds a run", hint="name another folder for the ensemble with --workdir")


def fit_shares(probabilities: Stack, votes: npt.NDArray[np.floating[Any]]) -> Matrix:
    """Shares [members] >= 0 that sum to 1 and whose mixture is nearest to ``votes`` [N, C] in cross-entropy.

    >>> right, wrong = np.array([[0.9, 0.1]]), np.array([[0.1, 0.9]])
    >>> fit_shares(np.stack([right, wrong]), np.array([[1.0, 0.0]])).round(2).tolist()
    [1.0, 0.0]
    """
    count = len(probabilities)
    shares = np.full(count, 1 / count)
    for _ in range(500):  # expectation-maximisation of mixture weights: the loss is convex and each step lowers it
        together = np.maximum(np.tensordot(shares, probabilities, 1), 1e-12)
        renewed = shares * (probabilities * (votes / together)).sum(axis=2).mean(axis=1)
        renewed /= renewed.sum()
        if np.abs(renewed - shares).max() < 1e-7:
            break
        shares = renewed
    return shares


def table(result: dict[str, Any]) -> str:
    """Markdown: members, then the ensemble with equal and with learned shares."""
    lines = ["| network | share | PublicTest accuracy | cross-entropy |", "|---|---|---|---|"]
    for entry in result["members"]:
        lines.append(_row(Path(entry["run"]).name, f"{entry['share']:.3f}", entry))
    lines.append(_row("mean of probabilities", "equal", result["mean"]))
    lines.append(_row("learned shares (fitted on PublicTest)", "learned", result["learned"]))
    lines.append(_row(f"learned shares, {CROSS_FITS}-fold cross-fitted", "-", result["learned"]["cross_fitted"]))
    for usage in ("Training", "PrivateTest"):
        if usage in result:
            lines.append(_row(f"used shares, {usage}", result["shares"], result[usage]))
    faces = ", ".join(f"{count:,} of {usage}" for usage, count in result["faces"].items())
    lines += ["", f"Faces: {faces}."]
    if result["limit"]:
        lines.append(f"A trial: only the first {result['limit']} faces of each split, as the runs had.")
    if result["leave_out"]:
        lines.append(f"Without the faces that {result['leave_out']} lists, as the runs were trained.")
    return "\n".join(lines)


def _row(name: str, share: str, figures: dict[str, Any]) -> str:
    return f"| {name} | {share} | {figures['accuracy']:.4f} | {figures['cross_entropy']:.4f} |"


def _common_config(folders: Sequence[Path]) -> TrainConfig:
    """The first member's; what of the faces not all members left out is used."""
    configs = [read_config(folder / CONFIG) for folder in folders]
    for folder, config in zip(folders, configs, strict=True):
        if config.protocol != configs[0].protocol:
            raise ConfigError(
                f"{folder} has protocol {config.protocol}, {folders[0]} has {configs[0].protocol}",
                hint="an ensemble's members share their classes",
            )
    first = configs[0]
    return replace(
        first,
        limit=first.limit if all(config.limit == first.limit for config in configs) else None,
        leave_out=first.leave_out if all(config.leave_out == first.leave_out for config in configs) else None,
    )


def _faces(config: TrainConfig, data: Path | None, usage: str) -> Split:
    return read_split(
        data or config.data, usage, protocol=config.protocol, limit=config.limit, leave_out=config.leave_out
    )


def _stack(models: Sequence[Any], faces: Split) -> Stack:
    return np.stack([np.exp(log_softmax(predict_heads(model, faces.images)[MAIN_HEAD])) for model in models])


def _together(probabilities: Stack, shares: Matrix) -> Matrix:
    result: Matrix = np.tensordot(shares, probabilities, 1)
    return result


def _figures(probabilities: Matrix, faces: Split) -> dict[str, float]:
    accuracy, loss = score_logits(np.log(np.maximum(probabilities, 1e-12)), faces)
    return {"accuracy": accuracy, "cross_entropy": loss}


def _learned_figures(probabilities: Stack, faces: Split, learned: Matrix) -> dict[str, Any]:
    """The figure of shares fitted on all of the split, and of shares fitted without the part they are judged on."""
    part = np.random.default_rng(0).permutation(len(faces.labels)) % CROSS_FITS
    crossed = np.empty_like(probabilities[0])
    for k in range(CROSS_FITS):
        fitted = fit_shares(probabilities[:, part != k], faces.votes[part != k])
        crossed[part == k] = _together(probabilities[:, part == k], fitted)
    return _figures(_together(probabilities, learned), faces) | {
        "shares": learned.tolist(),
        "fitted_on": "PublicTest",
        "cross_fitted": _figures(crossed, faces),
    }
