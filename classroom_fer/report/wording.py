"""The fixed texts and the numbers of the report in one language."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar

from classroom_fer.lesson.records import Moment, NotShown, SizeClass, Task
from classroom_fer.measurement.small_groups import FEW, NEARLY_ALL
from classroom_fer.report.formatting import Numbers
from classroom_fer.report.texts import FRONT, Text
from classroom_fer.report.texts_across import ACROSS
from classroom_fer.report.texts_method import METHOD
from classroom_fer.report.texts_provenance import PROVENANCE
from classroom_fer.settings.languages import language, translations

TEXT: Mapping[str, Text] = {**FRONT, **METHOD, **ACROSS, **PROVENANCE}
"""Key -> English. The key is also the context in the catalogues: the same English may differ elsewhere."""


class Wording(Numbers):
    """
    Args:
        lang: a code of ``settings.languages.LANGUAGES``.

    Raises:
        ConfigError: there is no such language.

    >>> Wording()("limits_title"), Wording("de")("limits_title")
    ('Limits', 'Grenzen')
    """

    texts: ClassVar[Mapping[str, Text]] = TEXT
    """What it can say; the browser app says more."""

    def __init__(self, lang: str = "en") -> None:
        super().__init__(language(lang))
        self._catalogue = translations(lang)

    def __call__(self, key: str, **values: object) -> str:
        """The text of ``key`` with its placeholders filled. KeyError for an unknown key or a missing value."""
        english = self.texts[key]
        if isinstance(english, tuple):
            raise KeyError(f"{key} is counted: use plural()")
        text = self._catalogue.pgettext(key, english)
        return text.format(**values) if values else text

    def plural(self, key: str, number: int, **values: object) -> str:
        """The form of ``key`` that ``number`` asks for; it is also the placeholder ``count``.

        >>> Wording().plural("n_faces", 1), Wording().plural("n_faces", 12000)
        ('1 face', '12,000 faces')
        """
        english = self.texts[key]
        if isinstance(english, str):
            raise KeyError(f"{key} is not counted")
        one, many = english
        return self._catalogue.npgettext(key, one, many, number).format(count=self.whole(number), **values)

    def count(self, noun: str, number: int) -> str:
        """A number with its noun, e.g. ``count("faces", 5)``."""
        return self.plural(f"n_{noun}", number)

    def share(self, value: float) -> str:
        """What was seen of people, a share in [0, 1], as per cent; never so exact that it points at a child (S3).

        >>> [Wording().share(value).replace("\\xa0", " ") for value in (0.714, 0.05, 0.96)]
        ['71 %', '5 % or less', '95 % or more']
        """
        if value <= FEW:
            return self("share_few", share=self.percent(FEW))
        if value >= NEARLY_ALL:
            return self("share_most", share=self.percent(NEARLY_ALL))
        return self.percent(value)

    def reason(self, why: NotShown) -> str:
        """Why a task has no number, as the end of a sentence; empty where an earlier version did not say.

        >>> Wording().reason(NotShown("partly_analysed", seen=29.6, needed=60.0))
        'only 29 s of it were analysed; at least 60 s are needed'
        """
        key = f"reason_{why.code}"
        if key not in self.texts:
            return ""
        seen, needed = why.seen or 0.0, why.needed or 0.0
        if why.code == "coverage":
            whole_percent = math.floor(100 * seen + 1e-9) / 100  # 24.9 % is not "25 % of the 25 % that are needed"
            return self(key, seen=self.percent(whole_percent), needed=self.percent(needed))
        return self(key, seen=self.whole(math.floor(seen)), needed=self.whole(needed))

    def size(self, size: SizeClass) -> str:
        """A size class of faces.

        >>> Wording().size(SizeClass(0, 32, 7)), Wording().size(SizeClass(72, None, 9))
        ('under 32 pixels', '72 pixels and more')
        """
        if size.high_px is None:
            return self("size_over", low=self.whole(size.low_px))
        ends = {"low": self.whole(size.low_px), "high": self.whole(size.high_px)}
        return self("size_between" if size.low_px else "size_under", **ends)

    def minutes(self, seconds: float) -> str:
        """
        >>> [Wording().minutes(value) for value in (750, 20, 0)]
        ['13 min', 'under 1 min', '0 min']
        """
        return self("under_a_minute") if 0 < seconds < 30 else self.plural("n_min", int(seconds / 60 + 0.5))


def change_name(moment: Moment, tasks: Sequence[Task]) -> str:
    """What changed most at a moment, as the end of a key: ``fewer_front``, ``higher_expression`` ..."""
    if abs(moment.change_orientation) < abs(moment.change_expression):
        return "higher_expression" if moment.change > 0 else "lower_expression"
    task = next((t for t in tasks if t.start_s <= moment.time_s < t.end_s), None)
    place = "work" if task is not None and task.mode == "desk" else "front"
    return f"more_{place}" if moment.change > 0 else f"fewer_{place}"
