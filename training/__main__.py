"""`python -m training`: train, evaluate and export a classifier. Parse, call, show."""

from __future__ import annotations

import logging
import os

import typer

from training.commands import data, evaluation, nets, search, train, zoo

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.callback()
def root() -> None:
    """Train, evaluate and export the classifiers of classroom-fer."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it counts the networks of `smoke` as a mistake


train.register(app)
search.register(app)
zoo.register(app)
evaluation.register(app)
nets.register(app)
data.register(app)

if __name__ == "__main__":
    app()
