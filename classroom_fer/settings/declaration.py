"""What a user declares about a study, and what the law then allows (safeguards S1, S2). Pure.

A declaration is five short texts. Where it places the lesson in education (or at work) in the EU or EEA, only the
profile ``presence`` may run: Regulation (EU) 2024/1689 (AI Act), Article 5(1)(f), bans inferring emotions there, and
the Commission's guidelines on prohibited practices count pupils' interest and attention among them.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from typing import Any

from classroom_fer.errors import ConfigError, PolicyError
from classroom_fer.lesson.records import PROFILES, Declaration

SENTENCE = (
    "the placing on the market, the putting into service for this specific purpose, or the use of AI systems to infer "
    "emotions of a natural person in the areas of workplace and education institutions, except where the use of the AI "
    "system is intended to be put in place or into the market for medical or safety reasons"
)
"""Article 5(1)(f), as published in OJ L, 2024/1689, 12.7.2024."""
ARTICLE = "AI Act (Regulation (EU) 2024/1689), Article 5(1)(f)"

EU = frozenset("AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE".split())
EEA = EU | frozenset("IS LI NO".split())
SAME_LAW = frozenset("AX EA GF GP IC MF MQ RE YT EU".split())
"""Åland, the outermost regions, Ceuta and Melilla have codes of their own and EU law (TFEU, Articles 349 and 355); EU
is reserved for the Union itself."""
NICKNAMES = {
    "eu": "EU", "european union": "EU", "eea": "EU", "european economic area": "EU", "eu/eea": "EU", "el": "GR",
    "uk": "GB", "great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "holland": "NL",
    "the netherlands": "NL", "czech republic": "CZ", "usa": "US", "america": "US", "deu": "DE", "fra": "FR",
    "aut": "AT", "ita": "IT", "esp": "ES", "gbr": "GB", "che": "CH", "federal republic of germany": "DE",
}  # fmt: skip
LOCALES = tuple("en de fr es zh ar bg cs da el et fi ga hr hu is it lt lv mt nb nl nn pl pt ro sk sl sv".split())
"""Languages in which a country may be named: the report's own and the official ones of the EU and EEA."""
SETTINGS: dict[str, str] = {
    "education": """
        school, schools, classroom, class, lesson, lessons, teaching, kindergarten, nursery, preschool, primary school,
        secondary school, high school, college, university, higher education, academy, training, vocational training,
        tutoring, educational, education institution, educational institution,
        bildung, schule, unterricht, kita, hochschule, universität, ausbildung, grundschule, gymnasium,
        enseignement, éducation, école, collège, lycée, université, formation,
        educación, escuela, colegio, instituto, universidad, formación,
        教育, 学校, 課堂, 课堂, 大学, تعليم, مدرسة, جامعة
    """,
    "workplace": """
        work, company, office, business, employment, factory, arbeitsplatz, betrieb, arbeit, travail, entreprise,
        trabajo, empresa, 工作, 公司, عمل, شركة
    """,
    "laboratory": "lab, actors, acted, simulation, labor, laboratoire, laboratorio, 实验室, مختبر",
    "other": "home, museum, sports, public, conference, theatre",
}
"""Where people are filmed, and what else they call it. Adults who act a class are "laboratory"."""
BANNED_SETTINGS = frozenset({"education", "workplace"})
LONGEST_TEXT = 500
"""Characters of a declared text; it is printed in the head of a page (choice)."""


def make_declaration(table: Mapping[str, Any]) -> Declaration:
    """The declaration in a ``[policy]`` table, with country and setting in their one spelling.

    Raises:
        ConfigError: not text, a country or setting that is not known, or one of the two without the other.
    """
    texts = {name: _text(table.get(name), f"policy.{name}") for name in asdict(Declaration())}
    place, setting = texts["jurisdiction"], texts["setting"]
    if (place is None) != (setting is None):
        missing, there = ("setting", "jurisdiction") if setting is None else ("jurisdiction", "setting")
        raise ConfigError(
            f"policy.{there} is declared and policy.{missing} is not",
            hint=f"add {missing}: what may be done depends on both",
        )
    if place is not None and setting is not None:
        texts |= {"jurisdiction": find_jurisdiction(place), "setting": find_setting(setting)}
    return Declaration(**texts)


def make_profile(value: Any) -> str:
    """A privacy profile's name. ConfigError for an unknown one."""
    name = "research" if value is None else value
    if name not in PROFILES:
        near = difflib.get_close_matches(str(name), PROFILES, n=1)
        raise ConfigError(
            f"unknown profile {name!r}",
            hint=f"did you mean {near[0]}?" if near else f"use one of {', '.join(PROFILES)}",
        )
    return str(name)


def _text(value: Any, what: str) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise ConfigError(f"{what} must be text, not {value!r}", hint='put it in quotes, such as "DE"')
    text = " ".join(value.split())
    if len(text) > LONGEST_TEXT:
        raise ConfigError(f"{what} has {len(text)} characters", hint=f"say it in {LONGEST_TEXT}: it is printed")
    return text or None


def find_jurisdiction(text: str) -> str:
    """The ISO 3166 code of a country (or EU) that is given by code or by name; a region such as DE-BY is its country.

    Raises:
        ConfigError: no such country. A typing mistake must not lift a ban, so nothing is taken as "elsewhere".
    """
    wanted = _folded(text)
    if re.fullmatch(r"[a-z]{2}-[a-z0-9]{1,3}", wanted):
        wanted = wanted[:2]
    if wanted in NICKNAMES:
        return NICKNAMES[wanted]
    known = _territories()
    code = wanted.upper() if wanted.upper() in known.values() else known.get(wanted)
    if code is None:
        near = difflib.get_close_matches(wanted, known, n=1)
        remedy = f"did you mean {known[near[0]]} ({near[0].title()})? " if near else ""
        raise ConfigError(
            f"policy.jurisdiction: {text!r} is no country that is known",
            hint=f"{remedy}write its ISO code, such as DE, CH or US",
        )
    return code


@cache
def _territories() -> Mapping[str, str]:
    """Folded name -> code of every country, in LOCALES (CLDR by way of Babel)."""
    from babel import Locale

    names: dict[str, str] = {}
    for language in LOCALES:
        for code, name in Locale(language).territories.items():
            if re.fullmatch(r"[A-Z]{2}", code) and code not in {"EU", "EZ", "UN", "QO", "ZZ", "XA", "XB"}:
                names.setdefault(_folded(name), code)
    return names


def find_setting(text: str) -> str:
    """One of SETTINGS. ConfigError if it is none of them."""
    wanted = _folded(text)
    words = {_folded(word): name for name, others in SETTINGS.items() for word in (name, *others.split(","))}
    if wanted not in words:
        near = difflib.get_close_matches(wanted, words, n=1)
        remedy = f"did you mean {words[near[0]]}? " if near else ""
        raise ConfigError(
            f"policy.setting: {text!r} is no setting that is known", hint=f"{remedy}use one of {', '.join(SETTINGS)}"
        )
    return words[wanted]


def _folded(text: str) -> str:
    """For comparing: case, accents, punctuation and width do not matter."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[_.,'’]", " ", plain).split())


def is_banned(declaration: Declaration) -> bool:
    """Whether inferring emotions is forbidden there.

    >>> [is_banned(Declaration(jurisdiction=country, setting="education")) for country in ("DE", "CH")]
    [True, False]
    """
    return declaration.jurisdiction in EEA | SAME_LAW and declaration.setting in BANNED_SETTINGS


def check_allowed(declaration: Declaration, profile: str) -> None:
    """Nothing, if a run with ``profile`` may go ahead; call it before anything is decoded.

    Raises:
        PolicyError: with the sentence of the law (exit code 4).
    """
    if is_banned(declaration) and profile != "presence":
        raise PolicyError(
            f"declared is {declaration.setting} in {declaration.jurisdiction}: {ARTICLE} prohibits “{SENTENCE}”; the "
            f"Commission's guidelines count pupils' interest and attention in, so the profile {profile!r} does not run",
            hint="use --profile presence: it counts faces and minutes and infers nothing about anyone",
        )


def declared(declaration: Declaration) -> tuple[tuple[str, str], ...]:
    """(what, text) of everything that was declared, in the order in which it is printed.

    >>> declared(Declaration(jurisdiction="CH", setting="education"))
    (('jurisdiction', 'CH'), ('setting', 'education'))
    """
    return tuple((name, text) for name, text in asdict(declaration).items() if text is not None)
