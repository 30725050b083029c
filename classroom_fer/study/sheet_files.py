"""The forms that a sheet can have: one dict for writing, one list for reading."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from classroom_fer.errors import SheetError
from classroom_fer.exchange.boris_states import is_project
from classroom_fer.exchange.elan_tiers import is_eaf
from classroom_fer.exchange.source import read_bytes
from classroom_fer.study.sheet_boris import read_project_codes, sheet_project
from classroom_fer.study.sheet_csv import is_csv, read_csv, sheet_csv
from classroom_fer.study.sheet_elan import read_document_codes, sheet_documents
from classroom_fer.study.sheets import CodedSheet, FoundCodes, Sheet, checked

Files = list[tuple[str, bytes]]
"""(name, content)."""


def _csv_files(sheet: Sheet) -> Files:
    return [(f"sheet-{sheet.observer}.csv", sheet_csv(sheet))]


def _boris_files(sheet: Sheet) -> Files:
    return [(f"sheet-{sheet.observer}.boris", sheet_project(sheet))]


WRITERS: dict[str, Callable[[Sheet], Files]] = {"csv": _csv_files, "boris": _boris_files, "elan": sheet_documents}
"""By the name given to --format."""
READERS: tuple[tuple[Callable[[bytes], bool], Callable[[bytes, Path], FoundCodes]], ...] = (
    (is_csv, read_csv),
    (is_eaf, read_document_codes),
    (is_project, read_project_codes),
)
"""(is it this form, what it holds); the first that fits."""


def read_sheet(path: Path) -> CodedSheet:
    """A sheet in any form, checked.

    Raises:
        ExchangeError: it cannot be read, or is damaged.
        SheetError: it is no sheet, or holds a code that does not exist, or a clip twice.
    """
    data = read_bytes(path)
    for fits, read in READERS:
        if fits(data):
            return checked(read(data, path))
    raise SheetError(
        f"{path}: this is no coding sheet{' (the file is empty)' if not data.strip() else ''}",
        hint="give what `validate sample` wrote, filled in: CSV, a BORIS project or an ELAN document",
    )
