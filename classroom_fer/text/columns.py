"""Columns of the terminal: text of any script in as many cells as its column has."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

__all__ = ["cell_len", "filled", "fitted"]


def filled(text: str, cells: int) -> str:
    """Text with spaces behind it up to ``cells``; an emoji or a Chinese character takes two. Longer text stays whole.

    >>> filled("分数", 6) + "|", filled("abc", 2)
    ('分数  |', 'abc')
    """
    return text + " " * max(0, cells - cell_len(text))


def fitted(text: str, cells: int) -> str:
    """Text in exactly ``cells``: cut between what a reader sees as characters, or filled with spaces.

    >>> fitted("分数练习", 5) + "|"
    '分数 |'
    """
    return set_cell_size(text, cells)
