"""Which rows of a table are about which film: names as other programs write them, on other computers."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from classroom_fer.errors import TaskFileError
from classroom_fer.lesson.tasks import TaskNotice

LONGEST_SUFFIX = 4
"""Characters of ``.m2ts``, the longest suffix of films."""
FILMS_LISTED = 10
"""Film names that one message lists (choice)."""


@dataclass(frozen=True, slots=True)
class Film:
    """A film that a row is about, and where it lies on the row's clock (films that were queued share one)."""

    name: str
    """As it stands in the table, often with folders of another computer."""
    begins_s: float | None = 0.0
    """None = after another one whose length is not noted."""
    ends_s: float | None = None
    """None = unknown, or nothing comes after it."""
    queued: bool = False
    """Whether another film comes before it on that clock: what begins before ``begins_s`` is then in that one."""

    def holds(self, start_s: float) -> bool:
        """Whether what begins at a time of the row's clock is in this film."""
        after = not self.queued or self.begins_s is None or start_s >= self.begins_s
        return after and (self.ends_s is None or start_s < self.ends_s)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of a table's films the wanted one is."""

    names: frozenset[str]
    """As they stand in the table; empty: no row names a film."""
    notices: tuple[TaskNotice, ...] = ()


def file_name(path: str) -> str:
    r"""The file's name at the end of a path of any system.

    >>> file_name(r"C:\films\Lesson.MP4"), file_name("/data/lesson.mp4")
    ('Lesson.MP4', 'lesson.mp4')
    """
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2]


def choose_film(rows: Sequence[Sequence[Film]], wanted: str | None, where: str) -> Choice:
    """Which names in a table mean the wanted film.

    Args:
        rows: the films of each row. Films that always stand together (several cameras) have one clock.
        wanted: file name of the film; None = the caller has none.
        where: the table, for errors.

    Raises:
        TaskFileError: no name is the film's, several may be, or there are several and none is wanted.
    """
    together = {frozenset(film.name for film in films) for films in rows if films}
    names = sorted(frozenset().union(*together))
    if not names:
        return Choice(frozenset())
    if wanted is None:
        clocks = {film.begins_s for films in rows for film in films}
        if len(clocks) > 1 or None in clocks or len({frozenset(map(_folded, group)) for group in together}) > 1:
            raise TaskFileError(
                f"{where}: the table has rows of {len(names)} films: {listed(names)}",
                hint="say which film is meant: classroom-fer tasks check FILE --video FILM",
            )
        return Choice(frozenset(names))
    same = {name for name in names if _folded(name) == _folded(wanted)}
    alike = same or {name for name in names if _endings(name) & _endings(wanted)}
    if not alike:
        raise TaskFileError(
            f"{where}: no row is about the film {wanted!r}; the table has rows of {listed(names)}",
            hint="give the film that the table names, or write this film's name into the table's film column",
        )
    if _differ(alike, together):
        raise TaskFileError(
            f"{where}: several films of the table may be {wanted!r}: {listed(sorted(alike))}",
            hint="leave the rows of one of them in the table",
        )
    notices = () if same else (TaskNotice("film_called", names=(file_name(min(alike)),)),)
    return Choice(frozenset(alike), notices)


def _differ(alike: Collection[str], together: Collection[frozenset[str]]) -> bool:
    """Whether names mean more than one film: different files, and not always in the same rows."""
    files = {_slashed(name) for name in alike}
    groups = [{_slashed(name) for name in group} & files for group in together]
    return any(group and group != files for group in groups)


def listed(names: Sequence[str]) -> str:
    """Names for a message, not too many."""
    shown = [repr(name) for name in names[:FILMS_LISTED]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _slashed(path: str) -> str:
    return path.replace("\\", "/").casefold()


def _folded(name: str) -> str:
    """Alike on every system: Windows does not know case, macOS takes letters apart."""
    return unicodedata.normalize("NFC", file_name(name)).casefold()


def _endings(name: str) -> set[str]:
    """The name with and without what follows its last dot: the film may have been converted since."""
    folded = _folded(name)
    stem, dot, suffix = folded.rpartition(".")
    return {folded, stem} if dot and stem and suffix.isalnum() and len(suffix) <= LONGEST_SUFFIX else {folded}
