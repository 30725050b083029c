"""What ``classroom-fer web`` and ``live`` do: listen, say where, and serve."""

from __future__ import annotations

import socket
import threading
import webbrowser
from collections.abc import Callable

from classroom_fer.commands.live import LiveOptions
from classroom_fer.commands.settings import own_file
from classroom_fer.commands.web import ServeOptions, WebOptions
from classroom_fer.pictures.permission import check_pictures_allowed
from classroom_fer.settings.config import load_config
from classroom_fer.terminal import say, show
from classroom_fer.web import assets
from classroom_fer.web.access import Access, is_loopback, new_token
from classroom_fer.web.app import Shown, build_app, build_live_app
from classroom_fer.web.certificate import certificate_of
from classroom_fer.web.drops import Drops
from classroom_fer.web.films import Films
from classroom_fer.web.server import App, listen, serve, settings

Browse = Callable[[str], object]
ALL_LESSONS = "whoever has the token sees every lesson"


def run(options: WebOptions, browse: Browse = webbrowser.open) -> None:
    """Serves until Ctrl+C. WebError if it cannot, ConfigError for a wrong setting."""
    file = options.config or own_file()
    config = load_config(file, {})
    films = Films(tuple(options.root))
    assets.address(assets.PLOTLY)
    drops = Drops(options.db)
    shown = Shown(options.db, config, films, shared=not is_loopback(options.host), config=file, drops=drops)
    threading.Thread(target=assets.asset, args=(assets.PLOTLY,), daemon=True).start()
    try:
        _serve(lambda access: build_app(shown, access), options, ALL_LESSONS, browse)
    finally:
        drops.close()


def run_live(options: LiveOptions, browse: Browse = webbrowser.open) -> None:
    """The page of the camera alone, until Ctrl+C. PolicyError where nothing may be inferred; else as ``run``."""
    config = load_config(options.config or own_file(), {})
    check_pictures_allowed(config)
    _serve(lambda access: build_live_app(config, access), options, "it needs the token", browse)


def _serve(build: Callable[[Access], App], options: ServeOptions, who: str, browse: Browse) -> None:
    tls = certificate_of(options.certificate, options.key)
    listening = listen(options.host, options.port)
    port = int(listening.getsockname()[1])
    access = Access(
        port, options.host, options.token or new_token(), scheme="https" if tls else "http",
        machine=socket.gethostname(),
    )  # fmt: skip
    serving = settings(build(access), tls)
    show(f"open: {access.address}")
    if not is_loopback(options.host):
        say(f"note: other machines can reach this page at port {port}; {who}")
        if tls is None:
            say("note: the connection is not encrypted, so browsers there give no camera: --certificate, --key")
    say("press Ctrl+C to end")
    if not options.no_browser:
        browse(access.address)
    serve(serving, listening)
