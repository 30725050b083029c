"""How the two heads of our nets are joined: the shipped answer is made from both (docs/classifier.md)."""

from __future__ import annotations

from classroom_fer.faces.model_manifest import SecondHead
from training.data.readers.class_names import OURS_TO_FER7
from training.data.splits import FER7

LABELS_SHARE = 0.5
"""Of the head that learnt FER2013's labels, in the joint answer. Fitted shares are no better (docs/classifier.md)."""
FER_HEAD = "fer7"
_OURS = {theirs: ours for ours, theirs in OURS_TO_FER7.items()}


def second_head(temperature: float, share: float = LABELS_SHARE) -> SecondHead:
    """What a manifest says of the second head.

    >>> second_head(1.2).emotions
    ('anger', 'disgust', 'fear', 'happiness', 'sadness', 'surprise', 'neutral')
    """
    return SecondHead(FER_HEAD, tuple(_OURS[name] for name in FER7), temperature, share)
