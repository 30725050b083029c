"""A process is known by its number and its time of start."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

from classroom_fer.store.process_identity import SAME_START_S, identity_of, is_alive, own_identity


def test_this_process_lives_and_another_start_of_its_number_does_not() -> None:
    own = own_identity()
    assert own == identity_of(os.getpid())
    assert is_alive(own) is True
    assert is_alive(replace(own, started_s=own.started_s + SAME_START_S + 1)) is False


def test_a_process_that_ended_is_gone_even_before_it_was_waited_for() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    identity = identity_of(child.pid)
    assert identity is not None and is_alive(identity) is True
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it is a zombie now
    assert is_alive(identity) is False
    child.communicate()
    assert is_alive(identity) is False
    assert identity_of(child.pid) is None


def test_nothing_is_known_of_another_machine() -> None:
    assert is_alive(replace(own_identity(), host="elsewhere.example")) is None
