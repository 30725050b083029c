"""Exports of a lesson as one archive: the files that ``classroom-fer export`` writes, at the level of the class."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from classroom_fer.errors import ExchangeError
from classroom_fer.exchange.exports import Subject, Wanted, bundle, check_may_leave, wanted
from classroom_fer.exchange.outputs import write_bundle
from classroom_fer.store.store import SqlStore

EXPORTS: Mapping[str, tuple[str, str, str]] = {
    "tasks-xlsx": ("xlsx", "task", "Excel"),
    "tasks-csv": ("csv", "task", "CSV"),
    "bins-csv": ("csv", "bin", "CSV"),
    "elan": ("elan", "task", "ELAN"),
    "boris": ("boris", "task", "BORIS"),
}
"""By the name in the address: format, level, and what the format is called. Rows of single faces are not among them."""


def chosen(name: str, aggregation: str | None = None) -> Wanted:
    """What is exported under a name, of the session's own result or of a named one. ExchangeError for any other."""
    if name not in EXPORTS:
        raise ExchangeError("there is no such export", hint="choose one on the lesson's page")
    form, level, _ = EXPORTS[name]
    return wanted(form, level, aggregation=aggregation)


def archive(what: Wanted, subject: Subject, store: SqlStore) -> bytes:
    """A ZIP of the export's files, the data dictionary among them. The audit says that it was made.

    Raises:
        StoreError, PolicyError, ExchangeError: as ``classroom-fer export``.
    """
    check_may_leave(what, subject.session, store)
    packed = io.BytesIO()
    with tempfile.TemporaryDirectory(prefix="classroom-fer-") as folder:
        write_bundle(Path(folder), bundle(what, [subject], store))
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archived:
            for path in sorted(Path(folder).iterdir()):
                archived.write(path, path.name)
    details: dict[str, object] = {"format": what.format, "level": what.level.name}
    if what.aggregation is not None:
        details["settings_sha256"] = subject.session.start.settings_sha256
    store.record_if_writable("export", subject.session.session_id, details)
    return packed.getvalue()
