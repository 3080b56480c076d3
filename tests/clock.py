"""The day on which the run began, for tests that count from today.

A module that takes "today" when it is imported would fail in a run that passes midnight, so it
takes :data:`TODAY` and asks for the fixture ``noon``: its tests then work at noon of that day.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, datetime, time

import pytest
import time_machine

from rota.calendar import LONDON, london_today

#: handed to the processes of a parallel run, which must collect the same tests
TODAY = date.fromisoformat(os.environ.setdefault("TESTS_BEGAN_ON", london_today().isoformat()))


@pytest.fixture(scope="module")
def noon() -> Iterator[None]:
    """The clock goes on from noon of :data:`TODAY`, for this process only."""
    with time_machine.travel(datetime.combine(TODAY, time(12), LONDON), tick=True):
        yield
