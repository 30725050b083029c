"""Files from elsewhere: what is compressed is unpacked, whatever it holds."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from classroom_fer.errors import ExchangeError
from classroom_fer.exchange.source import read_bytes
from classroom_fer.exchange.tasks_file import read_tasks

TABLE = b"task,start,end\nReading,0,10\n"
PACKED = gzip.compress(TABLE, mtime=0)


def test_a_compressed_table_is_a_table_and_no_damaged_project(tmp_path: Path) -> None:
    path = tmp_path / "tasks.csv.gz"
    path.write_bytes(PACKED)
    assert [(task.name, task.end_s) for task in read_tasks(path).tasks] == [("Reading", 10.0)]
    path.write_bytes(gzip.compress(b"task,start\nReading,0\n"))
    with pytest.raises(ExchangeError, match="column 'end'"):
        read_tasks(path)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (PACKED[:-9], "the compressed file is cut off"),
        (PACKED[:10] + b"\xff\xff\xff\xff", "the compressed file is damaged"),
        (gzip.compress(b" " * 30_000_000), "the compressed file holds more than 20 MB"),
    ],
)
def test_a_compressed_file_that_cannot_be_read_is_one_error_and_does_not_fill_the_memory(
    tmp_path: Path, data: bytes, said: str
) -> None:
    path = tmp_path / "tasks.csv.gz"
    path.write_bytes(data)
    with pytest.raises(ExchangeError, match=f"tasks.csv.gz: {said}") as caught:
        read_bytes(path)
    assert "file that is inside" in caught.value.hint
