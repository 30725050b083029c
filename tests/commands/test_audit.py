"""``audit list`` and ``audit verify``."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from in_process import invoke

from classroom_fer.store.store import open_store


def recorded(folder: Path) -> Path:
    path = folder / "classroom-fer.sqlite"
    with open_store(path) as store:
        for number in range(3):
            store.record("export", number, {"format": "csv", "sha": "a" * 64})
    return path


def test_a_whole_chain_is_listed_and_verified(tmp_path: Path) -> None:
    recorded(tmp_path)
    listed = json.loads(invoke(tmp_path, "audit", "list", "--json").stdout)
    assert [(e["id"], e["action"], e["session_id"]) for e in listed] == [(n + 1, "export", n) for n in range(3)]
    assert "session 2" in invoke(tmp_path, "audit", "list").stdout
    done = invoke(tmp_path, "audit", "verify")
    assert done.exit_code == 0
    assert "3 entries, the chain is whole" in done.stdout
    assert listed[-1]["sha256"] in done.stdout


def test_a_changed_row_is_named(tmp_path: Path) -> None:
    path = recorded(tmp_path)
    connection = sqlite3.connect(path)
    connection.executescript("DROP TRIGGER audit_no_update; UPDATE audit SET details = 'x' WHERE audit_id = 2")
    connection.close()
    done = invoke(tmp_path, "audit", "verify")
    assert done.exit_code == 1
    assert "entry 2: it was changed" in done.stdout
    assert "BROKEN" in done.stdout
    told = json.loads(invoke(tmp_path, "audit", "verify", "--json").stdout)
    assert told["broken"] == [{"id": 2, "problem": "it was changed"}]
    assert json.loads(invoke(tmp_path, "audit", "list", "--json").stdout)[1]["details"] == {"text": "x"}


def test_a_chain_that_was_rewritten_as_a_whole_lacks_the_hash_that_was_noted(tmp_path: Path) -> None:
    path = recorded(tmp_path)
    noted = json.loads(invoke(tmp_path, "audit", "verify", "--json").stdout)["hash"]
    assert invoke(tmp_path, "audit", "verify", "--contains", noted[:12]).exit_code == 0
    path.unlink()
    recorded(tmp_path)
    done = invoke(tmp_path, "audit", "verify", "--contains", noted)
    assert done.exit_code == 1
    assert "no entry has the hash" in done.stdout
    assert invoke(tmp_path, "audit", "verify", "--contains", "abc").exit_code == 2
