"""What ``classroom-fer aggregate`` does: the pure half again on a stored session."""

from __future__ import annotations

import json
from pathlib import Path

from classroom_fer import analysis
from classroom_fer.commands import summary
from classroom_fer.commands.aggregate import AggregateOptions
from classroom_fer.commands.settings import settings_for_stored
from classroom_fer.session_choice import find_session
from classroom_fer.store.store import open_store
from classroom_fer.terminal import show, user_errors


def run(options: AggregateOptions) -> None:
    """Computes the results again, stores and shows them."""
    with user_errors():
        with open_store(options.db, create=False) as store, store.exclusive():
            stored = find_session(options.session, store.sessions())
            settings = settings_for_stored(options.config, {"weights": options.weights}, stored.start.settings)
            outcome = analysis.aggregate(stored, options.tasks, settings, store, options.tier)
        film = Path(stored.start.video_name)
        if options.as_json:
            show(json.dumps(summary.as_json(film, outcome, store.where), indent=2))
            return
        for line in summary.lines(film, outcome, store.where):
            show(line)
        show(f"  the PDF still shows the former values: classroom-fer report {stored.session_id}")
