"""The progress bar of the creation, in days of homes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(progress: bool | None, total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar in days of homes; nothing at all when it is not wanted."""
    if progress is None:
        progress = sys.stderr.isatty()
    if not progress:
        yield lambda days: None
        return
    from tqdm import tqdm

    with tqdm(total=total, desc="Creating the demo", unit="day", file=sys.stderr) as bar:

        def advance(days: int) -> None:
            bar.update(days)

        yield advance
