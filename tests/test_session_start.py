"""What is stored of a film before its first chunk."""

import numpy as np

from classroom_fer import session_start


def test_versions_name_every_part_without_importing_it() -> None:
    found = session_start.versions()
    assert set(session_start.DISTRIBUTIONS) < set(found)
    assert found["numpy"] == np.__version__
    assert "not installed" not in found.values()
