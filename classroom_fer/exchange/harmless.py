"""The guard against cells that a spreadsheet would run as a formula (CSV injection), and its undoing."""

from __future__ import annotations

RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a cell begins with that Excel, LibreOffice or Google Sheets take for a formula (OWASP, "CSV injection"); the
last four are the same signs in full width."""
GUARD = "'"


def harmless(text: str) -> str:
    """Text that no spreadsheet runs: an apostrophe in front shows it as text. ``meant`` takes it away again.

    >>> harmless("=SUM(A1)"), harmless("Group work"), harmless("'=x")
    ("'=SUM(A1)", 'Group work', "''=x")
    """
    stripped = text.lstrip(GUARD + " ")
    return GUARD + text if stripped.startswith(RUN_BY_SPREADSHEETS) or text[:1] in RUN_BY_SPREADSHEETS else text


def meant(cell: str) -> str:
    """What ``harmless`` was given.

    >>> meant("'=SUM(A1)"), meant("'tis"), meant("''=x")
    ('=SUM(A1)', "'tis", "'=x")
    """
    return cell[1:] if cell.startswith(GUARD) and harmless(cell[1:]) == cell else cell
