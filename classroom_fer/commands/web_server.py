"""What ``classroom-fer web`` does: listens, says where, and serves."""

from __future__ import annotations

import socket
import threading
import webbrowser
from collections.abc import Callable

from classroom_fer.commands.settings import own_file
from classroom_fer.commands.web import WebOptions
from classroom_fer.settings.config import load_config
from classroom_fer.terminal import say, show
from classroom_fer.web import assets
from classroom_fer.web.access import Access, is_loopback, new_token
from classroom_fer.web.app import Shown, build_app
from classroom_fer.web.films import Films
from classroom_fer.web.server import listen, serve


def run(options: WebOptions, browse: Callable[[str], object] = webbrowser.open) -> None:
    """Serves until Ctrl+C. WebError if it cannot, ConfigError for a wrong setting."""
    settings = load_config(options.config or own_file(), {})
    films = Films(tuple(options.root))
    assets.address(assets.PLOTLY)
    listening = listen(options.host, options.port)
    port = int(listening.getsockname()[1])
    access = Access(port, options.host, options.token or new_token(), machine=socket.gethostname())
    shared = not is_loopback(options.host)
    app = build_app(Shown(options.db, settings, films, shared), access)
    threading.Thread(target=assets.asset, args=(assets.PLOTLY,), daemon=True).start()
    show(f"open: {access.address}")
    if shared:
        say(f"note: other machines can reach this page at port {port}; whoever has the token sees every lesson")
    say("press Ctrl+C to end")
    if not options.no_browser:
        browse(access.address)
    serve(app, listening)
