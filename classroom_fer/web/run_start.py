"""Starts runs: the ordinary command line in a process of its own, which outlives the page and the app."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import tomli_w

from classroom_fer.errors import StoreError
from classroom_fer.files import write_private
from classroom_fer.lesson.records import Declaration
from classroom_fer.lesson.regions import Region, regions_text
from classroom_fer.lesson.runs import RUN_VARIABLE, Run, RunPlan
from classroom_fer.settings.config import load_config
from classroom_fer.settings.declaration import check_allowed, make_declaration
from classroom_fer.settings.report_style import PATHS
from classroom_fer.settings.sources import read_toml
from classroom_fer.store.place import Place
from classroom_fer.store.process_identity import identity_of
from classroom_fer.store.run_files import REGIONS, SETTINGS, TASKS, held, new_run_folder, run_folder
from classroom_fer.store.store import SqlStore, open_store

DATABASE = "CLASSROOM_FER_DB"
"""Names the database to the command: a URL may hold a password, and arguments can be read by others."""

NO_CTRL_C: int = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
"""Windows: Ctrl+C ends the app alone, as a session of its own does elsewhere."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be analysed, as the page asks it."""

    film: Path
    tasks: Path | None
    declared: Mapping[str, str]
    """What was declared, and the profile; as typed."""
    table: bytes | None = None
    """Tasks that were typed into the page, as a file holds them; then ``tasks`` is not asked."""
    regions: tuple[Region, ...] = ()
    """Opt-out regions that were drawn on the film."""


@dataclass(frozen=True, slots=True)
class Starter:
    """Starts runs of one database.

    Args:
        config: the settings file of the app, which runs go by too.
        command: the words before the arguments; tests have their own.
    """

    db: str
    config: Path | None = None
    command: Sequence[str] = (sys.executable, "-m", "classroom_fer")

    def start(self, order: Order) -> Run:
        """A new run of its own process.

        Raises:
            ConfigError, PolicyError: what was declared is wrong, or forbids the profile; nothing was started.
            StoreError: the database cannot be written.
        """
        settings = _settings(self.config, order.declared)
        with open_store(self.db) as store:
            with _folder_for(order.film, store.place) as folder:
                file = _written(folder / SETTINGS, tomli_w.dumps(settings))
                regions = _written(folder / REGIONS, regions_text(order.regions)) if order.regions else None
                config = load_config(file, {"regions": regions})
                check_allowed(config.declaration, config.profile)
                if order.table is not None:
                    order = replace(order, tasks=_written(folder / TASKS, order.table.decode()))
                arguments = [*_options(order, file, regions), "--", str(order.film)]
                tasks = None if order.tasks is None else str(order.tasks)
                plan = RunPlan(str(order.film), tasks, config.settings_sha256(), ("analyze", *arguments))
                run = store.runs.add(plan)
            self._spawn(run, store)
        return run

    def again(self, run_id: int) -> Run:
        """A run that ended goes on where it was. StoreError if it is under way."""
        with open_store(self.db) as store:
            film = Path(store.runs.one(run_id).plan.film)
            if film.parent.parent == run_folder(store.place).resolve() and not film.exists():
                raise StoreError(
                    f"{film.name} was dropped into the page, and was deleted when the program ended",
                    hint="drop it again: what was finished is kept",
                )
            run = store.runs.again(run_id)
            self._spawn(run, store)
        return run

    def _spawn(self, run: Run, store: SqlStore) -> None:
        said = tempfile.TemporaryFile()  # noqa: SIM115  # open until the process has ended
        database = os.fspath(store.place.path.absolute()) if store.place.path else self.db
        try:
            child = subprocess.Popen(
                [*self.command, *run.plan.arguments],
                env=os.environ | {RUN_VARIABLE: str(run.run_id), DATABASE: database},
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said, start_new_session=True,
                creationflags=NO_CTRL_C,
            )  # fmt: skip
        except OSError as error:
            said.close()
            store.runs.end(run.run_id, "failed", error=(f"the command cannot be started ({error.strerror})", ""))
            return
        identity = identity_of(child.pid)
        if identity is not None:
            store.runs.take_up(run.run_id, identity)
        threading.Thread(target=self._wait_for, args=(child, run.run_id, said), daemon=True).start()

    def _wait_for(self, child: subprocess.Popen[bytes], run_id: int, said: IO[bytes]) -> None:
        """Buries the process, and writes down why it ended where it could not do so itself."""
        child.wait()
        with said, suppress(StoreError), open_store(self.db, create=False) as store:
            said.seek(0)
            lines = said.read().decode("utf-8", "replace").splitlines()
            message, hint = (_after(lines, word) for word in ("error: ", "hint: "))
            store.runs.left_behind(run_id, (message, hint))


@contextmanager
def _folder_for(film: Path, place: Place) -> Iterator[Path]:
    """The folder of a film that was dropped, or a new one; it is deleted where what should use it fails."""
    if film.parent.parent == run_folder(place).resolve():
        yield film.parent
        return
    folder = new_run_folder(place)
    lock = held(folder)  # until its run names it, nobody knows that it is needed
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    finally:
        lock.release()


def _after(lines: Sequence[str], word: str) -> str:
    """The last line that begins with a word, without it."""
    return next((line.removeprefix(word) for line in reversed(lines) if line.startswith(word)), "")


def _written(path: Path, text: str) -> Path:
    write_private(path, text.encode(), what="a file of the run", remedy="make room beside the database")
    return path


def _options(order: Order, settings: Path, regions: Path | None) -> list[str]:
    words = ["--no-report", "--quiet", "--config", str(settings)]
    for name, path in (("--tasks", order.tasks), ("--regions", regions)):
        words += [name, str(path)] if path is not None else []
    return words


def _settings(base: Path | None, declared: Mapping[str, str]) -> dict[str, Any]:
    """A settings file's table: the app's own, with what is declared for this run. ConfigError for mistakes."""
    profile = declared.get("profile") or "research"
    declaration = make_declaration(declared)
    table = read_toml(base) if base is not None else {}
    if isinstance(table.get("regions"), str) and base is not None:
        table["regions"] = str((base.parent / table["regions"]).absolute())
    style = table.get("report")
    if isinstance(style, dict) and base is not None:
        table["report"] = style | {key: str((base.parent / style[key]).absolute()) for key in PATHS if key in style}
    return {**table, "policy": {**_given(declaration), "profile": profile}}


def _given(declaration: Declaration) -> dict[str, str]:
    return {name: text for name, text in dataclasses.asdict(declaration).items() if text is not None}
