"""`python -m training`: train, evaluate and export a classifier. A command's module is imported when it is called."""

from __future__ import annotations

import logging
import os

import typer
from typer.core import TyperCommand

from classroom_fer.commands.lazy_group import LazyCommand, LazyGroup
from classroom_fer.faces.native_silence import native_silence
from classroom_fer.terminal import user_errors
from training.commands.progress import AGAIN


class KerasCommand(LazyCommand):
    """A command whose module loads Keras: without what TensorFlow says meanwhile."""

    def load(self, name: str | None) -> TyperCommand:
        """The real command; to stop while it loads loses nothing."""
        with user_errors(interrupted=AGAIN), native_silence():
            return super().load(name)


class Commands(LazyGroup):
    """The commands, in the order in which they are listed."""

    lazy = {  # noqa: RUF012  # declared a ClassVar above
        "train": KerasCommand(
            "training.commands.train:train",
            "Train a system; a killed run goes on with --resume, which remembers its settings.",
        ),
        "kfold": KerasCommand(
            "training.commands.search:kfold",
            "Repeated k-fold cross-validation on the Training split: mean, spread, best fold.",
        ),
        "tune": KerasCommand(
            "training.commands.search:tune",
            "Search for settings by accuracy on PublicTest.",
        ),
        "distil": KerasCommand(
            "training.commands.distil:distil",
            "Train teachers, then a student that learns from them; a killed chain goes on with --resume.",
        ),
        "card": KerasCommand(
            "training.commands.card:card",
            "Train teachers and students, or every system of the seed projects, side by side on one graphics card.",
        ),
        "ensemble": KerasCommand(
            "training.commands.search:ensemble",
            "Runs that answer together: mean of probabilities, or shares learned on PublicTest.",
        ),
        "systems": LazyCommand(
            "training.commands.systems:systems",
            "List the systems: protocol, figure that their authors print, what is our choice.",
        ),
        "smoke": KerasCommand(
            "training.commands.smoke:smoke",
            "Train every system for one epoch on a part of the data: does each work here, what does it cost?",
        ),
        "evaluate": KerasCommand(
            "training.commands.evaluation:evaluate",
            "Figures of the shipped model (default), of an exported one, of a run or of an ensemble of runs.",
        ),
        "conditions": KerasCommand(
            "training.commands.conditions:conditions",
            "The four groups on PublicTest under conditions of elsewhere: blur, low light, small, compressed, "
            "framing, hidden.",
        ),
        "compare": KerasCommand(
            "training.commands.evaluation:compare",
            "Which classifier is better on the same faces: McNemar's exact test for each pair, Holm over pairs.",
        ),
        "export": KerasCommand(
            "training.commands.export:export",
            "Make a run the shipped model: one float32 net (batch norms folded, branches averaged), "
            "temperature, manifest.",
        ),
        "results": LazyCommand(
            "training.commands.results:results",
            "Write training/RESULTS.md: every system's figures beside those that its authors print.",
        ),
        "nets": KerasCommand(
            "training.commands.nets:nets",
            "Make the product's ONNX nets (faces, landmarks, expressions) from the packages that carry their weights.",
        ),
        "clean": LazyCommand(
            "training.commands.data:clean",
            "Find what to leave out: unreadable, blank and no-face pictures, copies (also across splits), outliers.",
        ),
        "explore": LazyCommand(
            "training.commands.data:explore",
            "Write one interactive page about the data: counts, votes, samples, mean faces, copies, "
            "components, outliers.",
        ),
    }


app = typer.Typer(
    cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
)


@app.callback()
def root() -> None:
    """Train, evaluate and export the classifiers of classroom-fer."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it counts the networks of `smoke` as a mistake


if __name__ == "__main__":
    app()
