"""The documentation as a website: no link leads nowhere, and a reader needs no network."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from classroom_fer import api

ROOT = Path(__file__).resolve().parent.parent
FOREIGN = re.compile(r"<(?:script|link|img|iframe|source)\b[^>]*?(?:src|href)=\"(?:https?:)?//[^\"]*\"")
"""What a browser would fetch from elsewhere by itself."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    for library in ("sphinx", "myst_parser", "furo"):
        pytest.importorskip(library, reason="the extra docs is not installed")
    out = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html"]
    places = ["-c", "docs/site", "-d", str(out / "read"), ".", str(out / "site")]
    done = subprocess.run([*build, *places], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return out / "site"


def test_every_page_is_there_and_the_first_leads_to_the_index(site: Path) -> None:
    pages = [page.relative_to(ROOT) for page in (ROOT / "docs").rglob("*.md")]
    assert [page for page in pages if not (site / page).with_suffix(".html").exists()] == []
    assert "url=docs/README.html" in (site / "index.html").read_text(encoding="utf-8")


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    html = {page: page.read_text(encoding="utf-8") for page in site.rglob("*.html")}
    assert {page.name: found for page, text in html.items() if (found := FOREIGN.findall(text))} == {}
    css = [sheet.read_text(encoding="utf-8") for sheet in site.rglob("*.css")]
    assert [found for text in css for found in re.findall(r"(?:url\(|@import )['\"]?(?:https?:)?//[^)\s]+", text)] == []


def test_everything_public_has_its_entry(site: Path) -> None:
    page = (site / "docs" / "site" / "api.html").read_text(encoding="utf-8")
    methods = [f"Study.{name}" for name in vars(api.Study) if not name.startswith("_")]
    for name in [*api.__all__, *methods]:
        assert f'id="classroom_fer.api.{name}"' in page, name
