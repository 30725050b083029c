"""Whether expressions in single pictures may be read."""

from __future__ import annotations

from classroom_fer.errors import PolicyError
from classroom_fer.settings.config import Config
from classroom_fer.settings.declaration import check_allowed


def check_pictures_allowed(settings: Config) -> None:
    """Nothing, if pictures may be read. PolicyError if what was declared, or the profile, forbids it."""
    check_allowed(settings.declaration, settings.profile)
    if not settings.infers:
        raise PolicyError(
            "the profile presence infers nothing, and pictures have nothing else to tell",
            hint="name another settings file with --config, if the law and your declaration allow it",
        )
