"""Says while the tests run which of them take long, so that a run that is cut off has said what held it up."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

import pytest

SLOW_S = 30
"""A test that took longer is named when it ends (choice)."""
STILL_S = 120
"""A test that has run for so long is named while it goes on."""


class SlowTests:
    """Names slow tests, and at the end of a run that was interrupted those that were running.

    Under pytest-xdist the process that shows results hears of every worker's tests.
    """

    def __init__(self, say: Callable[[str], None], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._say, self._clock = say, clock
        self._began: dict[str, float] = {}
        self._told: set[str] = set()
        self._took: Counter[str] = Counter()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._began[nodeid] = self._clock()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._took[report.nodeid] += report.duration  # set-up, call, teardown
        for nodeid, seconds in self._running():
            if seconds > STILL_S and nodeid != report.nodeid and nodeid not in self._told:
                self._told.add(nodeid)
                self._say(f"running for {seconds:.0f} s: {nodeid}")

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self._began.pop(nodeid, None)
        seconds = self._took.pop(nodeid, 0)
        if seconds > SLOW_S:
            self._say(f"slow: {nodeid} {seconds:.0f} s")

    def pytest_keyboard_interrupt(self) -> None:
        for nodeid, seconds in self._running():
            self._say(f"interrupted after {seconds:.0f} s: {nodeid}")

    def _running(self) -> list[tuple[str, float]]:
        return [(nodeid, self._clock() - began) for nodeid, began in self._began.items()]


def shown_lines(config: pytest.Config) -> Callable[[str], None]:
    """Writes a line among the dots; nothing where results are not shown (a worker of pytest-xdist)."""

    def say(line: str) -> None:
        terminal = config.pluginmanager.get_plugin("terminalreporter")
        if isinstance(terminal, pytest.TerminalReporter):
            terminal.ensure_newline()
            terminal.write_line(line)
            terminal.flush()

    return say
