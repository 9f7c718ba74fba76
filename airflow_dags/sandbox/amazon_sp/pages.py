"""Lists that are answered page by page: only what a page shows is written out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any


class Answers(Sequence[Any]):
    """Records as the API shows them, each made when it is looked at."""

    def __init__(self, records: Sequence[Any], answer: Callable[[Any], Any]) -> None:
        self._records, self._answer = records, answer

    def __len__(self) -> int:
        return len(self._records)

    def __getitem__(self, place: Any) -> Any:
        found = self._records[place]
        return [self._answer(one) for one in found] if isinstance(place, slice) else self._answer(found)
