"""Errors that a user can act on. Each has a message (what, where) and a hint (what to do)."""

from __future__ import annotations


class ClassroomFerError(Exception):
    """Base of every expected error.

    Args:
        message: what happened and where (file, line).
        hint: what the user can do about it.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class VideoError(ClassroomFerError):
    """A film cannot be read at all."""


class PictureError(ClassroomFerError):
    """A still picture cannot be read or written."""


class FetchError(PictureError):
    """A picture cannot, or may not, be fetched from the web."""


class ExchangeError(ClassroomFerError):
    """A file from elsewhere cannot be read, or none can be written for another program."""


class TaskFileError(ExchangeError):
    """A tasks file is wrong; the message holds one line per mistake."""


class RegionsError(ClassroomFerError):
    """A file of opt-out regions is wrong, or does not fit the film."""


class SheetError(ClassroomFerError):
    """A coding sheet is wrong, or belongs to another sample; the message holds one line per mistake."""


class ModelError(ClassroomFerError):
    """The model file is missing, changed or of the wrong kind."""


class StoreError(ClassroomFerError):
    """The database cannot be opened, is locked, too new, full or not writable."""


class NoDatabaseError(StoreError):
    """There is no file of that name (yet)."""


class FilmInUseError(StoreError):
    """Another run is analysing the film."""


class ReadOnlyError(StoreError):
    """The database lies where nothing can be written; it may still be read."""


class DatabaseInUseError(StoreError):
    """Another run holds the database."""


class RunCancelledError(ClassroomFerError):
    """A run was asked to end before its results were there."""


class QueryError(ClassroomFerError):
    """A query is wrong, names what does not exist, or would do more than read."""


class ClusterError(ClassroomFerError):
    """The cluster cannot be reached, has no workers, or holds another version of this program."""


class OutputError(ClassroomFerError):
    """What a command prints cannot be written where it is led to."""


class ReportError(ClassroomFerError):
    """The PDF cannot be made or written."""


class WebError(ClassroomFerError):
    """The browser app cannot be served: packages are missing, the port is taken."""


class ConfigError(ClassroomFerError):
    """A setting is unknown or out of range."""

    exit_code = 2


class PolicyError(ClassroomFerError):
    """The declared policy forbids this run."""

    exit_code = 4
