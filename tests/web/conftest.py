"""One database of made-up lessons for all of these tests, and the app on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from web.asgi import HOST, PORT, TOKEN, Answer, ask
from web.lessons import LESSONS, database

from classroom_fer.settings.config import Config, default_config
from classroom_fer.web.access import Access
from classroom_fer.web.app import Shown, build_app


@dataclass(frozen=True)
class Site:
    """The app, and a visitor who has the cookie."""

    app: Any
    access: Access
    db: Path
    numbers: Mapping[str, int]

    def get(self, address: str, **headers: str) -> Answer:
        cookie = f"{self.access.cookie}={self.access.cookie_value}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        also = named.pop("cookie", "")
        return ask(self.app, address, {"cookie": f"{cookie}; {also}", **named})

    def post(self, address: str, body: bytes, **headers: str) -> Answer:
        """As a script of our own page does."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        own = {"cookie": f"{self.access.cookie}={self.access.cookie_value}", "origin": f"http://{HOST}"}
        return ask(self.app, address, own | {"content-length": str(len(body))} | named, method="POST", body=body)

    def lesson(self, name: str, more: str = "") -> str:
        return f"/lessons/{self.numbers[name]}{more}"


@pytest.fixture(scope="session")
def sample_database(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, int]]:
    path = tmp_path_factory.mktemp("web") / "lessons.sqlite"
    return path, database(path, LESSONS)


@pytest.fixture(scope="session")
def site_of() -> Callable[..., Site]:
    def make(db: Path, numbers: Mapping[str, int] | None = None, settings: Config | None = None) -> Site:
        access = Access(PORT, token=TOKEN)
        return Site(build_app(Shown(str(db), settings or default_config()), access), access, db, numbers or {})

    return make


@pytest.fixture(scope="session")
def site(sample_database: tuple[Path, dict[str, int]], site_of: Callable[..., Site]) -> Site:
    return site_of(*sample_database)
