"""Names are cut between what a reader sees as characters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom_fer.text.graphemes import beginning, clusters, is_emoji_sequence, shortened

PARTS = ["👩🏽‍🏫", "🇨🇭", "1️⃣", "क्ष", "e\u0301", "நி", "한", "a", " ", "🏴󠁧󠁢󠁳󠁣󠁴󠁿"]


@given(st.lists(st.sampled_from(PARTS), max_size=12), st.integers(1, 40))
def test_a_shortened_name_is_whole_clusters_and_an_ellipsis(parts: list[str], limit: int) -> None:
    text = "".join(parts)
    short = shortened(text, limit)
    assert len(short) <= limit
    if short != text:
        kept = clusters(short.removesuffix("…"))
        assert short.endswith("…") and kept == clusters(text)[: len(kept)]


@given(st.text(), st.integers(0, 30))
def test_a_beginning_ends_at_the_last_boundary_within_the_limit(text: str, limit: int) -> None:
    start = beginning(text, limit)
    rest = clusters(text)[len(clusters(start)) :]
    assert start + "".join(rest) == text
    assert len(start) <= limit < len(start) + len(rest[0]) if rest else start == text


@pytest.mark.parametrize("cluster", ["👩🏽‍🏫", "👨‍👩‍👧", "🇨🇭", "1️⃣", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "👍🏿"])
def test_emoji_of_several_code_points_are_known(cluster: str) -> None:
    assert clusters(cluster) == [cluster] and is_emoji_sequence(cluster)


@pytest.mark.parametrize("cluster", ["✔️", "↔︎", "🎉", "क्ष", "e\u0301", "1", "\U0001f1e8"])
def test_single_code_points_and_letters_are_no_sequences(cluster: str) -> None:
    assert not is_emoji_sequence(cluster)
