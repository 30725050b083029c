"""``classroom-fer live``: the page of the live camera, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from classroom_fer.commands.option_records import takes
from classroom_fer.commands.web import PortOption, ServeOptions, extra_needed
from classroom_fer.terminal import user_errors

PORT = 8502
"""Beside ``web``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveOptions(ServeOptions):
    """What ``live`` is given."""

    port: PortOption = PORT


@takes(LiveOptions)
def live(options: LiveOptions) -> None:
    """Try the model on yourself: your camera in the browser, with boxes, direction and expression group; no recording.

    The same page as "Live camera" of `classroom-fer web`, without a database. Browsers give cameras to secure pages
    only: from another machine (--host) it needs --certificate and --key. Ctrl+C ends it.

    Examples:

      classroom-fer live

      classroom-fer live --host 192.168.1.20 --certificate desk.pem --key desk.key
    """
    with user_errors(), extra_needed():
        from classroom_fer.commands.web_server import run_live

        run_live(options)
