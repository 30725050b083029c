"""What every command of `python -m training` is run in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from classroom_fer.faces.native_silence import native_silence
from classroom_fer.terminal import user_errors

RESUMES = "whole epochs are kept; the same command with --resume goes on from there"
AGAIN = "run it again"


@contextmanager
def frame(*, interrupted: str = AGAIN, keras: bool = True) -> Iterator[None]:
    """Errors become messages and exit codes; ``keras`` is loaded without what TensorFlow says while it is."""
    with user_errors(interrupted=interrupted):
        if keras:
            with native_silence():
                import keras as _  # noqa: F401
        yield
