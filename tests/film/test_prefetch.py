"""Reading ahead changes nothing but what waits for what."""

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest

from classroom_fer.film.prefetch import prefetched

PATIENCE_S = 300.0
"""For what comes at once unless it never comes."""


class Item:
    """Something a weak reference can watch."""


def prefetch_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "prefetch"]


def test_items_come_in_order_and_all() -> None:
    assert list(prefetched(iter(range(1000)), depth=3)) == list(range(1000))
    assert list(prefetched(iter([]))) == []
    assert prefetch_threads() == []


def test_the_error_comes_after_the_items_before_it() -> None:
    def failing() -> Iterator[int]:
        yield 1
        yield 2
        raise KeyError("third")

    got: list[int] = []
    with pytest.raises(KeyError, match="third"):
        for item in prefetched(failing()):
            got.append(item)
    assert got == [1, 2]
    assert prefetch_threads() == []


def test_never_more_than_depth_and_two_items_ahead() -> None:
    made: list[int] = []
    full = threading.Event()

    def counted() -> Iterator[int]:
        for number in range(50):
            made.append(number)
            if number == 3:
                full.set()
            yield number

    for taken, _ in enumerate(prefetched(counted(), depth=2), start=1):
        assert full.wait(PATIENCE_S), "it reads ahead while the first item is in use"
        assert len(made) <= taken + 2 + 1  # given, queued, and one in the thread's hand


def test_closing_early_stops_the_thread_and_closes_the_source() -> None:
    closed = threading.Event()

    def endless() -> Iterator[int]:
        try:
            number = 0
            while True:
                yield number
                number += 1
        finally:
            closed.set()

    items = prefetched(endless())
    assert next(items) == 0
    items.close()  # type: ignore[attr-defined]
    assert closed.is_set()
    assert prefetch_threads() == []


def test_the_source_is_closed_by_its_thread_whatever_ends_it() -> None:
    class Source:
        closed_in = ""

        def __iter__(self) -> "Source":
            return self

        def __next__(self) -> int:
            raise KeyError("first")

        def close(self) -> None:
            self.closed_in = threading.current_thread().name

    source = Source()
    with pytest.raises(KeyError, match="first"):
        list(prefetched(source))
    assert source.closed_in == "prefetch"


def test_nothing_starts_before_the_first_item_is_asked_for() -> None:
    items = prefetched(iter([1]))
    assert prefetch_threads() == []
    del items


def test_no_item_stays_alive_after_the_consumer_is_done() -> None:
    watched: list[weakref.ref[Item]] = []

    def made() -> Iterator[Item]:
        for _ in range(5):
            item = Item()
            watched.append(weakref.ref(item))
            yield item
            del item

    for item in prefetched(made()):
        del item
    gc.collect()
    assert [ref() for ref in watched] == [None] * 5


def test_the_next_item_is_made_while_the_consumer_has_the_one_before() -> None:
    made = threading.Event()

    def two() -> Iterator[int]:
        yield 1
        made.set()
        yield 2

    for item in prefetched(two()):
        assert made.wait(PATIENCE_S), f"not while item {item} is in use"


def test_depth_must_be_positive() -> None:
    with pytest.raises(ValueError, match="depth"):
        prefetched(iter([1]), depth=0)
