from pathlib import Path

import pytest

from classroom_fer.commands import doctor


def test_every_check_passes_where_the_tests_run() -> None:
    failed = [check for check in doctor.all_checks() if not check.ok]
    assert failed == []


def test_packages_are_those_that_pyproject_declares() -> None:
    names = {check.name for check in doctor.package_checks()}
    assert {"tensorflow", "torch", "facenet-pytorch", "weasyprint", "typer"} <= names
    assert "pytest" not in names


def test_a_changed_model_is_found_with_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    from classroom_fer.faces import model_manifest

    copy = tmp_path / "model"
    shutil.copytree(model_manifest.MODEL_DIR, copy)
    weights = next(p for p in copy.iterdir() if p.suffix not in {".json", ".md"})
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    monkeypatch.setattr(model_manifest, "MODEL_DIR", copy)
    check = doctor.model_check()
    assert not check.ok
    assert check.remedy


def test_a_full_or_read_only_folder_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor.disk_check(tmp_path).ok
    monkeypatch.setattr(doctor, "FREE_DISK_MB", 10**9)
    assert not doctor.disk_check(tmp_path).ok
