"""What made a session's numbers: complete, about nobody, and in words that fit its profile."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from report import samples

from classroom_fer.report.provenance import methods_paragraph, provenance
from classroom_fer.report.wording import Wording
from classroom_fer.settings.languages import LANGUAGES

SESSION = samples.clear_effect()[0]


def test_it_holds_every_hash_version_and_setting() -> None:
    told, start = provenance(SESSION, Wording("en")), SESSION.start
    assert told["film"]["sha256"] == start.video_sha256
    assert told["model"] == {"sha256": start.model_sha256, "card": start.settings["model"]}
    assert (told["observation_sha256"], told["settings_sha256"]) == (start.observation_sha256, start.settings_sha256)
    assert told["versions"] == start.versions
    assert told["settings"]["rules"] == start.settings["rules"]
    assert told["software"] == f"classroom-fer {start.versions['classroom-fer']}"
    assert json.loads(json.dumps(told)) == told


def test_the_paragraph_says_how_it_was_measured_and_what_it_is_not() -> None:
    start = SESSION.start
    said = methods_paragraph(SESSION, Wording("en")).replace("\N{NO-BREAK SPACE}", " ")
    for part in ("CenterFace", "a = 70 %", "sharma2019", "fewer than 5 faces", "not a validated scale",
                 start.model_sha256[:12], start.video_sha256[:12], start.settings_sha256[:12]):  # fmt: skip
        assert part in said


def test_of_counts_alone_no_index_and_no_expression_is_told() -> None:
    said = methods_paragraph(samples.presence()[0], Wording("en"))
    assert "no expression and no direction was inferred" in said
    assert "index" not in said and "network" not in said


def test_a_session_that_does_not_know_its_release_says_so() -> None:
    old = replace(SESSION, start=replace(SESSION.start, versions={}))
    assert provenance(old, Wording("en"))["software"] == "classroom-fer ?"


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_the_paragraph_with_the_same_hashes(code: str) -> None:
    said = methods_paragraph(SESSION, Wording(code))
    assert "{" not in said and SESSION.start.settings_sha256[:12] in said
    assert (code == "en") == (said == methods_paragraph(SESSION, Wording("en")))
