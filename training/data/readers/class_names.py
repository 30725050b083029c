"""Names that people give the emotions, mapped to ours; names that are none of them stay what they are."""

from __future__ import annotations

from classroom_fer.lesson.records import EMOTIONS
from training.data.readers.faces import FER7

OURS_TO_FER7: dict[str, str] = {
    "anger": "angry", "disgust": "disgust", "fear": "fear", "happiness": "happy", "sadness": "sad",
    "surprise": "surprise", "neutral": "neutral",
}  # fmt: skip
SYNONYMS: dict[str, tuple[str, ...]] = {
    "neutral": ("neutral", "neutrality", "normal", "calm"),
    "happiness": ("happiness", "happy", "joy", "smile", "smiling"),
    "surprise": ("surprise", "surprised"),
    "sadness": ("sadness", "sad"),
    "anger": ("anger", "angry"),
    "disgust": ("disgust", "disgusted"),
    "fear": ("fear", "fearful", "afraid", "scared"),
    "contempt": ("contempt", "contemptuous"),
}
_OURS = {word: name for name, words in SYNONYMS.items() for word in words}


def our_name(folder: str) -> str:
    """One of EMOTIONS where the folder's name means one; else the name itself.

    >>> our_name("Angry"), our_name("3_happy"), our_name("bored")
    ('anger', 'happiness', 'bored')
    """
    word = folder.strip().lower().lstrip("0123456789_-. ")
    return _OURS.get(word, folder)


def class_order(names: set[str]) -> tuple[str, ...]:
    """EMOTIONS first, in their order, then other names by alphabet."""
    return (*(name for name in EMOTIONS if name in names), *sorted(names - set(EMOTIONS)))


def fer7_index(name: str) -> int | None:
    """FER2013's label for one of our names; None for contempt and for names that are no emotion."""
    return FER7.index(OURS_TO_FER7[name]) if name in OURS_TO_FER7 else None
