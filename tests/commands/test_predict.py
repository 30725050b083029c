"""``predict``: the real command on a picture with several faces, and its parts with fakes."""

from __future__ import annotations

import dataclasses
import json
import os
import stat
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command import run
from fakes import FakeClassifier, FakeDetector
from PIL import Image
from still_pictures import collins, encoded, group

from classroom_fer.commands.predict import Reader, load_picture, read_all
from classroom_fer.errors import ConfigError
from classroom_fer.lesson.records import EMOTIONS, Abstention
from classroom_fer.pictures import answer_text
from classroom_fer.pictures.output_names import outputs_for
from classroom_fer.pictures.picture import Picture
from classroom_fer.pipeline import Parts, observe_picture
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
            assert (face["class"] is None) == (max(face["probabilities"].values()) < RULES.min_p)
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

    from classroom_fer.pipeline import Chunk, Stopwatch, observe

    parts = Parts(FakeDetector(), FakeClassifier())
    film = FakeVideo(duration_s=1)
    (frame,) = observe(Chunk(0, 0.0, 1.0), film, parts, CONFIG, Stopwatch()).frames
    assert observe_picture(np.zeros((240, 320, 3), np.uint8), parts, CONFIG) == frame.faces


def test_models_are_not_loaded_for_pictures_that_cannot_be_read(tmp_path: Path) -> None:
    def never() -> Parts:
        raise AssertionError("loaded")

    batch = read_all(["no.jpg", "ftp://example.org/a.jpg"], reader(parts=never, load=load_picture), quiet=True)
    assert [f["exit_code"] for f in batch.failed] == ["1", "1"]


def test_a_bug_on_one_picture_does_not_take_the_others_along(capsys: pytest.CaptureFixture[str]) -> None:
    def load(name: str) -> Picture:
        if name == "b":
            raise ZeroDivisionError
        return reader().load(name)

    batch = read_all(["a", "b", "c"], reader(load=load), quiet=True)
    assert [p["picture"] for p in batch.done] == ["a", "c"]
    assert [(f["picture"], f["exit_code"]) for f in batch.failed] == [("b", "3")]
    assert "bug" in capsys.readouterr().err


def test_a_copy_that_cannot_be_written_is_that_pictures_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    batch = read_all(["a"], reader(outputs={"a": tmp_path / "file" / "out.png"}), quiet=True)
    assert "annotated picture cannot be written" in batch.failed[0]["error"]
    assert "--annotate" in batch.failed[0]["hint"]


def test_names_from_outside_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    read_all(["a\x1b[31m\u202e.jpg"], reader(), quiet=False)
    assert "\x1b" not in capsys.readouterr().out


# -- words ---------------------------------------------------------------------------------------------------------


def faces(abstained: Abstention | None = None) -> list[Any]:
    (face, _) = observe_picture(np.zeros((240, 320, 3), np.uint8), reader().parts(), CONFIG)
    if abstained is None:
        return [face]
    emotion = face.emotion if abstained == "uncertain" else None
    return [dataclasses.replace(face, abstained_because=abstained, emotion=emotion)]


PICTURE = Picture("a.jpg", np.zeros((240, 320, 3), np.uint8), ("animated: only the first picture is looked at",))


def test_lines_name_class_probability_and_printed_group() -> None:
    text = answer_text.lines(PICTURE, faces(), RULES, bars=False)
    assert text == [
        "a.jpg: 1 face in 320x240 px",
        "  animated: only the first picture is looked at",
        "  face 1 at 0,100-40,140 (40 px): neutral 0.80 (a report would count it as neutral-looking)",
        "      neutral 0.80  happiness 0.03  surprise 0.03  sadness 0.03  anger 0.03  disgust 0.03  fear 0.03  "
        "contempt 0.03",
    ]


def test_a_terminal_gets_a_bar_per_class() -> None:
    text = answer_text.lines(PICTURE, faces(), RULES, bars=True)
    bars = [line.split() for line in text[3:]]
    assert [bar[0] for bar in bars] == list(EMOTIONS)
    assert [len(bar[1]) if len(bar) == 3 else 0 for bar in bars] == [16] + [1] * 7
    assert len({line.rindex(" ") for line in text[3:]}) == 1, "the numbers stand below each other"


@pytest.mark.parametrize("reason", sorted(ABSTENTIONS))
def test_without_a_class_the_reason_is_given_and_probabilities_only_of_classified_faces(reason: Abstention) -> None:
    text = answer_text.lines(PICTURE, faces(reason), RULES, bars=True)
    assert f"no class: {reason}" in text[2]
    assert len(text) == (11 if reason == "uncertain" else 3)


def test_no_face_is_said() -> None:
    assert answer_text.lines(Picture("a", PICTURE.image), [], RULES, bars=True) == ["a: no face found in 320x240 px"]


# -- where copies go -----------------------------------------------------------------------------------------------


def test_one_picture_may_name_its_copy_and_several_need_a_folder(tmp_path: Path) -> None:
    assert outputs_for(["a.jpg"], None) == {}
    assert outputs_for(["a.jpg"], Path("out.png")) == {"a.jpg": Path("out.png")}
    assert outputs_for(["a.jpg", "a.jpg"], Path("out.PNG")) == {"a.jpg": Path("out.PNG")}
    with pytest.raises(ConfigError, match="one file cannot show 2"):
        outputs_for(["a.jpg", "b.jpg"], Path("out.png"))
    with pytest.raises(ConfigError, match="written as PNG"):
        outputs_for(["a.jpg"], Path("out.jpg"))
    (tmp_path / "x.d").mkdir()
    assert outputs_for(["a.jpg"], tmp_path / "x.d") == {"a.jpg": tmp_path / "x.d" / "a.faces.png"}


def test_names_in_a_folder_are_safe_and_do_not_clash() -> None:
    names = [
        "a.jpg", "b/a.png", "A.gif", "https://example.org/x/..%2F..%2Fetc%2Fpasswd.jpg?q=/y", "https://example.org/",
        "http://example.org/..", "-rf\n.png", "x" * 300 + ".png",
    ]  # fmt: skip
    paths = outputs_for(names, Path("seen"))
    assert list(paths) == names
    assert len({str(p).casefold() for p in paths.values()}) == len(names)
    for path in paths.values():
        assert path.parent == Path("seen")
        assert path.name.endswith(".faces.png")
        assert not path.name.startswith(".")
        assert len(path.name) < 120
        assert path.name.isprintable()


@pytest.mark.parametrize("link", ["same", "symlink", "hardlink", "dotted"])
def test_a_picture_is_never_written_over(tmp_path: Path, link: str) -> None:
    source = tmp_path / "a.png"
    source.write_bytes(b"x")
    out = tmp_path / "b.png"
    if link == "same":
        out = source
    elif link == "symlink":
        out.symlink_to(source)
    elif link == "hardlink":
        os.link(source, out)
    else:
        out = tmp_path / "." / ".." / tmp_path.name / "a.png"
    with pytest.raises(ConfigError, match="write over"):
        outputs_for([str(source)], out)


def test_a_copy_in_a_folder_never_lands_on_another_input(tmp_path: Path) -> None:
    (tmp_path / "a.faces.png").write_bytes(b"x")
    with pytest.raises(ConfigError, match="write over"):
        outputs_for([str(tmp_path / "a.png"), str(tmp_path / "a.faces.png")], tmp_path)


def test_wrong_use_exits_2(tmp_path: Path) -> None:
    done = run("predict", "a.jpg", "--annotate", "a.jpg", cwd=tmp_path)
    assert done.returncode == 2
    assert "hint:" in done.stderr
    assert run("predict", cwd=tmp_path).returncode == 2


@pytest.mark.parametrize("profile", ["research", "presence"])
def test_where_the_law_or_the_profile_forbids_inferring_no_picture_is_opened(tmp_path: Path, profile: str) -> None:
    from in_process import invoke

    place = "DE" if profile == "research" else "CH"
    declared = f'[policy]\njurisdiction = "{place}"\nsetting = "education"\nprofile = "{profile}"\n'
    (tmp_path / "classroom-fer.toml").write_text(declared)
    done = invoke(tmp_path, "predict", "no-such.jpg")
    assert done.exit_code == 4
    assert "no such file" not in done.output
