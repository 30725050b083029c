"""Many inputs of one command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import typer

from classroom_fer.commands.batch import do_each
from classroom_fer.errors import ModelError, PolicyError, VideoError


def work_on(failing: dict[str, Exception]) -> Callable[[str], dict[str, Any]]:
    def work(name: str) -> dict[str, Any]:
        if name in failing:
            raise failing[name]
        return {"line": f"{name} is done"}

    return work


def test_a_bad_input_and_a_bug_keep_no_other_from_being_done(capsys: pytest.CaptureFixture[str]) -> None:
    failing = {"b": VideoError("b: is empty", hint="copy it again"), "c": ZeroDivisionError("by zero")}
    batch = do_each(["a", "b", "c", "d"], work_on(failing), name=str)
    assert batch.results() == [{"line": "a is done"}, {"line": "d is done"}]
    assert batch.failures("video") == [
        {"video": "b", "error": "b: is empty", "hint": "copy it again", "exit_code": "1"},
        {"video": "c", "error": "bug: by zero", "hint": "see the log file", "exit_code": "3"},
    ]
    said = capsys.readouterr().err
    assert "error: b: is empty\nhint: copy it again\n" in said and "ZeroDivisionError: by zero" in said


def test_an_error_that_all_inputs_share_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    failing: dict[str, Exception] = {name: ModelError("faces.onnx is missing", hint="install again") for name in "ab"}
    batch = do_each("abc", work_on(failing), name=str)
    assert [failure.name for failure in batch.failed] == ["a", "b"]
    assert batch.results() == [{"line": "c is done"}]
    assert capsys.readouterr().err == "error: faces.onnx is missing\nhint: install again\n"


def test_the_table_has_a_line_for_each_input(capsys: pytest.CaptureFixture[str]) -> None:
    batch = do_each(["in/a.mp4", "in/long.mp4"], work_on({"in/a.mp4": VideoError("bad\nfilm", hint="")}), name=str)
    batch.show_table(lambda result: str(result["line"]))
    assert capsys.readouterr().out.splitlines() == [
        "",
        "long.mp4  in/long.mp4 is done",
        "a.mp4     FAILED: bad",
        "1 done, 1 failed",
    ]


def test_the_command_ends_with_the_highest_exit_code() -> None:
    do_each(["a"], work_on({}), name=str).end()
    failing = {"a": VideoError("bad", hint=""), "b": PolicyError("refused", hint=""), "c": VideoError("bad", hint="")}
    with pytest.raises(typer.Exit) as ending:
        do_each("abc", work_on(failing), name=str).end()
    assert ending.value.exit_code == PolicyError.exit_code


@pytest.mark.parametrize("stop", [KeyboardInterrupt, BrokenPipeError])
def test_what_ends_the_command_is_no_input_s_failure(stop: type[BaseException]) -> None:
    def work(name: str) -> dict[str, Any]:
        raise stop

    with pytest.raises(stop):
        do_each(["a", "b"], work, name=str)
