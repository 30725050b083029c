"""What ``classroom-fer validate sample`` does: draws clips, keeps the sample, writes the sheets."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import typer

from classroom_fer import wiring
from classroom_fer.commands.settings import own_file
from classroom_fer.commands.validate import LARGEST_SEED, SampleOptions
from classroom_fer.files import write_private
from classroom_fer.lesson.records import StoredSession
from classroom_fer.lesson.validation import ClipSample
from classroom_fer.session_choice import find_session
from classroom_fer.session_start import stored_settings
from classroom_fer.settings.config import load_config
from classroom_fer.settings.declaration import check_allowed
from classroom_fer.store.store import SqlStore, open_store
from classroom_fer.study.codebook import instructions
from classroom_fer.study.lessons import StudyLesson, load_lesson
from classroom_fer.study.sample import make_sample, make_sheets
from classroom_fer.study.sheet_files import WRITERS
from classroom_fer.terminal import counted, say, show, user_errors

REMEDY = "make room or name another folder with --out, then give the same command with the seed: the sample is kept"


def run(options: SampleOptions) -> None:
    """Draws the sample and writes its files."""
    with user_errors():
        if options.form not in WRITERS:
            raise typer.BadParameter(f"write one of {', '.join(WRITERS)}", param_hint="--format")
        seed = secrets.randbelow(LARGEST_SEED) if options.seed is None else options.seed
        with open_store(options.db, create=False) as store:
            lessons = [chosen_lesson(session, store) for session in chosen_sessions(options.sessions, store)]
            sample = make_sample(lessons, options.clips, seed, store.database_id(), datetime.now(UTC))
            store.write_sample(sample)
        written = _write(sample, lessons, options)
        if options.as_json:
            show(json.dumps(_as_json(sample, written), indent=2))
        else:
            _show(sample, options.clips, written)


def chosen_sessions(texts: list[str], store: SqlStore) -> list[StoredSession]:
    """The sessions that are meant, each once, oldest first."""
    known = store.sessions()
    chosen = {found.session_id: found for found in (find_session(text, known) for text in texts)}
    return [chosen[number] for number in sorted(chosen)]


def chosen_lesson(session: StoredSession, store: SqlStore) -> StudyLesson:
    """The session's lesson. PolicyError if what is declared today forbids its profile."""
    check_allowed(load_config(own_file(), {}).declaration, session.start.profile)
    return load_lesson(session, store, wiring.build_pure_half(stored_settings(session.start)).tracker)


def _write(sample: ClipSample, lessons: list[StudyLesson], options: SampleOptions) -> list[Path]:
    seconds = sample.clips[0].end_s - sample.clips[0].start_s
    files = [("instructions.md", instructions(len(sample.clips), seconds).encode())]
    for sheet in make_sheets(sample, lessons):
        files += WRITERS[options.form](sheet)
    for name, content in files:
        write_private(options.out / name, content, what="a coding sheet", remedy=REMEDY)
    return [options.out / name for name, _ in files]


def _as_json(sample: ClipSample, written: list[Path]) -> dict[str, object]:
    strata = Counter(clip.stratum for clip in sample.clips)
    return {
        "sample": sample.sample_id,
        "seed": sample.seed,
        "clips": len(sample.clips),
        "strata": dict(sorted(strata.items())),
        "files": [str(path) for path in written],
    }


def _show(sample: ClipSample, asked: int, written: list[Path]) -> None:
    strata = len({clip.stratum for clip in sample.clips})
    lessons = len({clip.session_id for clip in sample.clips})
    show(
        f"sample {sample.sample_id}: {counted(len(sample.clips), 'clip')} of {counted(lessons, 'lesson')}, "
        f"from {strata} strata (task, coverage, face size); seed {sample.seed}"
    )
    if len(sample.clips) < asked:
        say(f"note: these sessions have no more clips than that; {asked} were asked for")
    for path in written:
        show(f"  {path}")
    show("research material about single pupils: for two observers, and to be deleted with the films")
