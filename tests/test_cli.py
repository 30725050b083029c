"""The list of commands: complete, true to the commands, and shown without loading one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from classroom_fer.cli import AuditCommands, Commands, RegionsCommands, TasksCommands, ValidateCommands, app
from classroom_fer.commands.lazy_group import LazyGroup

GROUPS: dict[str, type[LazyGroup]] = {
    "": Commands, "tasks": TasksCommands, "regions": RegionsCommands, "audit": AuditCommands,
    "validate": ValidateCommands,
}  # fmt: skip
LISTED = [(group, name) for group, commands in GROUPS.items() for name in commands.lazy]


@pytest.mark.parametrize(("group", "name"), LISTED)
def test_a_list_shows_the_first_paragraph_of_the_commands_own_help(group: str, name: str) -> None:
    listed = GROUPS[group].lazy[name]
    paragraph, _, _ = str(listed.load(name).help).partition("\n\n")
    assert listed.help == " ".join(paragraph.split())


@pytest.mark.parametrize(("group", "commands"), GROUPS.items())
def test_every_group_lists_its_commands_in_its_order(group: str, commands: type[LazyGroup]) -> None:
    shown = CliRunner().invoke(app, [*group.split(), "--help"]).stdout.split("Commands:")[1]
    names = [line.split()[0] for line in shown.splitlines() if line[2:3].isalnum()]
    assert names == [*commands.lazy, *([] if group else [name for name in GROUPS if name])]


def loaded_by(*arguments: str, cwd: Path) -> set[str]:
    """Names of the modules that a command loads, run in a process of its own."""
    code = (
        "import sys\nfrom classroom_fer.cli import app\n"
        f"try: app({list(arguments)!r}, prog_name='classroom-fer')\nexcept SystemExit: pass\n"
        "sys.stderr.write('LOADED ' + ' '.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=cwd, check=True)
    return set(done.stderr.rpartition("LOADED ")[2].split())


LIST_ONLY = {"classroom_fer", "classroom_fer.cli", "classroom_fer.commands", "classroom_fer.commands.lazy_group"}


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("tasks", "--help"), ("nonsense",), ()])
def test_what_calls_no_command_loads_no_more_of_this_program_than_the_list(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    loaded = loaded_by(*arguments, cwd=tmp_path)
    assert {name for name in loaded if name.startswith("classroom_fer")} == LIST_ONLY
    assert not loaded & {"numpy", "sqlalchemy", "scipy", "PIL"}


def test_a_command_loads_no_other_command(tmp_path: Path) -> None:
    loaded = loaded_by("tasks", "check", "--help", cwd=tmp_path)
    modules = {command.module for commands in GROUPS.values() for command in commands.lazy.values()}
    assert loaded & modules == {"classroom_fer.commands.tasks_check"}


OPTIONS_ONLY = LIST_ONLY | {
    "classroom_fer.commands.option_records", "classroom_fer.commands.options", "classroom_fer.errors",
    "classroom_fer.lesson", "classroom_fer.lesson.timecode", "classroom_fer.store", "classroom_fer.store.place",
}  # fmt: skip


@pytest.mark.parametrize("command", ["analyze", "report", "query", "aggregate", "predict", "export"])
def test_help_of_a_command_loads_its_options_and_not_what_it_does(tmp_path: Path, command: str) -> None:
    loaded = loaded_by(command, "--help", cwd=tmp_path)
    ours = {name for name in loaded if name.startswith("classroom_fer")}
    assert ours <= OPTIONS_ONLY | {f"classroom_fer.commands.{command}"}
    assert not loaded & {"numpy", "sqlalchemy", "scipy", "PIL", "cv2"}


def test_names_are_completed_without_loading_a_command(tmp_path: Path) -> None:
    code = (
        "import sys, typer\nfrom classroom_fer.cli import app\n"
        "commands = typer.main.get_command(app)\n"
        "context = commands.make_context('classroom-fer', [], resilient_parsing=True)\n"
        "print(*(item.value for item in commands.shell_complete(context, 'a')))\n"
        "print(*(name for name in sys.modules if name.startswith('classroom_fer')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True)
    completed, loaded = (set(line.split()) for line in done.stdout.splitlines())
    assert completed == {"analyze", "aggregate", "audit"}
    assert loaded == LIST_ONLY
