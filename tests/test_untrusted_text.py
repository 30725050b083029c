"""S12: names, declarations and settings are other people's words. Wherever they arrive they stay words."""

from __future__ import annotations

import dataclasses
import io
import itertools
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pikepdf
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from report import printed, samples

from classroom_fer.lesson.records import Declaration, SessionResult, StoredSession, Task
from classroom_fer.store.columns import plain
from classroom_fer.store.store import SqlStore, open_store
from classroom_fer.terminal import escaped

ATTACKS = (
    "<script>alert(1)</script>", "</style><img src=http://evil.example/x.png onerror=alert(1)>", "'\"><svg onload=a()>",
    "{{ 7*7 }}{% include '/etc/passwd' %}", "'; DROP TABLE face; --", "\" OR 1=1 --", "=HYPERLINK(\"http://x\")",
    "\x1b]0;owned\x07\x1b[2J", "a\r\nSet-Cookie: b", "\u202egnp.exe", "url(file:///etc/passwd)", "@import 'http://x'",
    "\x00\ud800\ufffe", "&lt;b&gt;&amp;#x3c;", "../../etc/passwd", "%s%n{0}{x!r}", "$\\frac{1}{2}$ $x$", "]]><!--",
)  # fmt: skip
WORDS = st.sampled_from(ATTACKS) | st.text(max_size=30) | st.text(alphabet="<>&'\"{}%$\\;=-/ \n\x1babc", max_size=30)


class Shape(HTMLParser):
    """Which elements and attributes a page has, and its words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def renamed(sample: samples.Sample, words: list[str]) -> samples.Sample:
    """The sample with these words wherever a person's words reach the report."""
    session, result = sample
    each = itertools.cycle(words)
    names = {task.name: f"{number} {next(each)}" for number, task in enumerate(session.tasks)}

    def task(one: Task) -> Task:
        return dataclasses.replace(one, name=names[one.name])

    start = dataclasses.replace(
        session.start,
        video_name=f"{next(each)}.mp4",
        declaration=Declaration(*(next(each) for _ in range(5))),
        versions={next(each): next(each)},
        settings=session.start.settings | {"rules": with_a_named_set(session.start.settings["rules"], next(each))},
    )
    tasks = tuple(dataclasses.replace(one, task=task(one.task)) for one in result.tasks)
    bins = tuple(dataclasses.replace(b, task=names.get(b.task) if b.task else None) for b in result.bins)
    pairs = tuple(dataclasses.replace(c, first=names[c.first], second=names[c.second]) for c in result.comparisons)
    return (
        dataclasses.replace(session, start=start, tasks=tuple(map(task, session.tasks))),
        dataclasses.replace(result, tasks=tasks, bins=bins, comparisons=pairs),
    )


def with_a_named_set(rules: dict[str, Any], name: str) -> dict[str, Any]:
    """Rules by which a set of weights with this name is in use, as a settings file may have one."""
    sets = rules["weight_sets"]
    return rules | {"weight_set": name, "weight_sets": sets | {name: sets[rules["weight_set"]]}}


def page_of(sample: tuple[StoredSession, SessionResult]) -> str:
    """With the appendix, which prints every setting."""
    return printed.renderer(appendix=True).render_html(*sample)


@cache
def usual() -> Shape:
    return Shape(page_of(renamed(samples.clear_effect(), ["word"])))


@settings(max_examples=6)
@given(st.lists(WORDS, min_size=6, max_size=12))
def test_words_never_become_elements_of_the_page(words: list[str]) -> None:
    shape = Shape(page_of(renamed(samples.clear_effect(), words)))
    assert shape.elements <= usual().elements
    assert shape.attributes <= usual().attributes


def test_every_attack_at_once_is_printed_as_words_and_nothing_is_fetched() -> None:
    page = page_of(renamed(samples.twelve_tasks(), list(ATTACKS)))
    shape = Shape(page)
    assert shape.elements.isdisjoint({"script", "iframe", "object", "link"})
    assert not [name for name in shape.attributes if name.startswith("on")]
    assert "<script>alert(1)</script>" in "".join(shape.text)
    assert "{{ 7*7 }}" in "".join(shape.text), "a template in a name is not run"
    with pikepdf.open(io.BytesIO(printed.renderer().pdf(page))) as pdf:
        kinds = {str(obj.get("/S")) for obj in pdf.objects if isinstance(obj, pikepdf.Dictionary) and "/S" in obj}
        assert kinds.isdisjoint({"/URI", "/JavaScript", "/Launch", "/SubmitForm", "/GoToR"})


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    with open_store(tmp_path_factory.mktemp("words") / "l.sqlite") as opened:
        yield opened


@settings(max_examples=25)
@given(st.lists(WORDS, min_size=9, max_size=9))
@example(["\x00\ud800"] * 9)
def test_words_are_stored_as_words(store: SqlStore, words: list[str]) -> None:
    session, _ = samples.clear_effect()
    tasks = tuple(Task(f"{n} {word}", 10.0 * n, 10.0 * n + 10) for n, word in enumerate(words[:3]))
    start = dataclasses.replace(session.start, video_name=words[3], declaration=Declaration(*words[4:]))
    stored = store.begin_session(start, tasks)
    store.record(words[0], stored.session_id, {words[1]: words[2]})
    assert store.verify_audit() == []
    assert stored.start.video_name == plain(words[3])
    assert dataclasses.astuple(stored.start.declaration) == tuple(map(plain, words[4:]))
    assert [task.name for task in stored.tasks] == [plain(f"{n} {word}") for n, word in enumerate(words[:3])]
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM v_face").scalar_one() == 0


@given(WORDS)
def test_no_word_reaches_a_terminal_as_a_command(word: str) -> None:
    shown = escaped(word)
    assert not [c for c in shown if c != "\n" and unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}]
    assert not re.search("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]", shown), "no hidden direction"
    assert not re.search(r"[\x80-\x9f]", shown)
