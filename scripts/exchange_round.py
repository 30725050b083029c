"""Takes a lesson through every export and reads each back with its own program's reader; prints what was compared.

    python scripts/exchange_round.py                       # analyses the sample lesson first (minutes)
    python scripts/exchange_round.py --db demo/lesson.sqlite
    python scripts/exchange_round.py --boris boris/bin/python    # a Python that has boris-behav-obs

Readers: pandas (CSV, BIDS, OpenFace), json, openpyxl, pyarrow, pympi (ELAN), BORIS's own functions, and our own
``tasks check`` for the files that hold tasks. Exit code 1 if anything differs.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas
import pyarrow.parquet
import pympi

from classroom_fer.exchange.harmless import meant
from classroom_fer.exchange.levels import LEVELS

ROOT = Path(__file__).resolve().parent.parent
TOLERANCE = 1e-5
"""Exports round to six decimals."""


class Round:
    """One lesson, its database and a folder of exports."""

    def __init__(self, db: Path, folder: Path, boris: str) -> None:
        self.db, self.folder, self.boris = db, folder, boris
        self.wrong = 0

    def stored(self, level: str) -> pandas.DataFrame:
        query = f"SELECT * FROM {LEVELS[level].source} WHERE session_id = 1 ORDER BY {', '.join(LEVELS[level].order)}"
        with sqlite3.connect(f"file:{self.db}?mode=ro", uri=True) as connection:
            return pandas.read_sql(query, connection)

    def export(self, form: str, level: str) -> list[Path]:
        done = command("export", "1", "--db", self.db, "--out", self.folder, "--format", form, "--level", level)
        return [Path(line) for line in done.splitlines()]

    def say(self, what: str, compared: str, same: bool) -> None:
        self.wrong += not same
        print(f"{'same     ' if same else 'DIFFERENT'}  {what:<22} {compared}")

    def table(self, form: str, level: str, read: Callable[[Path], pandas.DataFrame]) -> None:
        """Every row of a table, in order, against the database."""
        found, stored = read(self.export(form, level)[0]), self.stored(level)
        columns = [
            name for name in stored.columns if not name.endswith(("_at", "_on"))
        ]  # written as times, stored as text
        wrong = [name for name in columns if len(found) != len(stored) or not same_values(found[name], stored[name])]
        compared = f"{len(stored)} rows x {len(columns)} columns, by {read.__name__}"
        self.say(f"{form} {level}", f"{compared}{': ' if wrong else ''}{', '.join(wrong)}", not wrong)

    def tasks(self, what: str, path: Path, *options: str) -> None:
        """Tasks that our own reader finds in an export against the database."""
        found = json.loads(command("tasks", "check", path, "--json", *options))["tasks"]
        stored = self.stored("task")
        same = [(one["name"], one["start_s"], one["end_s"], one["mode"]) for one in found] == list(
            stored[["task", "start_s", "end_s", "mode"]].itertuples(index=False, name=None)
        )
        self.say(what, f"{len(found)} tasks with times and modes, by tasks check", same)

    def elan(self) -> None:
        path = self.export("elan", "task")[0]
        document, bins = pympi.Eaf(str(path)), self.stored("bin")
        for tier, column, digits in (("Coverage", "coverage", 3), ("Engagement", "engagement", 1)):
            found = sorted(document.get_annotation_data_for_tier(tier))
            shown = bins[bins[column].notna()]
            wanted = [
                (round(1000 * start), round(1000 * end), f"{value:.{digits}f}")
                for start, end, value in shown[["start_s", "end_s", column]].itertuples(index=False, name=None)
            ]
            self.say(f"elan {tier}", f"{len(wanted)} annotations, by pympi", found == wanted)
        self.tasks("elan Task", path, "--tier", "Task")

    def bids(self) -> None:
        for level in ("task", "bin"):
            path, sidecar = self.export("bids", level)
            events, stored = pandas.read_csv(path, sep="\t"), self.stored(level)
            described = set(json.loads(sidecar.read_text(encoding="utf-8"))) - {"made_by"}
            same = (
                list(events.columns[:3]) == ["onset", "duration", "trial_type"]
                and events.onset.is_monotonic_increasing
                and (events.onset - stored.start_s.to_numpy()).abs().max() < TOLERANCE
                and (events.onset + events.duration - stored.end_s.to_numpy()).abs().max() < TOLERANCE
                and described == set(events.columns)
            )
            self.say(f"bids {level}", f"{len(events)} events, {len(described)} described columns, by pandas", same)
            if level == "task":
                self.tasks("bids task", path)

    def boris_project(self) -> None:
        path, *_ = self.export("boris", "task")
        self.tasks("boris task", path)
        if not self.boris:
            print("skipped    boris                  no --boris PYTHON with boris-behav-obs")
            return
        reader = [self.boris, str(ROOT / "scripts" / "boris_reader.py"), str(path)]
        said = json.loads(subprocess.run(reader, check=True, capture_output=True, text=True).stdout)
        clean = not said["message"] and not said["integrity"] and all(said["paired"].values())
        self.say("boris opens it", f"no message, integrity, paired states, by BORIS {said['boris']}", clean)
        (events,), stored = said["events"].values(), self.stored("task")
        wanted = sorted([*zip(stored.start_s, stored.task, strict=True), *zip(stored.end_s, stored.task, strict=True)])
        found = sorted((time, code) for time, _, code, _ in events)
        self.say("boris states", f"{len(found)} events, by BORIS {said['boris']}", found == wanted)
        table = path.with_name("boris_events.tsv")
        table.write_text(next(iter(said["tabular"].values())), encoding="utf-8")
        self.tasks("boris's own export", table)
        bins = self.stored("bin")
        for plot in next(iter(said["external"].values())):
            values = dict(plot["rows"])
            shown = bins[bins[plot["title"]].notna()]
            same = plot["fine"] and all(
                abs(values[float(start)] - value) < TOLERANCE
                for start, value in shown[["start_s", plot["title"]]].itertuples(index=False, name=None)
                if float(start).is_integer()
            )
            self.say(f"boris {plot['title']}", f"{len(values)} seconds, by BORIS {said['boris']}", same)

    def openface(self) -> None:
        found, stored = pandas.read_csv(self.export("openface", "face")[0]), self.stored("face")
        known = stored[stored.yaw_deg.notna()]
        turned = (found[found.success == 1].pose_Ry * 180 / 3.141592653589793).sort_values(ignore_index=True)
        same = len(found) == len(stored) and (turned + known.yaw_deg.sort_values(ascending=False, ignore_index=True)
                                              ).abs().max() < 1e-3  # fmt: skip
        self.say("openface face", f"{len(found)} faces, {len(known)} poses, by pandas", bool(same))

    def run(self) -> int:
        for level in LEVELS:
            for form, read in TABLE_READERS.items():
                self.table(form, level, read)
        self.bids()
        self.elan()
        self.boris_project()
        self.openface()
        return self.wrong


def same_values(found: pandas.Series, stored: pandas.Series) -> bool:
    """Whether two columns hold the same, what is missing included."""
    if not (found.isna() == stored.isna()).all():
        return False
    found, stored = found.dropna(), stored.dropna()
    if pandas.api.types.is_numeric_dtype(stored):
        return bool(((found.astype(float) - stored.astype(float)).abs() <= TOLERANCE).all())
    return [meant(str(one)) for one in found] == [meant(str(one)) for one in stored]


def pandas_csv(path: Path) -> pandas.DataFrame:
    described = json.loads(path.with_name(f"{path.name}.dictionary.json").read_text(encoding="utf-8"))["columns"]
    texts = {name: "string" for name, column in described.items() if column["type"] == "text"}
    return pandas.read_csv(path, keep_default_na=False, na_values=[""], dtype=texts)


def json_loads(path: Path) -> pandas.DataFrame:
    return pandas.DataFrame(json.loads(path.read_text(encoding="utf-8")))


def openpyxl_sheet(path: Path) -> pandas.DataFrame:
    header, *rows = openpyxl.load_workbook(path, read_only=True)["rows"].iter_rows(values_only=True)
    return pandas.DataFrame(rows, columns=list(header))


def pyarrow_parquet(path: Path) -> pandas.DataFrame:
    return pyarrow.parquet.read_table(path).to_pandas()


TABLE_READERS: dict[str, Any] = {
    "csv": pandas_csv, "json": json_loads, "xlsx": openpyxl_sheet, "parquet": pyarrow_parquet,
}  # fmt: skip


def command(*arguments: object) -> str:
    """What a command prints; its error ends the script."""
    whole = [sys.executable, "-m", "classroom_fer", *map(str, arguments)]
    done = subprocess.run(whole, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(whole)}\n{done.stderr}")
    return done.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--db", type=Path, help="a database whose session 1 is taken; default: the sample lesson anew")
    parser.add_argument(
        "--boris", default=os.environ.get("CLASSROOM_FER_BORIS", ""), help="Python with boris-behav-obs"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, db = Path(name), options.db
        if db is None:
            db, samples = folder / "lesson.sqlite", ROOT / "sample_videos"
            film, tasks = samples / "lesson.mp4", samples / "tasks.csv"
            command("analyze", film, "--tasks", tasks, "--db", db, "--out", folder / "pdf")
        sys.exit(1 if Round(db.resolve(), folder / "exports", options.boris).run() else 0)


if __name__ == "__main__":
    main()
