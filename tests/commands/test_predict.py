"""``predict``: the real command on a picture with several faces, and its parts with fakes."""

from __future__ import annotations

import dataclasses
import json
import stat
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import run
from fakes import FakeClassifier, FakeDetector
from in_process import invoke
from PIL import Image
from still_pictures import collins, encoded, group

from classroom_fer.commands.predict_pictures import Reader, load_picture, read_all
from classroom_fer.lesson.expression_groups import group_probabilities
from classroom_fer.lesson.records import EMOTIONS
from classroom_fer.lesson.span import Chunk
from classroom_fer.pictures.picture import Picture
from classroom_fer.pipeline import OpenFilm, Parts, Stopwatch, observe, observe_picture
from classroom_fer.settings.config import default_config

CONFIG = default_config()
RULES = CONFIG.rules.expression
ABSTENTIONS = {"too small", "turned away", "pose unknown", "unsure detection", "uncertain"}


# -- the real command ----------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Run:
    folder: Path
    done: subprocess.CompletedProcess[str]
    told: dict[str, Any]


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One command with five pictures of every sort, two of them bad, annotated into a folder."""
    folder = tmp_path_factory.mktemp("predict")
    (folder / "tmp").mkdir()
    exif = Image.Exif()
    exif[0x0112] = 6  # stored lying on its side
    (folder / "group.jpg").write_bytes(
        encoded(np.ascontiguousarray(np.rot90(group(), 1)), "JPEG", quality=95, exif=exif)
    )
    (folder / "page.jpg").write_text("<!doctype html><html>Sign in</html>")
    (folder / "grey.png").write_bytes(encoded(np.full((200, 300), 90, np.uint8), "PNG"))
    (folder / "grey-collins.tif").write_bytes(encoded(Image.fromarray(collins()).convert("L"), "TIFF"))
    names = ("group.jpg", "page.jpg", "grey.png", "http://127.0.0.1/a.jpg", "grey-collins.tif")
    done = run("predict", *names, "--json", "--annotate", "seen", cwd=folder, env={"TMPDIR": str(folder / "tmp")})
    return Run(folder, done, json.loads(done.stdout))


def test_bad_pictures_are_explained_and_the_rest_done(real: Run) -> None:
    assert real.done.returncode == 1
    assert [p["picture"] for p in real.told["pictures"]] == ["group.jpg", "grey.png", "grey-collins.tif"]
    errors = {e["picture"]: e for e in real.told["errors"]}
    assert set(errors) == {"page.jpg", "http://127.0.0.1/a.jpg"}
    assert "HTML" in errors["page.jpg"]["error"]
    assert "not on the public web" in errors["http://127.0.0.1/a.jpg"]["error"]
    assert real.done.stderr.count("error:") == real.done.stderr.count("hint:") == 2


def test_every_face_has_a_class_or_a_reason_and_calibrated_probabilities_where_it_was_classified(real: Run) -> None:
    picture = real.told["pictures"][0]
    assert (picture["width_px"], picture["height_px"]) == (1400, 700), "upright, as its EXIF says"
    faces = picture["faces"]
    assert [f["face"] for f in faces] == [1, 2, 3, 4, 5]
    assert [f["box_px"][0] for f in faces] == sorted(f["box_px"][0] for f in faces)
    small = [f for f in faces if f["size_px"] < RULES.min_face_px]
    assert [f["abstained_because"] for f in small] == ["too small"]
    for face in faces:
        assert (face["class"] is None) == (face["abstained_because"] is not None)
        if face["abstained_because"] in ABSTENTIONS - {"uncertain"}:
            assert face["probabilities"] is None
            assert face["group"] is None
        else:
            assert list(face["probabilities"]) == list(EMOTIONS)
            assert sum(face["probabilities"].values()) == pytest.approx(1, abs=1e-4)
            groups = group_probabilities(list(face["probabilities"].values()))
            answered = groups.max() >= RULES.least_of_group()[groups.argmax()]
            assert (face["class"] is not None) == answered
    collins_faces = [faces[0], faces[3]]
    assert {f["class"] for f in collins_faces} == {"happiness"}, "she smiles, mirrored or not"


def test_the_honest_sentence_and_the_model_are_in_the_json(real: Run) -> None:
    assert real.told["note"].startswith("Faces do not reveal feelings")
    assert all(len(p["model_sha256"]) == 64 for p in real.told["pictures"])


def test_a_picture_without_faces_is_a_result(real: Run) -> None:
    assert real.told["pictures"][1]["faces"] == []


def test_a_grey_picture_is_read_like_a_coloured_one(real: Run) -> None:
    (face,) = real.told["pictures"][2]["faces"]
    assert face["class"] == "happiness"


def test_copies_are_written_only_where_asked_and_for_the_owner_alone(real: Run) -> None:
    seen = real.folder / "seen"
    names = ["grey-collins.faces.png", "grey.faces.png", "group.faces.png"]
    assert sorted(p.name for p in seen.iterdir()) == names
    assert [p["annotated"] for p in real.told["pictures"]] == [f"seen/{names[i]}" for i in (2, 1, 0)]
    assert stat.S_IMODE(seen.stat().st_mode) == 0o700
    for path in seen.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        Image.open(path).load()
    others = {p.name for p in real.folder.iterdir()} - {"seen", "tmp"}
    assert others == {"group.jpg", "page.jpg", "grey.png", "grey-collins.tif"}
    assert not [p for p in (real.folder / "tmp").rglob("*") if p.is_file()]


# -- reading, with fakes -------------------------------------------------------------------------------------------


def reader(**changes: Any) -> Reader:
    parts = Parts(FakeDetector(seats=2), FakeClassifier())
    made = Reader(CONFIG, lambda: parts, lambda name: Picture(name, np.zeros((240, 320, 3), np.uint8)), {})
    return dataclasses.replace(made, **changes)


def test_a_picture_goes_through_the_same_steps_as_a_frame_of_a_film() -> None:
    from fakes import FakeVideo

    parts = Parts(FakeDetector(), FakeClassifier())
    film = FakeVideo(duration_s=1)
    (frame,) = observe(Chunk(0, 0.0, 1.0), OpenFilm(film, parts, CONFIG), Stopwatch()).frames
    assert observe_picture(np.zeros((240, 320, 3), np.uint8), parts, CONFIG) == frame.faces


def test_models_are_not_loaded_for_pictures_that_cannot_be_read(tmp_path: Path) -> None:
    def never() -> Parts:
        raise AssertionError("loaded")

    batch = read_all(["no.jpg", "ftp://example.org/a.jpg"], reader(parts=never, load=load_picture), quiet=True)
    assert [failure.exit_code for failure in batch.failed] == [1, 1]


def test_a_bug_on_one_picture_does_not_keep_the_others_from_being_read(capsys: pytest.CaptureFixture[str]) -> None:
    def load(name: str) -> Picture:
        if name == "b":
            raise ZeroDivisionError
        return reader().load(name)

    batch = read_all(["a", "b", "c"], reader(load=load), quiet=True)
    assert [p["picture"] for p in batch.results()] == ["a", "c"]
    assert [(f["picture"], f["exit_code"]) for f in batch.failures("picture")] == [("b", "3")]
    assert "bug" in capsys.readouterr().err


def test_a_copy_that_cannot_be_written_is_that_pictures_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    batch = read_all(["a"], reader(outputs={"a": tmp_path / "file" / "out.png"}), quiet=True)
    assert "annotated picture cannot be written" in batch.failed[0].message
    assert "--annotate" in batch.failed[0].hint


def test_names_from_outside_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    read_all(["a\x1b[31m\u202e.jpg"], reader(), quiet=False)
    assert "\x1b" not in capsys.readouterr().out


# -- what is refused -------------------------------------------------------------------------------------------------


def test_wrong_use_exits_2(tmp_path: Path) -> None:
    done = invoke(tmp_path, "predict", "a.jpg", "--annotate", "a.jpg")
    assert done.exit_code == 2
    assert "hint:" in done.stderr
    assert invoke(tmp_path, "predict").exit_code == 2


@pytest.mark.parametrize("profile", ["research", "presence"])
def test_where_the_law_or_the_profile_forbids_inferring_no_picture_is_opened(tmp_path: Path, profile: str) -> None:
    place = "DE" if profile == "research" else "CH"
    declared = f'[policy]\njurisdiction = "{place}"\nsetting = "education"\nprofile = "{profile}"\n'
    (tmp_path / "classroom-fer.toml").write_text(declared)
    done = invoke(tmp_path, "predict", "no-such.jpg")
    assert done.exit_code == 4
    assert "no such file" not in done.output
