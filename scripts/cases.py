"""Runs the program on every input of a folder of cases and prints what it says: python scripts/cases.py FOLDER

Prints a table in Markdown: input, command, exit code, what stdout and stderr say. Inputs that a script of the folder
makes are made first (make_anamorphic.sh needs ffmpeg, share_without_locks.c gcc); without its tool a row says so.
Nothing is written outside a temporary folder.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FILMS = {".ts", ".mp4", ".mts", ".h264"}
TABLES = {".csv", ".tsv"}
QUIET_LINES = re.compile(r"^\s*(database|report):|^note: nothing is declared|^\s*$")
"""Lines that say nothing of an input."""
CELL = 900
"""Characters shown of an answer."""


@dataclass(frozen=True, slots=True)
class Case:
    """One run of the program."""

    name: str
    arguments: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of it."""

    case: Case
    code: int | None
    """None = could not be run."""
    text: str


def cases_of(folder: Path, work: Path) -> Iterator[Case | Answer]:
    """The runs for every input; an Answer where the input cannot be made here."""
    for path in sorted(folder.iterdir()):
        if path.suffix in FILMS:
            yield Case(path.name, ("analyze", str(path), "--no-report", "--db", str(work / f"{path.stem}.sqlite")))
        elif path.suffix in TABLES:
            yield Case(path.name, ("tasks", "check", str(path)))
            for film in sorted(set(re.findall(r"[\w-]+\.mp4", path.read_text(encoding="utf-8-sig", errors="replace")))):
                yield Case(path.name, ("tasks", "check", str(path), "--video", str(_stand_in(folder, work, film))))
        elif path.name == "make_anamorphic.sh":
            yield from _anamorphic(path, work)
        elif path.name == "share_without_locks.c":
            yield from _share(path, folder, work)


def _stand_in(folder: Path, work: Path, name: str) -> Path:
    """A film of that name: tables name films that nobody has."""
    path = work / name
    if not path.exists():
        shutil.copyfile(folder / "still_picture_vfr.mp4", path)
    return path


def _anamorphic(script: Path, work: Path) -> Iterator[Case | Answer]:
    if shutil.which("ffmpeg") is None:
        yield Answer(Case(script.name, ()), None, "needs ffmpeg")
        return
    done = subprocess.run(["bash", str(script), sys.executable], cwd=work, capture_output=True, text=True, check=False)
    if done.returncode:
        yield Answer(Case(script.name, ()), None, done.stderr.strip()[-CELL:])
        return
    for name in ("square.mp4", "anamorphic.mp4"):
        yield Case(
            f"{script.name}: {name}", ("analyze", str(work / name), "--no-report", "--db", str(work / f"{name}.sqlite"))
        )


def _share(source: Path, folder: Path, work: Path) -> Iterator[Case | Answer]:
    library, share = work / "nolock.so", work / "share"
    if shutil.which("gcc") is None:
        yield Answer(Case(source.name, ()), None, "needs gcc")
        return
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"], check=True)
    share.mkdir()
    film = str(folder / "still_picture_vfr.mp4")
    for number in ("37", "95"):
        environment = {"LD_PRELOAD": str(library), "NOLOCK_DIR": str(share), "NOLOCK_ERRNO": number}
        database = str(share / f"{number}.sqlite")
        yield Case(f"{source.name}, errno {number}", ("analyze", film, "--no-report", "--db", database), environment)


def run(case: Case, work: Path) -> Answer:
    """Runs the program as a user would, in an empty folder."""
    root = str(Path(__file__).resolve().parent.parent)
    environment = os.environ | {"PYTHONPATH": root, "NO_COLOR": "1", "COLUMNS": "200"} | case.environment
    with tempfile.TemporaryDirectory(dir=work) as here:
        done = subprocess.run(
            [sys.executable, "-m", "classroom_fer", *case.arguments],
            cwd=here, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
    lines = [line for line in (done.stdout + done.stderr).splitlines() if not QUIET_LINES.search(line)]
    return Answer(case, done.returncode, "\n".join(line.rstrip() for line in lines))


def row(answer: Answer, folder: Path, work: Path) -> str:
    """One line of the table; folders are left out of what is shown."""

    def plain(text: str) -> str:
        return text.replace(f"{folder}/", "").replace(f"{work}/", "").replace("|", "\\|")

    arguments = [a for a in answer.case.arguments if a != "--no-report"]
    if "--db" in arguments:
        del arguments[arguments.index("--db") : arguments.index("--db") + 2]
    text = plain(answer.text)
    shown = text if len(text) <= CELL else f"{text[:CELL]} ..."
    code = "not run" if answer.code is None else str(answer.code)
    return f"| {answer.case.name} | {plain(' '.join(arguments))} | {code} | {'<br>'.join(shown.splitlines())} |"


def main() -> None:
    """Prints the table row by row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="the folder of cases")
    parser.add_argument("--only", default="", help="only inputs whose name holds this")
    given = parser.parse_args()
    print("| input | command | exit code | what the program says |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        for case in cases_of(given.folder.resolve(), work):
            name = case.case.name if isinstance(case, Answer) else case.name
            if given.only in name:
                answer = case if isinstance(case, Answer) else run(case, work)
                print(row(answer, given.folder.resolve(), work), flush=True)


if __name__ == "__main__":
    main()
