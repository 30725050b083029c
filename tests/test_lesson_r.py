"""The R script reads a study as R users do, where R is installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "lesson.R"
PACKAGES = "quit(status = as.integer(!all(sapply(c('DBI', 'RSQLite'), requireNamespace, quietly = TRUE))))"


def rscript(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["Rscript", *map(str, arguments)], capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module", autouse=True)
def _r() -> None:
    if shutil.which("Rscript") is None or rscript("-e", PACKAGES).returncode:
        pytest.skip("R with DBI and RSQLite is not installed (apt-get install r-base-core r-cran-rsqlite)")


def test_it_prints_the_tasks_and_draws_the_time_line(study: Path, tmp_path: Path) -> None:
    own = shutil.copyfile(study, tmp_path / "study.sqlite")
    before = own.read_bytes()
    done = rscript(SCRIPT, own, 1, tmp_path / "lesson.png")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines[:5]] == ["task", "Welcome", "Fractions", "Practice", "Results"]
    assert "pairs of bins" in done.stdout
    assert (tmp_path / "lesson.png").read_bytes().startswith(b"\x89PNG")
    assert own.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("none.sqlite",), "none.sqlite: no such file"),
        (("STUDY", "nine"), "nine is no session's number"),
        (("STUDY", "9"), "holds no session 9"),
        ((), "usage: "),
    ],
)
def test_mistakes_are_said(study: Path, arguments: tuple[str, ...], problem: str) -> None:
    done = rscript(SCRIPT, *(study if one == "STUDY" else one for one in arguments))
    assert done.returncode != 0
    assert problem in done.stderr
