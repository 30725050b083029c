"""Text by what a reader sees as one character (UAX 29): a letter with its marks, a conjunct, an emoji of several."""

from __future__ import annotations

import regex

_CLUSTER = regex.compile(r"\X")
_VARIATION = "\ufe0e\ufe0f"
"""Ask for a drawing or a letter of the one before; they make no sequence by themselves."""
_EMOJI = regex.compile(r"[\p{Extended_Pictographic}\p{Regional_Indicator}\u20e3]")


def clusters(text: str) -> list[str]:
    r"""What a reader sees as characters, in order.

    >>> [len(cluster) for cluster in clusters("e\u0301\U0001f1e8\U0001f1edx")]
    [2, 2, 1]
    """
    return list(_CLUSTER.findall(text))


def shortened(text: str, limit: int) -> str:
    r"""At most ``limit`` code points, with an ellipsis in place of the rest; no cluster is cut.

    >>> shortened("abcdef", 4), shortened("ab\U0001f1e8\U0001f1ed.", 4) == "ab\u2026"
    ('abc…', True)
    """
    return text if len(text) <= limit else beginning(text, limit - 1).rstrip() + "…"


def beginning(text: str, limit: int) -> str:
    """As many whole clusters from the start as ``limit`` code points hold."""
    end = 0
    for match in _CLUSTER.finditer(text):
        if match.end() > limit:
            break
        end = match.end()
    return text[:end]


def is_emoji_sequence(cluster: str) -> bool:
    r"""Whether a cluster is an emoji of several code points: people, flags, keycaps, shades of skin.

    >>> is_emoji_sequence("\U0001f1e8\U0001f1ed"), is_emoji_sequence("\u2714\ufe0f"), is_emoji_sequence("e\u0301")
    (True, False, False)
    """
    return sum(c not in _VARIATION for c in cluster) > 1 and _EMOJI.search(cluster) is not None
