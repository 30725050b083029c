"""``classroom-fer init``: what the study declares, asked once and written down."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from classroom_fer.commands.option_records import takes
from classroom_fer.commands.options import CONFIG_FILE, DbOption, ProfileOption
from classroom_fer.errors import ClassroomFerError, ConfigError
from classroom_fer.files import write_private
from classroom_fer.lesson.records import Declaration
from classroom_fer.settings.declaration import (
    declared,
    find_jurisdiction,
    find_setting,
    is_banned,
    make_declaration,
    make_profile,
)
from classroom_fer.settings.declaration_file import settings_text
from classroom_fer.store.place import DEFAULT_DB
from classroom_fer.store.store import open_store
from classroom_fer.terminal import counted, say, show, user_errors

_QUESTIONS = {
    "jurisdiction": "Country whose law holds (name or ISO code)",
    "setting": "Where are people filmed (education, workplace, laboratory, other)",
    "purpose": "What is it for (printed on every report)",
    "legal_basis": "Legal basis (such as: consent of the legal guardians)",
    "dpia": "Reference of the data protection impact assessment",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class InitOptions:
    """What ``init`` is given."""

    jurisdiction: Annotated[str | None, typer.Option("--jurisdiction", help="Country: ISO code or name.")] = None
    setting: Annotated[
        str | None, typer.Option("--setting", help="education, workplace, laboratory or other. [default: education]")
    ] = None
    purpose: Annotated[str | None, typer.Option("--purpose", help="What the analysis is for.")] = None
    legal_basis: Annotated[str | None, typer.Option("--legal-basis", help="Such as consent of the guardians.")] = None
    dpia: Annotated[str | None, typer.Option("--dpia", help="Reference of the impact assessment.")] = None
    profile: ProfileOption = None
    retention_days: Annotated[
        int, typer.Option("--retention-days", min=0, max=36500, help="Days that sessions are kept.")
    ] = 365
    out: Annotated[Path, typer.Option("--out", help="The settings file.")] = CONFIG_FILE
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing: what is not given stays undeclared.")] = False
    force: Annotated[bool, typer.Option("--force", help="Replace a settings file that is there.")] = False
    db: DbOption = DEFAULT_DB


@takes(InitOptions)
def init(options: InitOptions) -> None:
    """Declare where, what for and on what basis people are filmed, and write the settings file of this folder.

    What is not given is asked, or with --yes left undeclared. In education and at work in the EU or EEA only the
    profile presence runs: the AI Act, Article 5(1)(f), bans inferring emotions there.

    Examples:

      classroom-fer init

      classroom-fer init --jurisdiction CH --setting education --purpose "Which tasks need a pause?" --yes

      classroom-fer init --jurisdiction DE --setting education --profile presence --yes
    """
    with user_errors():
        if options.out.exists() and not options.force:
            raise ConfigError(
                f"{options.out} is there already", hint="edit it, name another with --out, or add --force"
            )
        given = {name: getattr(options, name) for name in _QUESTIONS}
        if not options.yes:
            given = _ask(given)
        if given["jurisdiction"] and not given["setting"]:
            given["setting"] = "education"
        _write(make_declaration(given), options)


def _ask(given: dict[str, str | None]) -> dict[str, str | None]:
    """Asks what is missing; an empty answer leaves it undeclared, one that is not known is asked again."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise ConfigError("nobody can be asked here", hint="give the options (see --help) and --yes")
    checks: dict[str, Callable[[str], str]] = {"jurisdiction": find_jurisdiction, "setting": find_setting}
    answers = dict(given)
    for name, question in _QUESTIONS.items():
        while answers[name] is None:
            usual = "education" if name == "setting" and answers["jurisdiction"] else ""
            answer = typer.prompt(question, default=usual, show_default=bool(usual))
            try:
                answers[name] = checks[name](answer) if answer and name in checks else answer
            except ClassroomFerError as error:
                say(f"{error}; {error.hint}")
    return {name: answer or None for name, answer in answers.items()}


def _write(declaration: Declaration, options: InitOptions) -> None:
    profile = make_profile(options.profile)
    content = settings_text(declaration, options.profile, options.retention_days).encode()
    remedy = "make room, or name another place with --out"
    with open_store(options.db) as store:
        write_private(options.out, content, what="the settings file", remedy=remedy)
        details: dict[str, object] = {
            "jurisdiction": declaration.jurisdiction,
            "setting": declaration.setting,
            "profile": profile,
            "file_sha256": hashlib.sha256(content).hexdigest(),
        }
        store.record("init", None, details)
    _show(declaration, profile, options.out)


def _show(declaration: Declaration, profile: str, out: Path) -> None:
    declarations = declared(declaration)
    show(f"{out}: {counted(len(declarations), 'declaration')}, profile {profile}")
    for what, text in declarations:
        show(f"  {what}: {text}")
    if declaration.purpose is None:
        show("  purpose not declared: every report will say so")
    if is_banned(declaration) and profile != "presence":
        show(
            "  only the profile presence runs here (AI Act, Article 5(1)(f)): classroom-fer analyze --profile presence"
        )
