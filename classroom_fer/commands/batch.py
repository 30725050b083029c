"""Many inputs, one after the other: a bad one is reported, and the others still run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import typer

from classroom_fer.errors import ClassroomFerError
from classroom_fer.terminal import BUG, show, show_traceback, tell_bug, tell_error
from classroom_fer.text.columns import cell_len, filled

Input = TypeVar("Input")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why one input failed."""

    name: str
    message: str
    hint: str
    exit_code: int

    def as_json(self, kind: str) -> dict[str, str]:
        """For scripts; ``kind`` is the key of the input's name."""
        return {kind: self.name, "error": self.message, "hint": self.hint, "exit_code": str(self.exit_code)}


@dataclass(slots=True)
class Batch:
    """The outcome of each input of one command, in their order."""

    done: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """Name of the input, and its result for scripts."""
    failed: list[Failure] = field(default_factory=list)

    def results(self) -> list[dict[str, Any]]:
        """The results of the inputs that succeeded, for scripts."""
        return [result for _, result in self.done]

    def failures(self, kind: str) -> list[dict[str, str]]:
        """For scripts; ``kind`` is what the inputs are ("video", "picture")."""
        return [failure.as_json(kind) for failure in self.failed]

    def show_table(self, line: Callable[[dict[str, Any]], str]) -> None:
        """One line for each input, given ``line`` of its result, and how many were done."""
        names = [Path(name).name for name, _ in self.done] + [Path(failure.name).name for failure in self.failed]
        lines = [line(result) for result in self.results()]
        lines += [f"FAILED: {failure.message.splitlines()[0]}" for failure in self.failed]
        width = max(map(cell_len, names), default=0)
        show("")
        for name, text in zip(names, lines, strict=True):
            show(f"{filled(name, width)}  {text}")
        show(f"{len(self.done)} done, {len(self.failed)} failed")

    def end(self) -> None:
        """Ends the command with the highest exit code of its failures; does nothing if there are none."""
        if self.failed:
            raise typer.Exit(max(failure.exit_code for failure in self.failed))


def do_each(inputs: Iterable[Input], work: Callable[[Input], dict[str, Any]], *, name: Callable[[Input], str]) -> Batch:
    """Runs ``work`` on every input; neither a bad input nor a bug in one stops the others.

    An error that several inputs share, such as a model that is missing, is told once.
    """
    batch = Batch()
    for given in inputs:
        try:
            batch.done.append((name(given), work(given)))
        except ClassroomFerError as error:
            if all(failure.message != str(error) for failure in batch.failed):  # an unfit model fails all inputs alike
                tell_error(error)
                show_traceback()
            batch.failed.append(Failure(name(given), str(error), error.hint, error.exit_code))
        except BrokenPipeError:  # the reader of the output has ended: not a fault of this input
            raise
        except Exception as error:  # noqa: BLE001  # a bug in one input must not end the others
            tell_bug(error)
            batch.failed.append(Failure(name(given), f"bug: {error}", "see the log file", BUG))
    return batch
