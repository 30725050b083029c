"""`distil`: parse, call, show."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from classroom_fer.commands.option_records import takes
from classroom_fer.terminal import show, user_errors
from training.commands.progress import RESUMES, TrainingProgress
from training.commands.setting_options import with_settings_of
from training.commands.train import FEW, FLAGS, RunOptions, in_words
from training.search.distil import STUDENT, chain
from training.search.distil import distil as distilled
from training.settings.config import TrainConfig
from training.settings.systems import default_config
from training.zoo.mobile import MOBILES


@with_settings_of(TrainConfig, *FEW, "precision", flags=FLAGS)
@dataclass(frozen=True, kw_only=True)
class DistilOptions(RunOptions):
    """The student; its teachers have the same data, seed and precision, and the settings of their systems otherwise."""

    system: Annotated[str | None, typer.Option("--system", help=f"The student, by name. [default: {STUDENT}]")] = None

    teachers: Annotated[
        str, typer.Option("--teachers", metavar="NAME,NAME...", help="Systems to train first, as teachers.")
    ] = ",".join(MOBILES)
    teacher_epochs: Annotated[int | None, typer.Option(min=1, help="Of each of them. [default: the system's]")] = None

    def teacher_configs(self, student: TrainConfig) -> list[TrainConfig]:
        """One run for each teacher.

        Raises:
            ConfigError: an unknown system.
        """
        shared = {name: getattr(student, name) for name in ("protocol", "data", "limit", "seed", "precision")}
        more = {} if self.teacher_epochs is None else {"epochs": self.teacher_epochs}
        names = [name.strip() for name in self.teachers.split(",") if name.strip()]
        return [default_config(name, **shared, **more) for name in names]


@takes(DistilOptions)
def distil(options: DistilOptions) -> None:
    """Train teachers, then a student that learns from them; a killed chain goes on with --resume.

    WORKDIR gets a folder for each run. The student is a system as any other (default: student); `--set teachers=RUN`
    adds runs that are there already.

    Examples:

        python -m training distil --data DIR --workdir runs/chain

        python -m training distil --teachers mobilenet-v2 --teacher-epochs 20 --epochs 60 --data DIR --resume
    """
    with user_errors(interrupted=RESUMES):
        student = options.config(default_config(options.system or STUDENT))
        links = chain(options.teacher_configs(student), student, options.workdir or Path("runs/distil"))
        with TrainingProgress(student.epochs) as progress:
            records = distilled(links, resume=options.resume, watch=progress.watch)
        if options.as_json:
            show(json.dumps(records, indent=2))
        else:
            for link, record in zip(links, records, strict=True):
                show(in_words(link.folder, record))
