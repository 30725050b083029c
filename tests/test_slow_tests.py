from __future__ import annotations

import pytest
from slow_tests import SLOW_S, STILL_S, SlowTests


class Run:
    """What two workers do, and what is said of it."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.said: list[str] = []
        self.plugin = SlowTests(self.said.append, clock=lambda: self.now_s)

    def begin(self, nodeid: str) -> None:
        self.plugin.pytest_runtest_logstart(nodeid)

    def report(self, nodeid: str, seconds: float) -> None:
        self.now_s += seconds
        self.plugin.pytest_runtest_logreport(
            pytest.TestReport(nodeid, ("", None, ""), {}, "passed", None, "call", duration=seconds)
        )

    def end(self, nodeid: str) -> None:
        self.plugin.pytest_runtest_logfinish(nodeid)


def test_a_test_is_named_when_its_parts_together_took_long() -> None:
    run = Run()
    for nodeid, seconds in (("t.py::quick", SLOW_S / 2 - 1), ("t.py::slow", SLOW_S / 2 + 1)):
        run.begin(nodeid)
        run.report(nodeid, seconds)
        run.report(nodeid, seconds)
        run.end(nodeid)
    assert run.said == [f"slow: t.py::slow {SLOW_S + 2} s"]


def test_what_the_other_worker_is_still_at_is_named_once_while_tests_end_here() -> None:
    run = Run()
    run.begin("a.py::hangs")
    for nodeid in ("b.py::one", "b.py::two", "b.py::three"):
        run.begin(nodeid)
        run.report(nodeid, STILL_S / 2 + 1)
        run.end(nodeid)
    assert [line for line in run.said if "hangs" in line] == [f"running for {STILL_S + 2} s: a.py::hangs"]


def test_an_interrupted_run_says_what_was_running() -> None:
    run = Run()
    run.begin("a.py::ended")
    run.end("a.py::ended")
    run.begin("a.py::hangs")
    run.now_s += 7
    run.plugin.pytest_keyboard_interrupt()
    assert run.said == ["interrupted after 7 s: a.py::hangs"]
