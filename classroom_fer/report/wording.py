"""Says the fixed texts and the numbers of the report in one language."""

from __future__ import annotations

from collections.abc import Mapping

from classroom_fer.measurement.small_groups import FEW, NEARLY_ALL
from classroom_fer.report.formatting import Numbers
from classroom_fer.report.texts import FRONT, Text
from classroom_fer.report.texts_method import METHOD
from classroom_fer.settings.languages import language, translations

TEXT: Mapping[str, Text] = {**FRONT, **METHOD}
"""Key -> English. The key is also the context in the catalogues: the same English may differ elsewhere."""


class Wording(Numbers):
    """
    Args:
        lang: a code of ``i18n.LANGUAGES``.

    Raises:
        ConfigError: there is no such language.

    >>> Wording()("limits_title"), Wording("de")("limits_title")
    ('Limits', 'Grenzen')
    """

    def __init__(self, lang: str = "en") -> None:
        super().__init__(language(lang))
        self._catalogue = translations(lang)

    def __call__(self, key: str, **values: object) -> str:
        """The text of ``key`` with its placeholders filled. KeyError for an unknown key or a missing value."""
        english = TEXT[key]
        if isinstance(english, tuple):
            raise KeyError(f"{key} is counted: use plural()")
        text = self._catalogue.pgettext(key, english)
        return text.format(**values) if values else text

    def plural(self, key: str, number: int, **values: object) -> str:
        """The form of ``key`` that ``number`` asks for; it is also the placeholder ``count``.

        >>> Wording().plural("n_faces", 1), Wording().plural("n_faces", 12000)
        ('1 face', '12,000 faces')
        """
        english = TEXT[key]
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

    def minutes(self, seconds: float) -> str:
        """
        >>> [Wording().minutes(value) for value in (750, 20, 0)]
        ['13 min', 'under 1 min', '0 min']
        """
        return self("under_a_minute") if 0 < seconds < 30 else self.plural("n_min", int(seconds / 60 + 0.5))
