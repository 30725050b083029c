"""Which faces a classifier is asked about, by which protocol: what `evaluate` and `compare` have in common."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.data.splits import Split, read_split

FITTED_ON = "PublicTest"
READ_ONCE = "PrivateTest"
WARNING = "PrivateTest is for one reading: choose nothing by this figure, or the next one is worth less"


@dataclass(frozen=True, slots=True)
class Question:
    """The faces and how they are shown."""

    data: Path
    protocol: str = "P8"
    split: str = FITTED_ON
    views: str = "one"
    limit: int | None = None
    """First N faces of each split, for trials."""
    leave_out: Path | None = None
    """A manifest that `python -m training clean` wrote."""

    @property
    def warning(self) -> str | None:
        """What is to be said of reading this split."""
        return WARNING if self.split == READ_ONCE else None

    def faces(self, usage: str | None = None) -> Split:
        """Its own split, or another one in the same way.

        Raises:
            DataError, ConfigError: see `read_split`.
        """
        return read_split(
            self.data, usage or self.split, protocol=self.protocol, limit=self.limit, leave_out=self.leave_out
        )

    def header(self) -> dict[str, Any]:
        """What a record of the answers says of the question, JSON-able."""
        return {
            "protocol": self.protocol,
            "split": self.split,
            "views": self.views,
            "limit": self.limit,
            "leave_out": None if self.leave_out is None else str(self.leave_out),
            "warning": self.warning,
        }
