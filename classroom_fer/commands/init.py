"""``classroom-fer init``: what the study declares, asked once and written down."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from classroom_fer import wiring
from classroom_fer.commands.options import DbOption
from classroom_fer.commands.settings import CONFIG_FILE, ProfileOption
from classroom_fer.errors import ClassroomFerError, ConfigError
from classroom_fer.files import write_private
from classroom_fer.settings.declaration import (
    declared,
    find_jurisdiction,
    find_setting,
    is_banned,
    make_policy,
    make_profile,
)
from classroom_fer.settings.declaration_file import settings_text
from classroom_fer.store.place import DEFAULT_DB
from classroom_fer.terminal import counted, say, show, user_errors

_QUESTIONS = {
    "jurisdiction": "Country whose law holds (name or ISO code)",
    "setting": "Where are people filmed (education, workplace, laboratory, other)",
    "purpose": "What is it for (printed on every report)",
    "legal_basis": "Legal basis (such as: consent of the legal guardians)",
    "dpia": "Reference of the data protection impact assessment",
}


def init(
    jurisdiction: Annotated[str | None, typer.Option("--jurisdiction", help="Country: ISO code or name.")] = None,
    setting: Annotated[
        str | None, typer.Option("--setting", help="education, workplace, laboratory or other. [default: education]")
    ] = None,
    purpose: Annotated[str | None, typer.Option("--purpose", help="What the analysis is for.")] = None,
    legal_basis: Annotated[str | None, typer.Option("--legal-basis", help="Such as consent of the guardians.")] = None,
    dpia: Annotated[str | None, typer.Option("--dpia", help="Reference of the impact assessment.")] = None,
    profile: ProfileOption = None,
    retention_days: Annotated[
        int, typer.Option("--retention-days", min=0, max=36500, help="Days that sessions are kept.")
    ] = 365,
    out: Annotated[Path, typer.Option("--out", help="The settings file.")] = CONFIG_FILE,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing: what is not given stays undeclared.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a settings file that is there.")] = False,
    db: DbOption = DEFAULT_DB,
) -> None:
    """Declare where, what for and on what basis people are filmed, and write the settings file of this folder.

    What is not given is asked, or with --yes left undeclared. In education and at work in the EU or EEA only the
    profile presence runs: the AI Act, Article 5(1)(f), bans inferring emotions there.

    Examples:

      classroom-fer init

      classroom-fer init --jurisdiction CH --setting education --purpose "Which tasks need a pause?" --yes

      classroom-fer init --jurisdiction DE --setting education --profile presence --yes
    """
    with user_errors():
        if out.exists() and not force:
            raise ConfigError(f"{out} is there already", hint="edit it, name another with --out, or add --force")
        given = {"jurisdiction": jurisdiction, "setting": setting, "purpose": purpose,
                 "legal_basis": legal_basis, "dpia": dpia}  # fmt: skip
        if not yes:
            given = _ask(given)
        if given["jurisdiction"] and not given["setting"]:
            given["setting"] = "education"
        _write(given, profile, retention_days, out, db)


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


def _write(given: dict[str, str | None], profile: str | None, retention_days: int, out: Path, db: str) -> None:
    policy = make_policy(given)
    chosen = make_profile(profile)
    content = settings_text(policy, profile, retention_days).encode()
    with wiring.open_store(db) as store:
        write_private(out, content, what="the settings file", remedy="make room, or name another place with --out")
        details: dict[str, object] = {"jurisdiction": policy.jurisdiction, "setting": policy.setting, "profile": chosen,
                   "file_sha256": hashlib.sha256(content).hexdigest()}  # fmt: skip
        store.record("init", None, details)
    told = declared(policy)
    show(f"{out}: {counted(len(told), 'declaration')}, profile {chosen}")
    for what, text in told:
        show(f"  {what}: {text}")
    if policy.purpose is None:
        show("  purpose not declared: every report will say so")
    if is_banned(policy) and chosen != "presence":
        show(
            "  only the profile presence runs here (AI Act, Article 5(1)(f)): classroom-fer analyze --profile presence"
        )
