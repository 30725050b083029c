"""What is stored of a film before its first chunk."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from contracts import store_records

from classroom_fer import session_start
from classroom_fer.errors import ConfigError, TaskFileError
from classroom_fer.exchange.eaf import Annotation, ElanDocument, Tier, eaf_bytes
from classroom_fer.lesson.records import Task
from classroom_fer.session_start import given_tasks


def test_versions_name_every_part_without_importing_it() -> None:
    found = session_start.versions()
    assert set(session_start.DISTRIBUTIONS) < set(found)
    assert found["numpy"] == np.__version__


def test_what_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_start, "DISTRIBUTIONS", ("numpy", "no-such-package"))
    assert set(session_start.versions()) == {"classroom-fer", "python", "numpy"}


def test_of_an_elan_documents_tiers_the_named_one_holds_the_tasks(tmp_path: Path) -> None:
    tiers = (Tier("Task", (Annotation(0.0, 9.0, "Reading"),)), Tier("Speech", (Annotation(1.0, 2.0, "hello"),)))
    path, start = tmp_path / "coding.eaf", store_records.session_start()
    path.write_bytes(eaf_bytes(ElanDocument(tiers), datetime(2026, 3, 5, tzinfo=UTC)))
    assert given_tasks(path, start, "Task").tasks == (Task("Reading", 0.0, 9.0),)
    with pytest.raises(TaskFileError, match="'Task', 'Speech'"):
        given_tasks(path, start)
    with pytest.raises(ConfigError, match="none is given"):
        given_tasks(None, start, "Task")
