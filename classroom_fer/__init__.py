"""classroom-fer: from a recorded lesson to a defensible class timeline. See ARCHITECTURE.md."""

__version__ = "0.1.0"
