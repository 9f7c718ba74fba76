"""Works on the next thing while the last one is being used: a piece of a document is parsed while another is turned
into blocks for COPY, and these while others are sent. All of it leaves Python's lock alone."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

T = TypeVar("T")
AHEAD = 2
_END = object()


@contextmanager
def read_ahead(items: Iterable[T], most: int = AHEAD) -> Iterator[Iterator[T]]:
    """Iterate over ``items`` up to ``most`` ahead in a thread, which is over when the context is; a list is taken as it
    is."""
    if isinstance(items, list):
        yield iter(items)
        return
    ready: queue.Queue[Any] = queue.Queue(most)
    stopped = threading.Event()

    def put(item: Any) -> bool:
        while not stopped.is_set():
            try:
                ready.put(item, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def read() -> None:
        try:
            for item in items:
                if not put((item, None)):
                    return
            put((_END, None))
        except BaseException as error:  # raised again in the reader's own thread
            put((_END, error))

    thread = threading.Thread(target=read, name="work ahead", daemon=True)
    thread.start()
    try:
        yield _taken(ready)
    finally:
        stopped.set()
        thread.join()


def _taken(ready: queue.Queue[Any]) -> Iterator[Any]:
    while True:
        item, error = ready.get()
        if error is not None:
            raise error
        if item is _END:
            return
        yield item
