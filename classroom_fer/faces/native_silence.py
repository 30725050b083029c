"""Native libraries write to file descriptor 2 past Python: for the moments in which that helps nobody."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def native_silence() -> Iterator[None]:
    """Drops what native code writes to stderr while TensorFlow loads: its notes ignore every log setting.

    Python's own errors are raised, not written, so nothing that a user needs is lost.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123  # a device, not a path
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
