"""The floor plan holds: who may import whom, and what stays light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "classroom_fer"
HEAVY = {
    "onnxruntime", "onnx", "tensorflow", "keras", "torch", "torchvision", "facenet_pytorch", "av", "weasyprint",
    "matplotlib", "sklearn", "starlette", "uvicorn", "dask", "distributed",
}  # fmt: skip
HEAVY_HOMES: dict[str, set[str]] = {
    "executors": {"distributed"},
    "film": {"av"},
    "faces": {"onnxruntime", "tensorflow", "keras", "torch", "torchvision", "facenet_pytorch"},
    "pictures": {"av"},
    "report": {"weasyprint", "matplotlib"},
    "study": {"sklearn"},
    "web": {"starlette", "uvicorn"},
}
PIXEL_HOMES = {"faces", "film", "pictures"}

FLOORS: dict[str, list[set[str]]] = {
    "classroom_fer": [
        {"__init__", "errors", "resources", "text"},
        {"lesson", "files", "terminal"},
        {"settings", "film", "faces", "store"},
        {"tracking", "measurement"},
        {"report", "exchange", "pictures", "pipeline", "session_choice", "named_results", "data_frames"},
        {"study"},
        {"wiring", "session_start", "executors"},
        {"analysis", "further_results"},
        {"analysis_together"},
        {"web"},
        {"commands"},
        {"cli", "api"},
        {"__main__"},
    ],
    "training": [
        {"__init__"},
        {"files"},
        {"data"},
        {"settings"},
        {"zoo", "figures", "dataset_report"},
        {"runs"},
        {"search", "card"},
        {"evaluation"},
        {"shipping"},
        {"commands"},
        {"__main__"},
    ],
}
"""From the ground up. A room imports from lower floors only, never from one beside it."""
NOT_CODE = {"templates", "migrations", "results", "__pycache__"}
"""Folders without modules; all but the last one are packed into the wheel."""


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def rooms(package: str) -> set[str]:
    """Folders and modules at the top of a package."""
    inside = (ROOT / package).iterdir()
    return {p.stem for p in inside if p.name not in NOT_CODE and (p.is_dir() or p.suffix == ".py")}


def modules(*packages: str) -> list[Path]:
    return sorted(
        p for name in packages for p in (ROOT / name).rglob("*.py") if not {"templates", "migrations"} & set(p.parts)
    )


def room_of(path: Path) -> tuple[str, str]:
    package, room, *_ = path.relative_to(ROOT).parts
    return package, room.removesuffix(".py")


def floor(package: str, room: str) -> int:
    return next(number for number, names in enumerate(FLOORS[package]) if room in names)


@pytest.mark.parametrize("package", FLOORS)
def test_every_room_stands_on_one_floor_and_no_floor_names_a_room_that_is_gone(package: str) -> None:
    named = [room for names in FLOORS[package] for room in names]
    assert sorted(named) == sorted(rooms(package))


@pytest.mark.parametrize("path", modules(*FLOORS), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_a_module_imports_only_from_its_own_room_or_a_lower_floor(path: Path) -> None:
    package, own = room_of(path)
    known = rooms(package)
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == package and len(parts) > 1 and parts[1] in known - {own}:
            assert floor(package, parts[1]) < floor(package, own), f"{own} imports {name}"
        elif package == "classroom_fer":
            assert parts[0] not in {"training", "tests"}, f"{own} imports {name}"


@pytest.mark.parametrize("path", modules("classroom_fer"), ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_heavy_libraries_stay_in_their_rooms(path: Path) -> None:
    _, room = room_of(path)
    roots = {name.split(".")[0] for name in imports(path)}
    assert not (roots & HEAVY) - HEAVY_HOMES.get(room, set()), f"{room} imports {roots & HEAVY}"
    assert room in PIXEL_HOMES or "cv2" not in roots


@pytest.mark.parametrize(
    "path", sorted((ROOT / "training").rglob("*.py")), ids=lambda p: p.relative_to(ROOT).as_posix()
)
def test_training_is_written_against_keras_alone(path: Path) -> None:
    """KERAS_BACKEND=jax or torch trains where there is no TensorFlow."""
    roots = {name.split(".")[0] for name in imports(path)}
    allowed = {"facenet_pytorch"} if path.name == "landmark_net.py" else set()  # it copies that package's O-Net
    allowed |= {"torch"} if path.parent.name == "card" else set()  # Keras cannot record a step as a graph of the card
    assert not roots & {"tensorflow", "torch", "torchvision", "jax", "facenet_pytorch"} - allowed


def loaded_by(*arguments: str, cwd: Path) -> set[str]:
    code = (
        "import sys\nfrom classroom_fer.cli import app\n"
        f"try: app({list(arguments)!r})\nexcept SystemExit: pass\n"
        "sys.stderr.write('LOADED ' + ' '.join(m for m in sys.modules if '.' not in m))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=cwd, check=True)
    return set(done.stderr.rpartition("LOADED ")[2].split())


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("--version",),
        ("analyze", "--help"),
        ("sessions",),
        ("purge", "--all", "--yes"),
        ("predict", "no.jpg"),
    ],
)
def test_light_commands_load_nothing_heavy(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    from classroom_fer.store.store import open_store

    open_store(tmp_path / "classroom-fer.sqlite").close()
    assert not loaded_by(*arguments, cwd=tmp_path) & HEAVY


LOADED_LATE = {
    "commands/aggregate.py": "what the command does: help needs its options only",
    "commands/analyze.py": "the same",
    "commands/analyze_films.py": "Dask, of an extra, for --executor only",
    "commands/compare.py": "the same",
    "commands/doctor.py": "what --tune does: the pipeline",
    "commands/compare_sessions.py": "the libraries of the page, for --pdf only",
    "commands/export.py": "the same",
    "commands/predict.py": "the same",
    "commands/query.py": "the same",
    "commands/report.py": "the same",
    "exchange/table_formats.py": "XlsxWriter, and pyarrow of an extra, for the formats that need them",
    "commands/live.py": "the same",
    "commands/web.py": "the same",
    "commands/validate.py": "the same; scikit-learn, for scores only",
    "study/random_effects.py": "statsmodels, for the model of five lessons or more only",
    "wiring.py": "builders load PyAV, SciPy, WeasyPrint and matplotlib when a command needs them",
    "faces/mtcnn.py": "torch",
    "faces/expressions.py": "TensorFlow and Keras",
    "settings/declaration.py": "babel, for a country's name in another language only",
    "settings/languages.py": "babel, for reports only",
    "store/migrate.py": "alembic, for a database that is not of today's version only",
}
"""Modules that import inside functions, and why: what is slow to load waits until it is needed."""


def imports_in_functions(path: Path) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return any(isinstance(node, ast.Import | ast.ImportFrom) for f in functions for node in ast.walk(f))


def test_only_what_is_slow_to_load_is_imported_inside_functions() -> None:
    late = {p.relative_to(PACKAGE).as_posix() for p in modules("classroom_fer") if imports_in_functions(p)}
    assert late == set(LOADED_LATE)
