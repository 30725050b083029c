"""What every page has: its language, its look, its frame; and how a template becomes an answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, Response

from classroom_fer.report.formatting import clock
from classroom_fer.report.isolation import direction_of, isolated, names_isolated
from classroom_fer.settings.languages import LANGUAGES
from classroom_fer.web.assets import address, folder
from classroom_fer.web.texts import AppWording

LANG, THEME = "lang", "theme"
"""Cookies; the script of the page writes the second one."""
THEMES = ("light", "dark")
PLACES = (
    ("/", "app_lessons"), ("/analyse", "app_analyse"), ("/picture", "app_picture"), ("/live", "app_live"),
    ("/training", "app_training"),
)  # fmt: skip
"""The navigation."""
FRAGMENT = "x-fragment"
"""A header by which a script asks for the inside of a page."""
YEAR_S = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the navigation."""

    path: str
    text: str
    current: bool


@cache
def wording(code: str) -> AppWording:
    """The words of a language, read once."""
    return AppWording(code)


@cache
def environment() -> jinja2.Environment:
    """Our own templates; everything in them is escaped."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder()),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters |= {"names": names_isolated, "isolated": isolated, "direction": direction_of, "data": embedded}
    env.globals |= {"asset": address, "clock": clock}
    return env


def embedded(value: Any) -> Markup:
    """JSON inside of an element of a page: nothing in it can end the element."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def language_of(request: HTTPConnection) -> str:
    """The language that was chosen, else the first of the browser's that there is, else English."""
    for chosen in (request.query_params.get(LANG), request.cookies.get(LANG)):
        if chosen is not None and chosen in LANGUAGES:
            return chosen
    for wanted in request.headers.get("accept-language", "").split(","):
        code = wanted.partition(";")[0].strip().lower().partition("-")[0]
        if code in LANGUAGES:
            return code
    return "en"


def page(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """A page in the reader's language."""
    code = language_of(request)
    theme = request.cookies.get(THEME)
    say = wording(code)
    links = [Link(path, say(key), request.url.path == path) for path, key in request.app.state.places]
    text = environment().get_template(template).render(
        say=say, lang=code, direction=say.language.direction, theme=theme if theme in THEMES else "", links=links,
        fragment=FRAGMENT in request.headers,
        languages=[(known.code, known.name, str(request.url.include_query_params(lang=known.code).query))
                   for known in LANGUAGES.values()], **values,
    )  # fmt: skip
    answer = HTMLResponse(text, status_code=status)
    if request.query_params.get(LANG) == code:
        answer.set_cookie(LANG, code, max_age=YEAR_S, samesite="strict", httponly=True)
    return answer


def words(request: HTTPConnection) -> AppWording:
    """The words of the reader's language."""
    return wording(language_of(request))
