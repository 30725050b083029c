"""S4, S8, S9: no pictures, no sockets, owner-only files. On the real command and the sample lesson."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from command import LESSON, TASKS, rows, run

SIGNATURES = {
    "JPEG": b"\xff\xd8\xff", "PNG": b"\x89PNG\r\n", "WebP": b"WEBPVP8", "GIF": b"GIF89a", "TIFF": b"II*\x00",
    "MP4": b"ftypisom", "H.264": b"\x00\x00\x00\x01\x67", "JPEG 2000": b"\x00\x00\x00\x0cjP  ",
}  # fmt: skip
FORBID_SOCKETS = """
import socket, sys
class Refused(OSError): pass
def refuse(*a, **k): raise Refused('a socket was opened: ' + repr(a))
socket.socket.connect = refuse; socket.socket.connect_ex = refuse; socket.socket.bind = refuse
socket.create_connection = refuse; socket.getaddrinfo = refuse
def audit(event, args):
    if event.startswith('socket.') and event not in ('socket.__new__', 'socket.gethostname'):
        sys.stderr.write('SOCKET ' + event + repr(args) + chr(10)); raise Refused(event)
sys.addaudithook(audit)
"""


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the database and the PDF of twenty seconds of the lesson, made with sockets forbidden."""
    folder = tmp_path_factory.mktemp("safeguards")
    (folder / "sitecustomize.py").write_text(FORBID_SOCKETS)
    done = run("analyze", LESSON, "--tasks", TASKS, "--end", "20", cwd=folder, env={"PYTHONPATH": str(folder)})
    assert done.returncode == 0, done.stderr
    assert "SOCKET" not in done.stderr
    (folder / "sitecustomize.py").unlink()
    return folder


def test_analysis_and_report_open_no_socket(finished: Path) -> None:
    assert (finished / "reports" / "lesson.pdf").exists()
    assert rows(finished / "classroom-fer.sqlite", "SELECT count(*) FROM v_face")[0][0] > 50


def outputs(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts]


def test_no_output_holds_picture_bytes(finished: Path) -> None:
    for path in outputs(finished):
        data = path.read_bytes()
        for name, signature in SIGNATURES.items():
            assert signature not in data, f"{path.name} holds {name} bytes"


def test_the_pdf_holds_no_picture_object(finished: Path) -> None:
    import pikepdf

    with pikepdf.open(finished / "reports" / "lesson.pdf") as pdf:
        kinds = [obj.get("/Subtype") for obj in pdf.objects if isinstance(obj, pikepdf.Stream)]
    assert pikepdf.Name.Image not in kinds


def test_the_database_holds_no_blob_larger_than_64_bytes(finished: Path) -> None:
    db = finished / "classroom-fer.sqlite"
    for (table,) in rows(db, "SELECT name FROM sqlite_master WHERE type = 'table'"):
        for column in rows(db, f'PRAGMA table_info("{table}")'):
            query = (
                f'SELECT count(*) FROM "{table}" WHERE typeof("{column[1]}") = \'blob\' AND length("{column[1]}") > 64'
            )
            assert rows(db, query) == [(0,)], f"{table}.{column[1]}"


def test_files_are_for_their_owner_alone(finished: Path) -> None:
    for path in outputs(finished):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path.name
    assert stat.S_IMODE((finished / "reports").stat().st_mode) == 0o700


def test_track_ids_are_shuffled_between_runs(tmp_path: Path) -> None:
    """Numbered by appearance they would say who sits where; ten seats in the same order twice is one in 3.6 million."""
    orders = []
    for name in ("a", "b"):
        done = run("analyze", LESSON, "--end", "12", "--no-report", "--db", f"{name}.sqlite", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        query = "SELECT track_id FROM v_face WHERE track_id IS NOT NULL GROUP BY track_id ORDER BY min(time_s), min(x1)"
        orders.append(rows(tmp_path / f"{name}.sqlite", query))
    assert sorted(orders[0]) == sorted(orders[1])
    assert orders[0] != orders[1]
