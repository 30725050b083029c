"""Reads ahead in a thread, so that decoding overlaps with detection."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import TypeVar

T = TypeVar("T")


class _End:
    """Marks the end of the items; carries the error that ended them, if any."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def prefetched(items: Iterator[T], depth: int = 2) -> Iterator[T]:
    """The same items in the same order, up to ``depth`` of them fetched ahead by a thread.

    An error of ``items`` is raised where it would have been. ``items`` is closed in its thread whatever ends it;
    closing the generator early stops the thread and waits for both. Nothing starts before the first item is asked for.
    """
    if depth < 1:
        raise ValueError(f"depth must be at least 1, not {depth}")
    return _consume(items, depth)


def _consume(items: Iterator[T], depth: int) -> Iterator[T]:
    ahead: queue.Queue[T | _End] = queue.Queue(depth)
    stopped = threading.Event()
    thread = threading.Thread(target=_fetch, args=(items, ahead, stopped), name="prefetch", daemon=True)
    thread.start()
    try:
        while not isinstance(item := ahead.get(), _End):
            yield item
            del item  # else this frame would live until the next one is asked for
        if item.error is not None:
            raise item.error
    finally:
        stopped.set()
        while thread.is_alive():
            _drop_one(ahead)
            thread.join(timeout=0.01)


def _fetch(items: Iterator[T], ahead: queue.Queue[T | _End], stopped: threading.Event) -> None:
    error: BaseException | None = None
    try:
        for item in items:
            ahead.put(item)
            del item
            if stopped.is_set():
                break
    except BaseException as caught:  # noqa: BLE001 - handed to the consumer, which raises it
        error = caught
    finally:
        try:
            if (close := getattr(items, "close", None)) is not None:
                close()
        except BaseException as caught:  # noqa: BLE001 - as above
            error = error or caught
        ahead.put(_End(error))


def _drop_one(ahead: queue.Queue[T | _End]) -> None:
    try:
        ahead.get_nowait()
    except queue.Empty:
        return
