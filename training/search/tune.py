"""Hyper-parameter search with Optuna: grid, random, Bayesian (tree-structured Parzen estimators, Bergstra et al. 2011).

The study is a SQLite file in the search's folder, and every trial is an ordinary run beside it: a killed search goes
on with the trial that it was in, at the epoch that it was in.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import optuna

from classroom_fer.errors import ConfigError
from training.files.folders import made_folder
from training.files.json_file import write_json
from training.runs.folder import read_record
from training.runs.history import EpochResult
from training.runs.train import UNWATCHED, DivergedError, read_faces, train_on
from training.runs.watch import Watch
from training.settings.config import TrainConfig
from training.settings.overrides import with_settings
from training.settings.search_space import Choices, Range, Space, grid, settings_of
from training.zoo import check_shape

SHAPE = ("system", "variant", "widths", "blocks")
"""Settings that fit each other or not, so that no one of them can be judged alone."""
METHODS = ("grid", "random", "bayesian")
STUDY = "study.sqlite"
RESULT = "tune.json"
PRUNE_AFTER = 4
"""Whole trials before a worse-than-median one is cut short: a choice, as Optuna's default of 5."""
REFUSED_AT_MOST = 1000
"""Draws in a row that are no config before a search gives up: a choice, some seconds."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched, how and how long."""

    space: Space
    method: str = "bayesian"
    trials: int = 20
    """Trials in all, those of earlier calls included; a grid ends by itself."""
    prune: bool = False
    """Cut trials short whose accuracy stays under the median of the others at the same epoch."""


@dataclass(frozen=True, slots=True)
class TrialResult:
    """One trial."""

    number: int
    """From 1, in the order in which they were done: Optuna's own numbers count those that failed."""
    state: str
    """complete or pruned."""
    accuracy: float | None
    """On PublicTest, with the weights that the run keeps; 0 if the loss ran away."""
    settings: Mapping[str, Any]
    run: str
    """Its folder."""


def search(
    config: TrainConfig,
    workdir: Path,
    what: Search,
    *,
    resume: bool = False,
    watch: Watch = UNWATCHED,
) -> list[TrialResult]:
    """Trains trials of ``config`` with settings from the space; gives them best first and writes ``tune.json``.

    Raises:
        ConfigError: unknown method, a grid with ranges, a space with values that no config accepts, or ``workdir``
            holds another search.
        DataError: the data is missing or malformed.
    """
    study = _open_study(config, workdir, what, resume=resume)
    wanted = _plan(study, config, what)
    faces = read_faces(config)
    while len(_done(study)) < wanted:
        trial, one = _next_trial(study, config, what.space)
        folder = trial_folder(workdir, trial.params)
        watch.run(f"trial {len(_done(study)) + 1} of {wanted}", one.epochs)
        judged = replace(watch, epoch=_pruning(trial, watch)) if what.prune else watch
        try:
            train_on(one, folder, faces, resume=True, watch=judged)
        except optuna.TrialPruned:
            study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        except DivergedError:  # an answer too: no better than nothing
            study.tell(trial, 0.0)
        else:
            study.tell(trial, _accuracy(folder))
        _write(study, workdir, what)
    return _results(study, workdir, what)


def _pruning(trial: optuna.Trial, watch: Watch) -> Callable[[EpochResult], None]:
    """Ends a trial whose accuracy is under the median of the others; `TrialPruned` leaves its run as it is."""

    def after_epoch(result: EpochResult) -> None:
        watch.epoch(result)
        if result.accuracy is not None:
            trial.report(result.accuracy, result.epoch)
            if trial.should_prune():
                raise optuna.TrialPruned

    return after_epoch


def check_space(config: TrainConfig, space: Space) -> None:
    """Refuses what would end a search in the middle. A config's limits are intervals, so the ends speak for a range.

    Raises:
        ConfigError: a choice, or an end of a range, that ``config`` cannot have, or choices that are no network.
    """
    for key, dimension in space.items():
        for value in dimension.texts if isinstance(dimension, Choices) else _ends(dimension):
            try:
                _config_of(config, space, {key: value})
            except ConfigError as error:
                raise ConfigError(f"the space of {key} goes too far: {error}", hint=error.hint) from error
    _check_shapes(config, space)


def _check_shapes(config: TrainConfig, space: Space) -> None:
    varied = {key: d.texts for key, d in space.items() if key in SHAPE and isinstance(d, Choices)}
    for texts in itertools.product(*varied.values()):
        parameters = dict(zip(varied, texts, strict=True))
        try:
            check_shape(_config_of(config, space, parameters))
        except ConfigError as error:
            named = " with ".join(f"{key}={text}" for key, text in parameters.items()) or "every trial"
            raise ConfigError(f"{named} cannot be trained: {error}", hint=error.hint) from error


def _ends(dimension: Range) -> tuple[float, float]:
    kind = int if dimension.whole else float
    return kind(dimension.low), kind(dimension.high)


def _config_of(config: TrainConfig, space: Space, parameters: Mapping[str, Any]) -> TrainConfig:
    return with_settings(config, settings_of(space, parameters))


def _accepted(config: TrainConfig, space: Space, parameters: Mapping[str, Any]) -> TrainConfig | None:
    """The config of these parameters; None if it cannot be trained."""
    try:
        one = _config_of(config, space, parameters)
        check_shape(one)
    except ConfigError:
        return None
    return one


def _next_trial(study: optuna.Study, config: TrainConfig, space: Space) -> tuple[optuna.Trial, TrainConfig]:
    """The next trial that can be trained. Only a search from before spaces were checked draws others: they failed."""
    for _ in range(REFUSED_AT_MOST):
        trial = study.ask()
        parameters = suggest(trial, space)
        if (one := _accepted(config, space, parameters)) is not None:
            return trial, one
        study.tell(trial, state=optuna.trial.TrialState.FAIL)
    raise ConfigError(
        f"{REFUSED_AT_MOST} draws in a row were no settings that can be trained, the last was {parameters}",
        hint="a narrower --space in a new --workdir",
    )


def suggest(trial: optuna.Trial, space: Space) -> dict[str, Any]:
    """A value for every dimension."""
    return {key: _suggest_one(trial, key, dimension) for key, dimension in space.items()}


def _suggest_one(trial: optuna.Trial, key: str, dimension: Choices | Range) -> Any:
    if isinstance(dimension, Choices):
        return trial.suggest_categorical(key, dimension.texts)
    if dimension.whole:
        return trial.suggest_int(key, int(dimension.low), int(dimension.high), log=dimension.log)
    return trial.suggest_float(key, dimension.low, dimension.high, log=dimension.log)


def trial_folder(workdir: Path, parameters: Mapping[str, Any]) -> Path:
    """Named by the parameters, so that a trial that was cut off finds its run again."""
    digest = hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()
    return workdir / f"trial-{digest[:12]}"


def _open_study(config: TrainConfig, workdir: Path, what: Search, *, resume: bool) -> optuna.Study:
    if what.method not in METHODS:
        raise ConfigError(f"method {what.method!r} is not known", hint=f"one of {', '.join(METHODS)}")
    if (workdir / STUDY).exists() and not resume:
        raise ConfigError(f"{workdir} already holds a search", hint="add --resume, or name another --workdir")
    if not (workdir / STUDY).exists():  # before there is a study that only knows this space
        if what.method == "grid":
            grid(what.space)
        check_space(config, what.space)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    made_folder(workdir, "--workdir")
    study = optuna.create_study(
        storage=f"sqlite:///{workdir / STUDY}", study_name="tune", direction="maximize", load_if_exists=True
    )
    about = {
        "recipe": json.dumps(config.recipe(), sort_keys=True),
        "space": json.dumps({key: asdict(dimension) for key, dimension in what.space.items()}, sort_keys=True),
        "method": what.method,
    }
    for key, value in about.items():
        known = study.user_attrs.get(key, value)
        if known != value and (key == "method" or json.loads(known) != json.loads(value)):  # 0 is 0.0 to a search
            raise ConfigError(f"{workdir} was started with another {key}", hint="the same settings, or a new --workdir")
        study.set_user_attr(key, value)
    # a sampler with the seed of the first call would draw the first call's trials again
    seed = config.seed + len(study.trials)
    study.sampler = (
        optuna.samplers.TPESampler(seed=seed) if what.method == "bayesian" else optuna.samplers.RandomSampler(seed=seed)
    )
    study.pruner = (
        optuna.pruners.MedianPruner(n_startup_trials=PRUNE_AFTER) if what.prune else optuna.pruners.NopPruner()
    )
    return study


def _plan(study: optuna.Study, config: TrainConfig, what: Search) -> int:
    """Puts trials that were cut off, and a grid's missing ones, in the queue; gives how many trials there shall be."""
    for trial in study.get_trials(states=[optuna.trial.TrialState.RUNNING]):
        study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
        if set(trial.params) == set(what.space) and _accepted(config, what.space, trial.params) is not None:
            study.enqueue_trial(trial.params)
    if what.method != "grid":
        return what.trials
    combinations = [c for c in grid(what.space) if _accepted(config, what.space, c) is not None][: what.trials]
    waiting = [t.system_attrs.get("fixed_params") for t in study.get_trials(states=[optuna.trial.TrialState.WAITING])]
    known = [trial.params for trial in _done(study)] + waiting
    for combination in combinations:
        if combination not in known:
            study.enqueue_trial(combination)
    return len(combinations)


def _done(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    return study.get_trials(states=[optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.PRUNED])


def _accuracy(folder: Path) -> float:
    return float((read_record(folder) or {})["kept"]["accuracy"])


def _results(study: optuna.Study, workdir: Path, what: Search) -> list[TrialResult]:
    results = [
        TrialResult(
            number,
            trial.state.name.lower(),
            trial.value,
            dict(trial.params),
            str(trial_folder(workdir, trial.params)),
        )
        for number, trial in enumerate(_done(study), start=1)
    ]
    return sorted(results, key=lambda r: (r.state != "complete", -(r.accuracy or 0.0), r.number))


def _write(study: optuna.Study, workdir: Path, what: Search) -> None:
    results = [asdict(result) for result in _results(study, workdir, what)]
    write_json({"method": what.method, "best": results[0], "trials": results}, workdir / RESULT)


def table(results: list[TrialResult]) -> str:
    """Markdown, best first."""
    lines = ["| trial | PublicTest accuracy | settings | run |", "|---|---|---|---|"]
    for r in results:
        settings = ", ".join(f"{k}={v:.4g}" if isinstance(v, float) else f"{k}={v}" for k, v in r.settings.items())
        accuracy = "pruned" if r.state == "pruned" else f"{r.accuracy:.4f}"
        lines.append(f"| {r.number} | {accuracy} | {settings} | {Path(r.run).name} |")
    return "\n".join(lines)
