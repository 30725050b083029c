from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from media import Coding, constant, write_film
from real_time import end_real_time, real_time_threads

ROOT = Path(__file__).resolve().parents[1]


def test_coding_an_av1_film_puts_this_process_before_no_other(tmp_path: Path) -> None:
    write_film(tmp_path / "film.mkv", constant(2, 25), Coding("libsvtav1", b_frames=0))
    assert real_time_threads() == []


def test_a_real_time_thread_is_found_and_made_a_usual_one() -> None:
    ready, done = threading.Event(), threading.Event()
    refused: list[OSError] = []

    def work() -> None:
        try:
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
        except OSError as error:
            refused.append(error)
        ready.set()
        done.wait(60)

    thread = threading.Thread(target=work)
    thread.start()
    ready.wait(60)
    try:
        if refused:
            pytest.skip(f"this user may not have real-time threads ({refused[0].strerror})")
        assert end_real_time() == [thread.native_id]
        assert real_time_threads() == []
    finally:
        done.set()
        thread.join(60)


@pytest.mark.parametrize("package", ["classroom_fer", "training"])
def test_the_program_opens_no_video_encoder(package: str) -> None:
    """Encoders may take the machine for themselves (``real_time.never_real_time``); the program only reads films."""
    for path in (ROOT / package).rglob("*.py"):
        assert "add_stream(" not in path.read_text(encoding="utf-8"), path
