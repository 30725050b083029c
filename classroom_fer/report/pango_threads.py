"""Pango looks fonts up in threads of its own, which nobody can wait for; they may still run when the program ends.

Python then unloads the libraries that WeasyPrint opened, and such a thread returns into code that is gone: SIGSEGV
after everything was written, exit code 139. Seen with Pango 1.50.12 (``FcFontSetSort`` on a loaded machine);
libpangoft2 is not linked with ``-z nodelete``.
"""

from __future__ import annotations

import ctypes

from weasyprint.text.ffi import pangoft2


def keep_their_code() -> None:
    """The library that those threads run stays loaded until the process is gone."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(pangoft2))
