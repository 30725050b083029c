"""Looks through a data set and says in a report and a manifest what it had better be without. Nothing is deleted."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from classroom_fer.errors import ConfigError
from training.data.leave_out import Entry, write_leave_out
from training.data.readers.source import open_source
from training.dataset_report.clean_report import write_report
from training.dataset_report.duplicates import NEAR, OnProgress, no_progress
from training.dataset_report.findings import REASONS, Findings, find, leave_out
from training.dataset_report.pool import read_pool

MANIFEST, PAGE, TABLE = "leave_out.csv", "report.html", "report.json"


def clean(
    data: Path,
    out: Path,
    *,
    near: float = NEAR,
    reasons: Collection[str] = REASONS,
    on_progress: OnProgress = no_progress,
) -> tuple[Findings, list[Entry]]:
    """Looks through ``data`` and writes ``leave_out.csv``, ``report.html`` and ``report.json`` into ``out``.

    Raises:
        DataError: a split is missing or malformed in a way that is not the fault of one picture.
        ConfigError: an unknown reason.
        ReportError: ``out`` cannot be written to.
    """
    unknown = [reason for reason in reasons if reason not in REASONS]
    if unknown:
        raise ConfigError(f"unknown reason {unknown[0]!r}", hint=f"known: {', '.join(REASONS)}")
    on_progress("reading", 0, 1)
    findings = find(read_pool(open_source(data)), near=near, on_progress=on_progress)
    entries = [entry for entry in leave_out(findings) if entry.reason in reasons]
    write_report(findings, entries, page=out / PAGE, table=out / TABLE)
    write_leave_out(out / MANIFEST, entries)
    return findings, entries
