"""What is stored of a film before its first chunk."""

import numpy as np
import pytest

from classroom_fer import session_start


def test_versions_name_every_part_without_importing_it() -> None:
    found = session_start.versions()
    assert set(session_start.DISTRIBUTIONS) < set(found)
    assert found["numpy"] == np.__version__


def test_what_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_start, "DISTRIBUTIONS", ("numpy", "no-such-package"))
    assert set(session_start.versions()) == {"classroom-fer", "python", "numpy"}
