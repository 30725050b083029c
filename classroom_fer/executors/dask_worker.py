"""What a Dask worker is asked for: one chunk. Its parts and the film that it looked at last stay for the next one."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from classroom_fer.errors import ClusterError
from classroom_fer.executors.chunk_work import ChunkWork, Makers, NotObserved, Observed
from classroom_fer.executors.worker import Observer
from classroom_fer.faces.model_manifest import read_manifest
from classroom_fer.settings.config import Config
from classroom_fer.settings.versions import OBSERVATION_VERSION


@dataclass(frozen=True, slots=True)
class RowMaker:
    """What is installed and makes face rows: two that differ may give other rows."""

    observation_version: int
    model_sha256: str | None
    """None where nothing is inferred (profile presence)."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is the same for all chunks of a run."""

    makers: Makers
    config: Config
    row_maker: RowMaker
    """The client's."""


class _Here(threading.local):
    """What a thread of this worker keeps between chunks."""

    latest: tuple[Setting, Observer] | None = None


_here = _Here()


def installed_row_maker(config: Config) -> RowMaker:
    """This machine's. ModelError if the model's manifest cannot be read."""
    return RowMaker(OBSERVATION_VERSION, read_manifest().sha256 if config.infers else None)


def observe_chunk(work: ChunkWork, setting: Setting) -> Observed | NotObserved:
    """What the chunk holds, or why it cannot be had."""
    if installed_row_maker(setting.config) != setting.row_maker:
        return NotObserved(
            work,
            ClusterError(
                "a worker of the cluster has another version of classroom-fer, or another model",
                hint="install the same version on every worker and start the workers again",
            ),
        )
    return _observer(setting).observed(work, lambda _time_s, _faces: None)


def _observer(setting: Setting) -> Observer:
    if _here.latest is not None and _here.latest[0] == setting:
        return _here.latest[1]
    if _here.latest is not None:
        _here.latest[1].close()
    observer = Observer(setting.makers, setting.config)
    _here.latest = setting, observer
    return observer
