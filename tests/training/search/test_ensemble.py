"""Members answer together: shares are what they are said to be, and the result teaches."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring
import numpy as np
import pytest
from labelled_faces import smooth_faces, tiny_config, write_dataset

from classroom_fer.errors import ConfigError
from training.evaluation.answers import open_subject
from training.figures.calibration import log_softmax
from training.runs.folder import averaged_model
from training.runs.predictions import predict_heads
from training.runs.teachers import load_teacher, members_of
from training.runs.train import train_and_evaluate
from training.search.ensemble import fit_shares, make_ensemble, table
from training.settings.config import read_config, save_config

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras on NumPy 2


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two runs of another seed; their data lies beside them."""
    folder = tmp_path_factory.mktemp("runs")
    data = write_dataset(folder / "data", faces=16)
    for seed in (1, 2):
        config = tiny_config(data, widths=(8,), blocks=(1,), epochs=1, seed=seed)
        train_and_evaluate(config, folder / f"seed{seed}")
    return [folder / "seed1", folder / "seed2"]


def test_learned_shares_are_the_ones_that_the_votes_were_made_with() -> None:
    rng = np.random.default_rng(0)
    members = rng.dirichlet(np.ones(8), (3, 400))
    votes = np.tensordot([0.6, 0.3, 0.1], members, 1)
    shares = fit_shares(members, votes)
    assert shares == pytest.approx([0.6, 0.3, 0.1], abs=0.01)
    assert shares.sum() == pytest.approx(1)


def test_an_ensemble_says_the_mean_of_its_members_and_teaches_it(runs: list[Path], tmp_path: Path) -> None:
    result = make_ensemble(runs, tmp_path / "both")
    assert [entry["share"] for entry in result["members"]] == [0.5, 0.5]
    assert json.loads((tmp_path / "both" / "ensemble.json").read_text()) == result
    assert {"learned shares (fitted on PublicTest)", "seed1"} <= {
        cell.strip() for line in table(result).splitlines() for cell in line.split("|")
    }
    faces = smooth_faces(5, seed=9)
    alone = [predict_heads(averaged_model(run)[0], faces) for run in runs]
    together = open_subject(str(tmp_path / "both")).answer(faces)
    for head in ("emotions", "fer7"):
        mean = np.mean([np.exp(log_softmax(one[head])) for one in alone], axis=0)
        assert np.exp(together[head]) == pytest.approx(mean, abs=1e-5)
    warm = np.mean([np.exp(log_softmax(one["emotions"], 3.0)) for one in alone], axis=0)
    teacher = load_teacher([tmp_path / "both"], classes=8)
    assert teacher.probabilities(faces[..., None], 3.0)["emotions"] == pytest.approx(warm, abs=1e-4)


def test_learned_shares_do_not_lose_where_they_were_fitted(runs: list[Path], tmp_path: Path) -> None:
    result = make_ensemble(runs, tmp_path, shares="learned", splits=["PrivateTest"])
    assert result["learned"]["cross_entropy"] <= result["mean"]["cross_entropy"] + 1e-9
    assert [entry["share"] for entry in result["members"]] == result["learned"]["shares"]
    assert result["learned"]["fitted_on"] == "PublicTest"
    assert {"accuracy", "cross_entropy"} == set(result["PrivateTest"]) == set(result["learned"]["cross_fitted"])


def test_shares_of_nested_ensembles_multiply(tmp_path: Path) -> None:
    def write(folder: Path, shares: dict[str, float]) -> Path:
        folder.mkdir()
        members = [{"run": str(tmp_path / name), "share": share} for name, share in shares.items()]
        (folder / "ensemble.json").write_text(json.dumps({"members": members}))
        return folder

    write(tmp_path / "inner", {"a": 0.25, "b": 0.75})
    outer = write(tmp_path / "outer", {"inner": 0.4, "c": 0.6})
    assert members_of(outer) == [
        (tmp_path / "a", pytest.approx(0.1)), (tmp_path / "b", pytest.approx(0.3)), (tmp_path / "c", 0.6)
    ]  # fmt: skip


def test_runs_of_different_protocols_do_not_go_together(runs: list[Path], tmp_path: Path) -> None:
    from dataclasses import replace

    config = read_config(runs[0] / "config.json")
    save_config(replace(config, protocol="P7"), tmp_path / "config.json")
    with pytest.raises(ConfigError, match="has protocol P7"):
        make_ensemble([runs[0], tmp_path], tmp_path / "both")


@pytest.mark.parametrize("text", ["{", "{}", '{"members": [{"run": "a"}]}', '{"members": [3]}'])
def test_a_file_that_is_no_ensemble_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "ensemble.json").write_text(text)
    with pytest.raises(ConfigError, match=r"ensemble\.json: not an ensemble"):
        members_of(tmp_path)


def test_an_ensemble_is_not_written_into_a_run(runs: list[Path]) -> None:
    with pytest.raises(ConfigError, match="seed1 holds a run") as caught:
        make_ensemble(runs, runs[0])
    assert caught.value.hint is not None and "--workdir" in caught.value.hint
    assert not (runs[0] / "ensemble.json").exists()


def test_an_ensemble_in_itself_is_an_error_and_not_the_end_of_the_stack(tmp_path: Path) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        (tmp_path / name).mkdir()
        entry = {"run": str(tmp_path / other), "share": 1.0}
        (tmp_path / name / "ensemble.json").write_text(json.dumps({"members": [entry]}))
    with pytest.raises(ConfigError, match="a member of itself"):
        members_of(tmp_path / "a")


def test_faces_that_not_every_member_left_out_are_scored_whatever_the_order(runs: list[Path], tmp_path: Path) -> None:
    trial = tmp_path / "trial"
    shutil.copytree(runs[0], trial)
    save_config(replace(read_config(trial / "config.json"), limit=9), trial / "config.json")
    one, other = make_ensemble([trial, runs[1]], tmp_path / "a"), make_ensemble([runs[1], trial], tmp_path / "b")
    assert one["faces"] == other["faces"] == {"PublicTest": 16}
    assert one["mean"] == pytest.approx(other["mean"])
    assert (one["limit"], one["leave_out"]) == (None, None)
    assert "Faces: 16 of PublicTest." in table(one)
    both = make_ensemble([trial, trial], tmp_path / "c", splits=["PrivateTest"])
    assert both["faces"] == {"PublicTest": 9, "PrivateTest": 9}
    assert "only the first 9 faces" in table(both)
