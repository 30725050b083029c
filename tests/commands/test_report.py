"""``classroom-fer report``: languages, look, appendix, templates."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from command import rows
from fakes import FakeClassifier, FakeDetector, FakeRenderer, FakeVideo
from typer.testing import CliRunner

from classroom_fer import analysis
from classroom_fer.cli import app
from classroom_fer.pipeline import Parts
from classroom_fer.settings.config import default_config
from classroom_fer.store.store import open_store


def run(*arguments: str) -> Any:
    """The command inside of this process, in the folder at hand."""
    return CliRunner().invoke(app, arguments)


@pytest.fixture(autouse=True)
def there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One finished session of 200 s with six faces."""
    folder = tmp_path_factory.mktemp("report")
    parts = Parts(FakeDetector(seats=5), FakeClassifier())
    fakes = analysis.Builders(
        lambda *_: FakeVideo(duration_s=200), parts=lambda _: parts, renderer=lambda _: FakeRenderer()
    )
    with open_store(folder / "classroom-fer.sqlite") as store:
        analyzer = analysis.Analyzer(default_config(), store, fakes)
        analyzer.analyze(analysis.Request(Path("fake.mp4"), None, folder / "first"), lambda _: None)
    return folder


def test_a_report_is_not_written_over_a_file_of_another_kind(folder: Path) -> None:
    table = folder / "tasks.csv"
    table.write_text("task,start,end\n")
    done = run("report", "latest", "--out", "tasks.csv")
    assert done.exit_code == 1 and "--out" in done.stderr
    assert table.read_text() == "task,start,end\n"


def test_a_report_in_another_language_with_school_appendix_and_own_style(folder: Path) -> None:
    done = run("report", "init-template", "ours")
    assert done.exit_code == 0 and done.stdout.split() == [
        "ours/across.html.j2", "ours/report.css", "ours/report.html.j2", "ours/report_parts.html.j2",
    ]  # fmt: skip
    with (folder / "ours" / "report.css").open("a") as file:
        file.write("\n@page { size: A5 }\n")
    (folder / "school.toml").write_text('[report]\nschool = "École Nord"\nlang = "fr"\ntemplate_dir = "ours"\n')
    done = run("report", "latest", "--lang", "de", "--appendix", "--config", "school.toml", "--out", "a/b.pdf")
    assert (done.exit_code, done.stdout) == (0, "report: a/b.pdf\n"), done.stderr
    assert stat.S_IMODE((folder / "a" / "b.pdf").stat().st_mode) == 0o600
    with pikepdf.open(folder / "a" / "b.pdf") as pdf:
        assert str(pdf.Root.Lang) == "de" and round(float(pdf.pages[0].mediabox[2])) == 420
        with pdf.open_outline() as outline:
            assert "Anhang" in [str(entry.title) for entry in outline.root[0].children]
    details = rows(folder / "classroom-fer.sqlite", "SELECT details FROM audit WHERE action = 'report'")
    assert '"lang":"de"' in str(details[-1][0]) and "ours" not in str(details[-1][0])


@pytest.mark.parametrize(
    ("arguments", "code", "told", "hint"),
    [
        (("latest", "--lang", "xx"), 2, "no report language 'xx'", "zh (中文（简体）)"),
        (("latest", "--template-dir", "nowhere"), 1, "nowhere: no such template folder", "init-template"),
        (("init-template",), 2, "needs a folder", ""),
        (("init-template", "there"), 1, "report.css is there already", "nothing was overwritten"),
        (("latest", "our-style"), 2, "DIR goes with init-template only", ""),
        (
            ("latest", "--template-dir", "there"),
            1,
            "report.css, line 2: `colr: red`: unknown property",
            "correct",
        ),
        (("latest", "--config", "logo.toml"), 1, "bad.svg: this logo is refused: it holds <script>", "plain SVG"),
    ],
)
def test_mistakes_are_told(folder: Path, arguments: tuple[str, ...], code: int, told: str, hint: str) -> None:
    (folder / "there").mkdir(exist_ok=True)
    (folder / "there" / "report.css").write_text("h1 {\n colr: red }")
    (folder / "logo.toml").write_text('[report]\nlogo = "bad.svg"\n')
    (folder / "bad.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><script/></svg>')
    done = run("report", *arguments, "--out", "never.pdf")
    assert done.exit_code == code
    assert told in done.stderr and hint in done.stderr
    assert not (folder / "never.pdf").exists()


def test_what_is_declared_now_holds_for_sessions_from_before(folder: Path) -> None:
    (folder / "law.toml").write_text('[policy]\njurisdiction = "DE"\nsetting = "education"\nprofile = "presence"\n')
    done = run("report", "latest", "--config", "law.toml", "--out", "forbidden.pdf")
    assert done.exit_code == 4 and "Article 5(1)(f)" in done.stderr
    assert not (folder / "forbidden.pdf").exists()
