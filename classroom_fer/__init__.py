"""classroom-fer: from a recorded lesson to a defensible class timeline. See ARCHITECTURE.md.

``analyze``, ``open`` and what they give are documented in ``classroom_fer.api``, which is loaded when one of them is
first used: importing the package stays light. ``__init__.pyi`` tells type checkers the same.
"""

import importlib
from typing import Any

__version__ = "0.1.0"

_IN_API = ("Analysis", "ClassroomFerError", "OlderRulesWarning", "Study", "analyze", "open")

__all__ = [*_IN_API, "__version__"]


def __getattr__(name: str) -> Any:
    if name in _IN_API:
        return getattr(importlib.import_module("classroom_fer.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
