"""``classroom-fer doctor``: is everything here that an analysis needs? A remedy per failure."""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from classroom_fer import wiring
from classroom_fer.commands.options import JsonOption
from classroom_fer.errors import ClassroomFerError
from classroom_fer.faces.model_manifest import read_manifest, verify
from classroom_fer.faces.nets import NETS, read_net
from classroom_fer.settings.config import default_config
from classroom_fer.settings.languages import EMOJI_PACKAGE, LANGUAGES, has_emoji_font, has_font
from classroom_fer.terminal import counted, show, user_errors

DISTRIBUTION = "classroom-fer"
TRAINING = "train"
"""The extra with the training frameworks."""
FREE_DISK_MB = 500
"""What an hour's session and its PDF need with a wide margin (measured: tens of MB)."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor."""

    name: str
    ok: bool
    found: str
    remedy: str = ""
    needed: bool = True
    """Whether there is no analysis without it; else it is a note."""


def python_check(of: str = DISTRIBUTION) -> Check:
    """Is this a Python that the package ``of`` says it runs on?"""
    found = ".".join(map(str, sys.version_info[:3]))
    declared = importlib.metadata.metadata(of).json  # an item that is missing raises where Dask is loaded
    wanted = str(declared.get("requires_python", ""))
    return Check("python", SpecifierSet(wanted).contains(found, prereleases=True), found, f"use Python {wanted}")


def package_checks(of: str = DISTRIBUTION) -> list[Check]:
    """Every package that ``of`` requires on this system, in a version within its limits; none is imported."""
    return [_package_check(requirement) for requirement in _required(of)]


def training_check(of: str = DISTRIBUTION) -> Check:
    """Are the packages of the extra ``train`` here? No analysis needs them."""
    basic = set(map(str, _required(of)))
    failed = [
        check.name
        for requirement in _required(of, extra=TRAINING)
        if str(requirement) not in basic and not (check := _package_check(requirement)).ok
    ]
    found = f"without {', '.join(failed)}: no training, no --detector mtcnn" if failed else "the frameworks are there"
    return Check("training", not failed, found, f"pip install '{of}[{TRAINING}]'", needed=False)


def _required(of: str, *, extra: str = "") -> list[Requirement]:
    """What ``of`` (with ``extra``) requires on this system."""
    declared = [Requirement(text) for text in importlib.metadata.requires(of) or []]
    return [one for one in declared if one.marker is None or one.marker.evaluate({"extra": extra})]


def _package_check(requirement: Requirement) -> Check:
    name, limits = requirement.name, requirement.specifier
    remedy = f"pip install '{name}{limits}'"
    try:
        found = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Check(name, False, "missing", remedy)
    if not limits.contains(found, prereleases=True):
        return Check(name, False, f"{found}, but {limits} is needed", remedy)
    return Check(name, True, found)


def model_check() -> Check:
    """Are the shipped model and nets whole?"""
    try:
        manifest = read_manifest()
        verify(manifest)
        for name in NETS:
            read_net(name)
    except ClassroomFerError as error:
        return Check("model", False, str(error), error.hint)
    return Check("model", True, f"sha256 {manifest.sha256[:12]}")


def pango_check() -> Check:
    """Can WeasyPrint load its system libraries?"""
    try:
        weasyprint = importlib.import_module("weasyprint")
    except (ImportError, OSError) as error:
        return Check(
            "pango",
            False,
            str(error).splitlines()[0],
            "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
        )
    return Check("pango", True, f"WeasyPrint {weasyprint.__version__}")


def font_checks() -> list[Check]:
    """A font for every language of the report; those that have one in common are one line."""
    checks = []
    for package in sorted({language.package for language in LANGUAGES.values()}):
        codes = [code for code, language in LANGUAGES.items() if language.package == package]
        known = [has_font(code) for code in codes]
        found = "not known: fc-list is missing" if None in known else f"for {', '.join(codes)}"
        missing = [code for code, has in zip(codes, known, strict=True) if has is False]
        found = f"none for {', '.join(missing)}" if missing else found
        checks.append(Check(f"fonts ({', '.join(codes)})", not missing, found, f"apt-get install {package}"))
    return [*checks, emoji_check()]


def emoji_check() -> Check:
    """A font of emoji: a report is whole without one, but for names that hold some."""
    known = has_emoji_font()
    found = {True: "there", False: "none: emoji print as boxes or parts", None: "not known: fc-list is missing"}[known]
    return Check("fonts (emoji)", known is not False, found, f"apt-get install {EMOJI_PACKAGE}", needed=False)


def disk_check(folder: Path) -> Check:
    """Is the folder writable, with room?"""
    free = shutil.disk_usage(folder).free // 1_000_000
    if not os.access(folder, os.W_OK):
        return Check("disk", False, f"{folder} is not writable", "go to a folder of your own, or use --db and --out")
    return Check("disk", free >= FREE_DISK_MB, f"{free} MB free in {folder}", f"free {FREE_DISK_MB} MB")


def threads_check() -> Check:
    """How many threads an analysis will use."""
    count = wiring.threads(default_config())
    return Check("threads", count >= 1, str(count))


def _tune(film: Path, *, as_json: bool) -> None:
    from classroom_fer.commands.tune import tune

    speeds, choice, path = tune(film)
    if as_json:
        show(json.dumps({**asdict(speeds), **choice}, indent=2))
        return
    for threads, speed in speeds.by_threads.items():
        show(f"one process, {counted(threads, 'thread')}: {speed:.1f} times the film's speed")
    for jobs, speed in speeds.by_jobs.items():
        show(f"{jobs} processes, 1 thread each: {speed:.1f} times the film's speed")
    show(f"{path}: threads = {choice['threads']}; jobs = {choice['jobs']} (for --jobs auto)")


def all_checks() -> list[Check]:
    """In the order in which a failure would be met."""
    single: list[Callable[[], Check]] = [lambda: disk_check(Path.cwd()), threads_check]
    basic = [python_check(), *package_checks(), training_check(), model_check(), pango_check(), *font_checks()]
    return [*basic, *(check() for check in single)]


TuneOption = Annotated[
    Path | None,
    typer.Option(
        "--tune",
        metavar="FILM",
        help="Measure on this film how many threads and processes are quickest here, and write it into "
        "classroom-fer.toml.",
    ),
]


def doctor(as_json: JsonOption = False, tune: TuneOption = None) -> None:
    """Check Python, packages, model file, Pango, disk and threads; a remedy for each failure.

    With --tune FILM it measures instead, once per machine and kind of film (a minute or two); without it every core is
    used, which is safe. It changes no number of any result.

    Examples:

      classroom-fer doctor --json

      classroom-fer doctor --tune lesson.mp4
    """
    with user_errors():
        if tune is not None:
            _tune(tune, as_json=as_json)
            return
        checks = all_checks()
        if as_json:
            show(json.dumps([asdict(check) for check in checks], indent=2))
        else:
            for check in checks:
                word = "ok" if check.ok else "FAIL" if check.needed else "note"
                show(f"{word:<4}  {check.name:<24} {check.found}")
                if not check.ok:
                    show(f"      remedy: {check.remedy}")
        if not all(check.ok or not check.needed for check in checks):
            raise typer.Exit(1)
        if not as_json:
            show("everything is here")
