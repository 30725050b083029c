"""S1, S4, S6, S8, S9 on the real command and the sample lesson: profiles, pictures, regions, sockets, owner only."""

from __future__ import annotations

import json
import os
import shutil
import stat
import struct
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from command import LESSON, ROOT, TASKS, command, rows
from in_process import invoke

from classroom_fer import wiring
from classroom_fer.film.masking import Blackout
from classroom_fer.lesson.regions import Region
from classroom_fer.settings.config import default_config

SIGNATURES = {
    "JPEG": b"\xff\xd8\xff", "PNG": b"\x89PNG\r\n", "WebP": b"WEBPVP8", "GIF": b"GIF89a", "TIFF": b"II*\x00",
    "MP4": b"ftypisom", "H.264": b"\x00\x00\x00\x01\x67", "JPEG 2000": b"\x00\x00\x00\x0cjP  ",
}  # fmt: skip
SAMPLE_S = 4
EXPRESSION_NET = "expressions.onnx"
SEAT = (0.03, 0.36, 0.15, 0.55)
"""Where one pupil of the sample lesson sits: x1, y1, x2, y2 as fractions."""
WATCHED = """
import os, socket, sys
class Refused(OSError): pass
def refuse(*a, **k): raise Refused('a socket was opened: ' + repr(a))
socket.socket.connect = refuse; socket.socket.connect_ex = refuse; socket.socket.bind = refuse
socket.create_connection = refuse; socket.getaddrinfo = refuse
WRITING = os.O_WRONLY | os.O_RDWR
notes = os.open(os.environ['NOTES'], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
def audit(event, args):
    if event.startswith('socket.') and event not in ('socket.__new__', 'socket.gethostname'):
        sys.stderr.write('SOCKET ' + event + repr(args) + chr(10)); raise Refused(event)
    if event == 'open' and isinstance(args[0], (str, bytes)) and args[2] & WRITING:
        os.write(notes, os.fsencode(args[0]) + b'\\n')
    if event == 'import' and args[0].partition('.')[0] in os.environ.get('NO_IMPORT', '-').split():
        raise ImportError('forbidden here: ' + args[0])
    if event == 'open' and isinstance(args[0], str) and os.path.basename(args[0]) in os.environ['NO_OPEN'].split():
        raise PermissionError(13, 'forbidden here')
sys.addaudithook(audit)
"""
"""Runs before the command: no socket may be opened; every file that Python opens for writing is noted."""


@dataclass(frozen=True)
class Watched:
    """A finished run and what it touched."""

    folder: Path
    done: subprocess.CompletedProcess[str]

    @property
    def db(self) -> Path:
        return self.folder / "classroom-fer.sqlite"

    @property
    def written(self) -> set[str]:
        """Files that Python opened for writing, once each."""
        return set((self.folder / "watch" / "notes").read_text().splitlines())


def watched(folder: Path, *arguments: object, no_import: str = "", no_open: str = "") -> Watched:
    """The real command on the sample lesson with sockets forbidden and, where the system lets us, without a network."""
    watch, temporary = folder / "watch", folder / "tmp"
    for place in (watch, temporary):
        place.mkdir(mode=0o700, exist_ok=True)
    (watch / "sitecustomize.py").write_text(WATCHED)
    env = os.environ | {"PYTHONPATH": os.pathsep.join((str(watch), str(ROOT))), "PYTHONDONTWRITEBYTECODE": "1"}
    env |= {"NOTES": str(watch / "notes"), "TMPDIR": str(temporary), "NO_IMPORT": no_import, "NO_OPEN": no_open}
    env.pop("CLASSROOM_FER_DB", None)
    line = [*_without_network(), *command("analyze", LESSON, "--tasks", TASKS, "--end", SAMPLE_S, *arguments)]
    done = subprocess.run(line, cwd=folder, env=env, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr
    assert "SOCKET" not in done.stderr
    return Watched(folder, done)


def _without_network() -> list[str]:
    """``unshare`` with a network namespace of its own, if this system allows it."""
    line = ["unshare", "--map-root-user", "--net"]
    try:
        able = subprocess.run([*line, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        able = False
    return line if able else []


@pytest.fixture(scope="module")
def run_of(tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """The database and the PDF of the lesson's first seconds, with one seat in an opt-out region."""
    folder = tmp_path_factory.mktemp("safeguards")
    x1, y1, x2, y2 = SEAT
    region = {"points": [[x1, y1], [x2, y1], [x2, y2], [x1, y2]]}
    (folder / "regions.json").write_text(json.dumps({"regions": [region]}))
    (folder / "regions.json").chmod(0o600)
    return watched(folder, "--regions", "regions.json", no_import="tensorflow keras torch facenet_pytorch")


@pytest.fixture(scope="module")
def finished(run_of: Watched) -> Path:
    return run_of.folder


def test_analysis_and_report_open_no_socket(finished: Path) -> None:
    assert (finished / "reports" / "lesson.pdf").exists()
    assert rows(finished / "classroom-fer.sqlite", "SELECT count(*) FROM v_face")[0][0] > 50


def test_nobody_in_a_region_leaves_a_trace(run_of: Watched) -> None:
    """With the real detector: fifteen of sixteen pupils are found, and nobody where the other one sits."""
    x1, y1, x2, y2 = SEAT
    ((width, height, regions),) = rows(run_of.db, "SELECT width_px, height_px, regions FROM session")
    inside = (
        f"SELECT count(*) FROM v_face WHERE (x1 + x2) / 2 BETWEEN {x1 * width} AND {x2 * width} "
        f"AND (y1 + y2) / 2 BETWEEN {y1 * height} AND {y2 * height}"
    )
    assert rows(run_of.db, inside) == [(0,)]
    assert rows(run_of.db, "SELECT faces, tracks, simultaneous_p95 FROM v_session") == [(15 * SAMPLE_S, 15, 15)]
    assert regions == 1
    assert "1 region blacked out" in run_of.done.stdout


def test_without_the_region_the_detector_finds_the_face_that_sits_there() -> None:
    config = default_config()
    detector = wiring.build_parts(replace(config, profile="presence")).detector
    x1, y1, x2, y2 = SEAT
    with wiring.open_video(LESSON, config) as film:
        frame = next(film.sample(2, 4, 1.0))
    height, width = frame.image.shape[:2]
    blackout = Blackout([Region(((x1, y1), (x2, y1), (x2, y2), (x1, y2)))], width, height)
    seen, masked = detector.detect([frame.image, blackout.apply(frame).image])
    assert (len(seen), len(masked)) == (16, 15)
    assert len(blackout.outside(seen, frame.time_s)) == 15, "the second barrier would have caught it too"


def test_a_run_writes_its_own_files_only(run_of: Watched) -> None:
    ours = {str(run_of.folder), os.devnull}
    strange = {name for name in run_of.written if not any(name == o or name.startswith(f"{o}/") for o in ours)}
    relative = {name for name in strange if not name.startswith("/")}
    assert strange == relative, "outside of the working folder"
    assert {Path(name).parts[0] for name in relative} <= {
        "classroom-fer.sqlite",
        "classroom-fer.sqlite.lock",
        "reports",
    }
    assert [p for p in (run_of.folder / "tmp").rglob("*") if p.is_file()] == [], "temporary files are gone"


def outputs(folder: Path) -> list[Path]:
    """Everything that the run left, temporary files and what it said on the terminal included."""
    return [p for p in folder.rglob("*") if p.is_file() and p.name != "sitecustomize.py"]


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
    """Numbered by appearance they would say who sits where; sixteen seats in the same order twice are one in 2e13."""
    orders = []
    for name in ("a.sqlite", "b.sqlite"):
        done = invoke(tmp_path, "analyze", LESSON, "--end", "4", "--no-report", "--profile", "presence", "--db", name)
        assert done.exit_code == 0, done.stderr
        query = "SELECT track_id FROM v_face WHERE track_id IS NOT NULL GROUP BY track_id ORDER BY min(time_s), min(x1)"
        orders.append(rows(tmp_path / name, query))
    assert sorted(orders[0]) == sorted(orders[1]) == [(number,) for number in range(1, 17)]
    assert orders[0] != orders[1]


def test_presence_opens_no_expression_net_and_stores_no_emotion(tmp_path: Path) -> None:
    one = watched(tmp_path, "--profile", "presence", "--end", "6", no_open=EXPRESSION_NET)
    columns = [row[1] for row in rows(one.db, "PRAGMA table_info(v_face)")]
    inferred = [
        c
        for c in columns
        if c.startswith(("p_", "votes_")) or c in {"emotion", "emotion_confidence", "frontal"} or c.endswith("_deg")
    ]
    assert len(inferred) == 22
    counted = ", ".join(f"count({column})" for column in inferred)
    assert rows(one.db, f"SELECT count(*) > 50, {counted} FROM v_face") == [(1, *[0] * 22)]
    assert rows(one.db, "SELECT count(engagement), count(expression), count(orientation) FROM v_task") == [(0, 0, 0)]
    assert rows(one.db, "SELECT profile, model_sha256, faces > 50 FROM v_session") == [("presence", "none", 1)]
    assert (tmp_path / "reports" / "lesson.pdf").read_bytes().startswith(b"%PDF")


def test_the_other_profiles_open_the_expression_net(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=f"{EXPRESSION_NET}: a network's weights cannot be read"):
        watched(tmp_path, "--end", "2", "--no-report", no_open=EXPRESSION_NET)


def test_teacher_leaves_no_face_in_any_file_and_the_pdf_is_complete(finished: Path, tmp_path: Path) -> None:
    """From the stored faces of the first run: neither film nor model is needed."""
    for name in ("classroom-fer.sqlite", "regions.json"):
        shutil.copy(finished / name, tmp_path / name)
    ((x1,),) = rows(tmp_path / "classroom-fer.sqlite", "SELECT x1 FROM face LIMIT 1 OFFSET 40")
    planted = struct.pack(">d", x1)
    assert planted in (tmp_path / "classroom-fer.sqlite").read_bytes()
    one = watched(tmp_path, "--regions", "regions.json", "--profile", "teacher", no_import="tensorflow torch")
    for table in ("v_face", "face", "track"):
        assert rows(one.db, f"SELECT count(*) FROM {table}") == [(0,)]
    assert not any(planted in path.read_bytes() for path in tmp_path.glob("classroom-fer.sqlite*"))
    assert rows(one.db, "SELECT faces, tracks FROM v_session") == [(15 * SAMPLE_S, 15)]
    assert (tmp_path / "reports" / "lesson.pdf").read_bytes().startswith(b"%PDF")
    again = invoke(tmp_path, "aggregate", "latest")
    assert again.exit_code == 1
    assert "were deleted (profile teacher)" in again.stderr
    assert invoke(tmp_path, "report", "latest", "--out", "again.pdf").exit_code == 0
