"""What BORIS's own functions make of a project, and the tables that they export of it: JSON on stdout.

Run by the Python of an environment that has BORIS, which is GPL-3 and brings Qt, so that it is no dependency of ours:

    python -m venv boris && boris/bin/pip install boris-behav-obs
    boris/bin/python scripts/boris_reader.py lesson.boris
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import json
import os
import sys
import tempfile
import types
from pathlib import Path
from typing import Any


def module(name: str) -> Any:
    """One of BORIS's modules, without its windows: its package's own ``__init__`` loads the whole program."""
    if "boris" not in sys.modules:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        package, player = types.ModuleType("boris"), types.ModuleType("boris.mpv2")
        package.__path__ = list(importlib.util.find_spec("boris").submodule_search_locations)
        player.sofile = "libmpv.so.2"  # the library of its player, which need not be there
        sys.modules |= {"boris": package, "boris.mpv2": player}
    return importlib.import_module(f"boris.{name}")


def main(path: str) -> None:
    project_functions = module("project_functions")
    with contextlib.redirect_stdout(sys.stderr):  # BORIS prints what it does
        _, changed, project, message = project_functions.open_project_json(path)
        observations = project.get("observations", {})
        found = {
            "boris": module("version").__version__,
            "changed": changed,
            "message": message or project.get("error", ""),
            "integrity": project_functions.check_project_integrity(project, "hh:mm:ss", path, False),
            "events": {name: events(project, one) for name, one in observations.items()},
            "paired": {
                name: project_functions.check_state_events_obs(name, project["behaviors_conf"], one)[0]
                for name, one in observations.items()
            },
            "tabular": {name: tabular(project, name) for name in observations},
            "external": {name: external(one, Path(path).parent) for name, one in observations.items()},
        }
    print(json.dumps(found))


def events(project: dict, observation: dict) -> list:
    """(time, subject, code, START or STOP or POINT) as BORIS understands the order of keys."""
    flagged = module("project_functions").events_start_stop(
        project["behaviors_conf"], observation["events"], observation["type"]
    )
    return [[float(event[0]), event[1], event[2], event[-1]] for event in flagged]


def tabular(project: dict, name: str) -> str:
    """The observation's events as BORIS exports them: tabular events, tab separated."""
    config = module("config")
    codes = [behavior["code"] for behavior in project["behaviors_conf"].values()]
    chosen = {
        "time": config.TIME_EVENTS,
        config.SELECTED_SUBJECTS: [config.NO_FOCAL_SUBJECT],
        config.SELECTED_BEHAVIORS: codes,
    }
    observation, ethogram = project["observations"][name], project["behaviors_conf"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.tsv"
        fine, problem = module("export_observation").export_tabular_events(
            project, chosen, name, observation, ethogram, str(path), "tsv"
        )
        return path.read_text(encoding="utf-8") if fine else f"error: {problem}"


def external(observation: dict, folder: Path) -> list:
    """Rows of each external data file, by the function that feeds BORIS's plots."""
    plots = []
    for plot in observation.get("plot_data", {}).values():
        path = str(folder / plot["file_path"])
        fine, problem, data = module("utilities").txt2np_array(path, plot["columns"], plot["substract_first_value"])
        plots.append({"title": plot["title"], "fine": fine, "problem": problem, "rows": data.tolist()})
    return plots


if __name__ == "__main__":
    main(sys.argv[1])
