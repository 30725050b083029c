"""Where the annotated copies of pictures go."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from classroom_fer.errors import ConfigError
from classroom_fer.pictures.output_names import outputs_for


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
