"""The one place that prints: lines on both streams, errors as two lines and an exit code, tracebacks in a log."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from classroom_fer.errors import ClassroomFerError, OutputError
from classroom_fer.text.characters import checked

_HARMLESS = re.compile("[\n -~]*")
"""Text of which no character has to be looked at."""
INTERRUPTED = 130
BUG = 3


def escaped(text: str) -> str:
    """Text that cannot control a terminal: control and format characters are shown as escapes.

    What letters and emoji need to stay whole is no command and stays.

    >>> escaped("a\\x1b[31mb")
    'a\\\\x1b[31mb'
    """
    if _HARMLESS.fullmatch(text):
        return text
    return "".join(c if fits or c == "\n" else c.encode("unicode_escape").decode() for c, fits in checked(text))


def counted(number: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "track"), counted(0, "track")
    ('1 track', '0 tracks')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def say(text: str) -> None:
    """One line on stderr."""
    sys.stderr.write(escaped(text) + "\n")
    sys.stderr.flush()


def show(text: str) -> None:
    """One line on stdout. OutputError where it leads to a file that cannot be written."""
    try:
        sys.stdout.write(escaped(text) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        _write_no_more()
        reason = error.strerror or error
        raise OutputError(f"the output cannot be written: {reason}", hint="let it go to another place") from error


def tell_error(error: ClassroomFerError) -> None:
    """The two lines of an expected error."""
    say(f"error: {error}")
    if error.hint:
        say(f"hint: {error.hint}")


def show_traceback() -> None:
    """The traceback of the error that is being handled, for ``--debug``."""
    if os.environ.get("CLASSROOM_FER_DEBUG"):
        traceback.print_exc()


def can_be_written(text: str) -> bool:
    """Whether stdout's encoding has every character of ``text``."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except UnicodeEncodeError:
        return False
    return True


GOES_ON = "what was finished is kept; the same command goes on from there"


@contextmanager
def user_errors(*, interrupted: str = GOES_ON) -> Iterator[None]:
    """Turns exceptions into messages and exit codes; the one handler of all commands.

    ``interrupted``: the message where the user stopped the command.
    """
    try:
        yield
    except ClassroomFerError as error:
        show_traceback()
        tell_error(error)
        raise typer.Exit(error.exit_code) from error
    except (KeyboardInterrupt, typer.Abort) as error:
        say(f"interrupted: {interrupted}")
        raise typer.Exit(INTERRUPTED) from error
    except BrokenPipeError as error:  # the reader of the output has ended (head, less)
        _write_no_more()
        raise typer.Exit(0) from error
    except Exception as error:  # every other exception is a bug in this program
        if isinstance(error, (typer.Exit, typer.BadParameter)):
            raise
        tell_bug(error)
        raise typer.Exit(BUG) from error


def _write_no_more() -> None:
    """Lets what waits to be written to stdout go nowhere, so that Python's end does not fail on it again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def tell_bug(error: BaseException) -> None:
    """Says that this is a bug, and where its traceback is."""
    text = "".join(traceback.format_exception(error))
    if os.environ.get("CLASSROOM_FER_DEBUG"):
        say(text)
    say(f"error: this is a bug in classroom-fer ({type(error).__name__}: {error})")
    say(f"hint: please report it with the file {write_log(text)}; what was finished is kept")


def write_log(text: str) -> Path:
    """Keeps a traceback (it holds no pictures) where its owner alone can read it."""
    handle, name = tempfile.mkstemp(prefix="classroom-fer-", suffix=".log")
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    return Path(name)
