"""What a cross-validation gave; light, so that the table of results need not load Keras."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from statistics import mean, stdev

from classroom_fer.terminal import counted

FLATTERS = "Early stopping picked each run's epoch on the fold that it is measured on: these figures flatter."


@dataclass(frozen=True, slots=True)
class FoldResult:
    """One run of a cross-validation."""

    repeat: int
    """From 1."""
    fold: int
    """From 1."""
    accuracy: float
    """On the held-out faces, with the weights that the run keeps."""
    cross_entropy: float
    """Nats."""
    epochs: int
    held_out: int
    """Faces."""
    seconds: float
    run: str
    """Its folder."""


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """All runs and what they say together."""

    system: str
    protocol: str
    folds: int
    repeats: int
    results: tuple[FoldResult, ...]
    limit: int | None = None
    """Faces that were used, where not all were."""
    early_stopping: int = 0
    """Epochs without improvement *on the held-out fold* after which a run stopped: its best epoch was picked on the
    faces that it is measured on, which flatters. 0 = every run went to its last epoch, which was kept."""
    variant: str = ""
    parameters: int | None = None

    @property
    def mean(self) -> float:
        """Of the accuracies."""
        return mean(result.accuracy for result in self.results)

    @property
    def spread(self) -> float:
        """Standard deviation of the accuracies over runs (they share faces: no interval of the mean follows)."""
        return stdev(result.accuracy for result in self.results)

    @property
    def best(self) -> FoldResult:
        """The run with the highest accuracy."""
        return max(self.results, key=lambda result: result.accuracy)

    def as_dict(self) -> dict[str, object]:
        """JSON-able."""
        return asdict(self) | {"mean": self.mean, "spread": self.spread, "best": asdict(self.best)}


def table(done: CrossValidation) -> str:
    """Markdown: one line a run, then mean, spread and best."""
    lines = ["| repeat | fold | accuracy | cross-entropy | epochs | faces | s |", "|---|---|---|---|---|---|---|"]
    for r in done.results:
        figures = f"{r.accuracy:.4f} | {r.cross_entropy:.4f} | {r.epochs} | {r.held_out} | {r.seconds:.0f}"
        lines.append(f"| {r.repeat} | {r.fold} | {figures} |")
    best = done.best
    runs = counted(len(done.results), "run")
    said = (
        f"{done.system}, {done.protocol}: mean {done.mean:.4f}, standard deviation {done.spread:.4f} over {runs}; "
        f"best {best.accuracy:.4f}: repeat {best.repeat} fold {best.fold} ({best.run})"
    )
    return "\n".join([*lines, "", said, *([FLATTERS] if done.early_stopping else [])])
