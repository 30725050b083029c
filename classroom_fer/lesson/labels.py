"""Free labels of a session (``class=7b``): other people's text, so what they may hold is limited here.

A name cannot be told from another word. The documents ask not to label with people's names (docs/across-lessons.md).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from classroom_fer.errors import ConfigError
from classroom_fer.text.characters import checked

Labels = tuple[tuple[str, str], ...]
"""(label, value), by label."""

KEY = re.compile(r"[^\W\d_][\w.-]{0,29}")
"""A letter, then up to 29 letters, digits, points, hyphens or underscores (choice)."""
LONGEST_VALUE = 80
"""Characters (choice)."""
MOST = 20
"""Labels of one session (choice)."""
_FORM = "write label=value, e.g. class=7b"


def read_label(text: str) -> tuple[str, str]:
    """The label that a user types.

    Raises:
        ConfigError: no label=value, a label of other characters, a value that is empty, too long or not printable.

    >>> read_label("class = 7b")
    ('class', '7b')
    """
    key, equals, value = unicodedata.normalize("NFC", text).partition("=")
    if not equals:
        raise ConfigError(f"{text!r} is no label", hint=_FORM)
    return read_key(key), _read_value(value, text)


def read_key(text: str) -> str:
    """The name of a label. ConfigError if it holds what no name may hold."""
    key = unicodedata.normalize("NFC", text).strip()
    if not KEY.fullmatch(key):
        raise ConfigError(
            f"{text!r} cannot be the name of a label",
            hint="begin with a letter, then up to 29 letters, digits, points, hyphens or underscores",
        )
    return key


def _read_value(value: str, text: str) -> str:
    value = value.strip()
    if not value:
        raise ConfigError(f"the label {text!r} has no value", hint=f"{_FORM}; --remove LABEL takes one away")
    if len(value) > LONGEST_VALUE:
        raise ConfigError(
            f"the value of the label {text[:30]!r} has {len(value)} characters",
            hint=f"at most {LONGEST_VALUE}; a label is a word or a number by which lessons are grouped",
        )
    if not all(fits for _, fits in checked(value)):
        raise ConfigError(f"the label {text!r} holds characters that cannot be printed", hint="type the value anew")
    return value


def read_labels(texts: Iterable[str]) -> dict[str, str]:
    """All labels that a user types. ConfigError as ``read_label``, or where one is given twice with two values."""
    labels: dict[str, str] = {}
    for text in texts:
        key, value = read_label(text)
        if labels.setdefault(key, value) != value:
            raise ConfigError(
                f"the label {key!r} is given as {labels[key]!r} and as {value!r}", hint="give one of them"
            )
    return labels


def changed(labels: Labels, given: Mapping[str, str], removed: Iterable[str] = ()) -> Labels:
    """``labels`` with some given anew and some removed.

    Raises:
        ConfigError: too many, or one to remove that is not there.

    >>> changed((("class", "7b"),), {"lesson": "3"}, ["class"])
    (('lesson', '3'),)
    """
    table = dict(labels)
    for key in removed:
        if key not in table:
            known = ", ".join(table) or "it has none"
            raise ConfigError(f"there is no label {key!r} to remove", hint=f"labels: {known}")
        del table[key]
    table.update(given)
    if len(table) > MOST:
        raise ConfigError(f"{len(table)} labels are too many", hint=f"at most {MOST}; --remove takes one away")
    return tuple(sorted(table.items()))
