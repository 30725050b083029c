"""Files that belong together are written together or not at all."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import BinaryIO

import pytest

from classroom_fer.errors import ExchangeError
from classroom_fer.exchange.outputs import Bundle, Output, write_bundle


def bundle(*outputs: Output, identity: str = "i" * 32) -> Bundle:
    return Bundle(["lesson", "lesson-1"], outputs, {}, identity, {})


def text(content: str) -> Output:
    def write(file: BinaryIO, name: str) -> None:
        file.write(f"{name}: {content}".encode())

    return Output(f".{content}", write)


def failing(error: BaseException) -> Output:
    def write(file: BinaryIO, _name: str) -> None:
        file.write(b"half")
        raise error

    return Output(".bad", write)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_each_file_knows_the_common_name_that_was_chosen(tmp_path: Path) -> None:
    (tmp_path / "lesson.a").write_text("foreign")
    written = write_bundle(tmp_path, bundle(text("a"), text("b")))
    assert [path.name for path in written.paths] == ["lesson-1.a", "lesson-1.b", "lesson-1.a.dictionary.json"]
    assert (tmp_path / "lesson-1.b").read_text() == "lesson-1: b"
    assert written.left_alone == (tmp_path / "lesson.a",)


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_where_one_file_fails_there_is_none_and_older_ones_stay(tmp_path: Path, error: BaseException) -> None:
    write_bundle(tmp_path, bundle(text("a")))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises((ExchangeError, KeyboardInterrupt)) as caught:
        write_bundle(tmp_path, bundle(text("a"), failing(error)))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    if isinstance(caught.value, ExchangeError):
        assert "No space left on device" in str(caught.value) and "--out" in caught.value.hint


def test_another_identity_or_a_damaged_dictionary_is_somebody_elses(tmp_path: Path) -> None:
    for number in range(3):
        write_bundle(tmp_path, bundle(text("a"), identity=str(number)))
    assert [name for name in names(tmp_path) if name.endswith(".a")] == ["lesson-1-2.a", "lesson-1.a", "lesson.a"]
    (tmp_path / "lesson.a.dictionary.json").write_text('{"made_by": []}')
    assert write_bundle(tmp_path, bundle(text("a"), identity="0")).paths[0].name == "lesson-1-3.a"
