import shutil
from pathlib import Path

import pytest

from classroom_fer.commands import doctor
from classroom_fer.faces import model_manifest, nets
from classroom_fer.faces.model_manifest import MODEL_DIR
from classroom_fer.settings import languages

WEIGHTS = (".keras", ".onnx")


def test_every_check_passes_where_the_tests_run() -> None:
    failed = [check for check in doctor.all_checks() if not check.ok and check.needed]
    assert failed == []


def test_packages_are_those_that_pyproject_declares() -> None:
    names = {check.name for check in doctor.package_checks()}
    assert {"onnxruntime", "weasyprint", "typer"} <= names
    assert not {"pytest", "tensorflow", "torch", "facenet-pytorch"} & names


def test_training_is_a_note_that_names_what_is_missing_and_how_to_get_it(ours: str) -> None:
    assert doctor.training_check().found == "the frameworks are there"
    check = doctor.training_check(ours)
    assert (check.ok, check.needed, check.remedy) == (False, False, "pip install 'ours[train]'")
    assert "lessons-net" in check.found
    assert "old" not in check.found  # of the basic installation: not this check's business


def installed(folder: Path, name: str, version: str, *more: str) -> None:
    """What pip leaves behind of a package."""
    about = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    about.mkdir()
    lines = ("Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *more)
    (about / "METADATA").write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture
def ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package and what is installed of its requirements."""
    needs = (
        "right>=2,<3", "patched[extra]==1.0", "early>=3", "old>=2", "new<19,>=18", "gone", "Odd_Name>=1",
        'elsewhere>=1; sys_platform == "nowhere"', 'wanted>=1; extra == "more"',
        'lessons-net>=1; extra == "train"', 'here>=2; python_version >= "3"',
    )  # fmt: skip
    installed(tmp_path, "ours", "1", "Requires-Python: >=3.11,<3.99", *(f"Requires-Dist: {need}" for need in needs))
    for name, version in (
        ("right", "2.10"), ("patched", "1.0+cpu"), ("early", "3.1rc1"), ("old", "1.99"), ("new", "19.0"),
        ("odd-name", "1.0"), ("here", "1"),
    ):  # fmt: skip
        installed(tmp_path, name, version)
    monkeypatch.syspath_prepend(str(tmp_path))
    return "ours"


def test_a_version_outside_the_declared_limits_is_a_failure_with_its_remedy(ours: str) -> None:
    checks = {check.name: check for check in doctor.package_checks(ours)}
    assert {name: check.ok for name, check in checks.items()} == {
        "right": True, "patched": True, "early": True, "old": False, "new": False, "gone": False, "Odd_Name": True,
        "here": False,
    }  # fmt: skip
    assert (checks["old"].found, checks["old"].remedy) == ("1.99, but >=2 is needed", "pip install 'old>=2'")
    assert (checks["new"].found, checks["new"].remedy) == ("19.0, but <19,>=18 is needed", "pip install 'new<19,>=18'")
    assert (checks["gone"].found, checks["gone"].remedy) == ("missing", "pip install 'gone'")


def test_python_is_judged_by_what_the_package_declares(ours: str, tmp_path: Path) -> None:
    assert doctor.python_check(ours).ok
    installed(tmp_path, "later", "1", "Requires-Python: >=3.99")
    check = doctor.python_check("later")
    assert (check.ok, check.remedy) == (False, "use Python >=3.99")
    installed(tmp_path, "any", "1")
    assert doctor.python_check("any").ok


@pytest.mark.parametrize("changed", [path.name for path in sorted(MODEL_DIR.iterdir()) if path.suffix in WEIGHTS])
def test_changed_weights_are_found_with_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str) -> None:
    copy = tmp_path / "model"
    shutil.copytree(MODEL_DIR, copy)
    (copy / changed).write_bytes((copy / changed).read_bytes()[:-1] + b"x")
    monkeypatch.setattr(model_manifest, "MODEL_DIR", copy)
    monkeypatch.setattr(nets, "MODEL_DIR", copy)
    check = doctor.model_check()
    assert not check.ok and changed in check.found
    assert check.remedy


def test_a_full_or_read_only_folder_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor.disk_check(tmp_path).ok
    monkeypatch.setattr(doctor, "FREE_DISK_MB", 10**9)
    assert not doctor.disk_check(tmp_path).ok


def test_no_font_of_emoji_is_a_note_with_its_remedy_and_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "has_emoji_font", lambda: False)
    check = doctor.emoji_check()
    assert (check.ok, check.needed) == (False, False)
    assert languages.EMOJI_PACKAGE in check.remedy
