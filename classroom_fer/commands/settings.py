"""Where a command's settings come from, and what it says of what was declared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from classroom_fer.commands.options import CONFIG_FILE
from classroom_fer.lesson.records import Declaration
from classroom_fer.pictures.permission import check_pictures_allowed
from classroom_fer.settings.config import Config, load_config
from classroom_fer.settings.declaration import check_allowed, declared
from classroom_fer.terminal import say


def settings_for_a_run(config: Path | None, flags: Mapping[str, Any]) -> Config:
    """What an analysis goes by. ConfigError for mistakes, PolicyError if what was declared forbids the profile."""
    settings = load_config(config or own_file(), flags)
    check_allowed(settings.declaration, settings.profile)
    return settings


def settings_for_pictures(config: Path | None, flags: Mapping[str, Any]) -> Config:
    """What ``predict`` goes by: it infers expressions or does nothing. Raises as ``settings_for_a_run``."""
    settings = load_config(config or own_file(), flags)
    check_pictures_allowed(settings)
    return settings


def settings_for_stored(config: Path | None, flags: Mapping[str, Any], stored: Mapping[str, Any]) -> Config:
    """What a stored session was made with, changed by the flags and by a file that is named.

    The file of the working folder says only what is declared now: its other settings were not asked for.
    """
    settings, own = load_config(config, flags, stored=stored), own_file()
    if config is None and own is not None:
        settings = replace(settings, declaration=load_config(own, {}).declaration)
    return settings


def own_file() -> Path | None:
    """The settings file of the working folder, if there is one."""
    return CONFIG_FILE if CONFIG_FILE.is_file() else None


def tell_declaration(declaration: Declaration, *, quiet: bool) -> None:
    """One line on stderr: what was declared, or that no purpose was."""
    if quiet:
        return
    listed = "; ".join(f"{what} {text}" for what, text in declared(declaration))
    if declaration.purpose is None:
        say(f"purpose not declared (declare it: classroom-fer init){f'; declared: {listed}' if listed else ''}")
    else:
        say(f"declared: {listed}")
