"""Files of pages: from the package alone."""

from __future__ import annotations

import gzip
import re

import pytest

from classroom_fer.web.assets import PLOTLY, address, asset, folder, names


def test_every_file_is_packed_and_has_an_address_of_its_content() -> None:
    for name in names():
        one = asset(name)
        assert gzip.decompress(one.packed) == one.content
        assert re.fullmatch(rf"/static/[0-9a-f]{{12}}/{re.escape(name)}", address(name))
    assert len(asset(PLOTLY).packed) < 1_600_000


@pytest.mark.parametrize("name", ["../base.html.j2", "/etc/passwd", "base.html.j2", ""])
def test_no_other_file_can_be_asked_for(name: str) -> None:
    with pytest.raises(KeyError):
        asset(name)


def test_no_template_and_no_file_names_another_site() -> None:
    for path in folder().rglob("*.*"):
        assert re.findall(r"(?:https?:)?//(?!www\.w3\.org/2000/svg)\w+\.\w+", path.read_text(encoding="utf-8")) == [], (
            path
        )


def test_templates_hold_no_script_of_their_own_and_no_handlers() -> None:
    """The content security policy would not run them."""
    for path in folder().glob("*.j2"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\son\w+=", text), path
        assert all("src=" in tag or "application/json" in tag for tag in re.findall(r"<script[^>]*>", text)), path
