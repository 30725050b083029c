"""The questions of docs/queries.md: the page is their one source, for tests, benchmarks and Datasette."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from classroom_fer.resources import resource_dir

_SECTION = re.compile(
    r"^## (?P<number>\d+)\. (?P<title>.+?)\n+(?P<about>.*?)\n*(?:Parameters: (?P<examples>[^\n]+)\n+)?"
    r"```sql\n(?P<sql>.*?)\n```$",
    re.MULTILINE | re.DOTALL,
)
_EXAMPLE = re.compile(r"`(\w+)=([^`]+)`")


@dataclass(frozen=True, slots=True)
class WorkedQuery:
    """A question, why it is asked, and its SQL."""

    number: int
    title: str
    about: str
    """Markdown in one line."""
    sql: str
    examples: Mapping[str, float]
    """A value for each of its ``:named`` parameters."""

    @property
    def name(self) -> str:
        """What an address may hold.

        >>> WorkedQuery(3, "How did a lesson go, minute by minute?", "", "", {}).name
        'how-did-a-lesson-go-minute-by-minute'
        """
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")


def worked_queries() -> tuple[WorkedQuery, ...]:
    """All of them, in the order of the page."""
    return read_page((resource_dir("docs") / "queries.md").read_text(encoding="utf-8"))


def read_page(page: str) -> tuple[WorkedQuery, ...]:
    """The questions of a page: sections ``## N. Title`` with text, parameters and one block of SQL.

    >>> [one] = read_page("## 1. How many?\\n\\nFaces.\\n\\nParameters: `a=2`\\n\\n```sql\\nSELECT :a\\n```\\n")
    >>> one.title, one.about, one.sql, one.examples
    ('How many?', 'Faces.', 'SELECT :a', {'a': 2.0})
    """
    return tuple(
        WorkedQuery(
            int(section["number"]),
            section["title"],
            " ".join(section["about"].split()),
            section["sql"],
            {name: float(value) for name, value in _EXAMPLE.findall(section["examples"] or "")},
        )
        for section in _SECTION.finditer(page)
    )
