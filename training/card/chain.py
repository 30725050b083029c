"""Many runs on one card at once: teachers, students that learn from them, and the zoo, each in a process of its own.

Steps of small nets leave most of a card idle, so a few runs side by side cost little more than one; twenty of them
stood in each other's way and filled its memory (measured on an H100: docs/classifier.md). A run that fails is told and
the others go on; a student waits for its teachers.
"""

from __future__ import annotations

import multiprocessing
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from classroom_fer.errors import ClassroomFerError, ConfigError
from training.card.run import Lessons, train_on_card
from training.card.torch_net import TorchNet
from training.card.views import Views, lessons, write_answers
from training.runs.folder import averaged_model
from training.runs.train import Faces, read_faces
from training.settings.config import TrainConfig

POLL_S = 0.5
PATIENCE = 1.05
"""A run is ended after so many times the chain's seconds; the weights that it scored last are kept."""


@dataclass(frozen=True, slots=True)
class Job:
    """One run of a chain."""

    name: str
    config: TrainConfig
    share: float
    """Of the chain's time, counted from its beginning, by which the run has to end."""
    teaches: bool = False
    learns_from: tuple[str, ...] = ()
    """Names of jobs that teach."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a chain runs."""

    workdir: Path
    views: Views
    device: str
    began: float
    seconds: float
    at_once: int = 5
    """Processes on the card; choice."""

    def until(self, job: Job) -> float:
        """`time.monotonic` by which ``job`` has to end."""
        return self.began + self.seconds * job.share


def run_chain(jobs: Sequence[Job], place: Place, told: Callable[[str], None]) -> dict[str, bool]:
    """Runs all ``jobs``; whether each came to its end. Their folders are ``place.workdir / name``, logs beside them."""
    spawn = multiprocessing.get_context("spawn")
    waiting, running, ended = list(jobs), dict[str, Any](), dict[str, bool]()
    while waiting or running:
        for job in ready(waiting, ended)[: place.at_once - len(running)]:
            waiting.remove(job)
            running[job.name] = spawn.Process(target=work, args=(job, place, ended), name=job.name)
            running[job.name].start()
        time.sleep(POLL_S)
        late = time.monotonic() > place.began + place.seconds * PATIENCE
        for name, process in list(running.items()):
            if late:
                process.kill()
                process.join()
            if not process.is_alive():
                ended[name] = process.exitcode == 0
                told(f"{name}: {'done' if ended[name] else f'failed, see {place.workdir / name}.log'}")
                del running[name]
        if late:
            waiting = []
    return ended | {job.name: False for job in jobs if job.name not in ended}


def ready(waiting: Sequence[Job], ended: Mapping[str, bool]) -> list[Job]:
    """Jobs whose teachers have all ended, in their order.

    >>> config = TrainConfig()
    >>> jobs = [Job("student", config, 1, learns_from=("teacher",)), Job("teacher", config, 1)]
    >>> [job.name for job in ready(jobs, {})], [job.name for job in ready(jobs, {"teacher": False})]
    (['teacher'], ['student', 'teacher'])
    """
    return [job for job in waiting if all(name in ended for name in job.learns_from)]


def work(job: Job, place: Place, ended: Mapping[str, bool]) -> None:
    """One process: trains the job, and lets it answer if it teaches."""
    place.workdir.mkdir(parents=True, exist_ok=True)
    with (place.workdir / f"{job.name}.log").open("w", buffering=1) as log:
        try:
            trained(job, place, [name for name in job.learns_from if ended.get(name)], log)
        except ClassroomFerError as error:
            print(f"{error} ({error.hint})", file=log)
            sys.exit(1)
        except Exception:  # noqa: BLE001  # the edge of a process: the log has the rest
            traceback.print_exc(file=log)
            sys.exit(1)


def trained(job: Job, place: Place, teachers: Sequence[str], log: Any) -> None:
    """Trains ``job`` from the teachers that came to their end; writes what it says of the views if it teaches."""
    torch.set_float32_matmul_precision("high")
    started, faces = time.monotonic(), read_faces(job.config)
    material = _material(job, place, teachers, faces)
    print(f"read after {time.monotonic() - started:.1f} s; teachers {', '.join(teachers) or 'none'}", file=log)
    folder = place.workdir / job.name
    history = train_on_card(job.config, folder, faces, lessons=material, until=place.until(job), device=place.device)
    last = [entry for entry in history if entry.accuracy is not None][-1]
    print(f"{len(history)} epochs, {history[-1].seconds:.2f} s the last, PublicTest {last.accuracy:.4f}", file=log)
    if job.teaches:
        model, config = averaged_model(folder)
        net = TorchNet(model).on(torch.device(place.device))
        write_answers(net, config, _on(place, faces), place.views, folder)
        print(f"answers after {time.monotonic() - started:.1f} s", file=log)


def _material(job: Job, place: Place, teachers: Sequence[str], faces: Faces) -> Lessons | None:
    if not teachers:
        return None
    return lessons([place.workdir / name for name in teachers], _on(place, faces), place.views, job.config)


def _on(place: Place, faces: Faces) -> torch.Tensor:
    return torch.from_numpy(faces.training.images).to(place.device)[:, None]


def check_device(device: str) -> None:
    """Refuses what torch cannot compute on.

    Raises:
        ConfigError: there is no such device here.
    """
    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).partition("\n")[0]
        raise ConfigError(f"--device {device}: {reason}", hint="--device cpu computes on the processor") from error
