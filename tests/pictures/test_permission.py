"""Who may not infer from films may not from pictures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from classroom_fer.errors import PolicyError
from classroom_fer.lesson.records import Declaration
from classroom_fer.pictures.permission import check_pictures_allowed
from classroom_fer.settings.config import default_config


def test_nothing_declared_is_allowed() -> None:
    check_pictures_allowed(default_config())


@pytest.mark.parametrize(("changes", "said"), [
    ({"profile": "presence"}, "presence infers nothing"),
    ({"declaration": Declaration(jurisdiction="DE", setting="education")}, "prohibits"),
])  # fmt: skip
def test_a_declaration_or_a_profile_can_forbid_it(changes: dict[str, object], said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        check_pictures_allowed(replace(default_config(), **changes))  # type: ignore[arg-type]
