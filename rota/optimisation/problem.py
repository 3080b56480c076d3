"""The rostering problem as plain values: who, what, when, how many, and what each costs.

General enough for a published benchmark file and for a care home. Days are counted from
0; days before ``first_open_day`` are history: they are fixed, count for runs and rests,
and carry no cover. Prices are whole numbers of one currency unit (pence in a home).

A *duty* is what one person can be given on one day: a shift type, in a home a shift type
on a unit. A *demand* is a number of people wanted on one day; it names the duties (and,
if it is limited to some, the grades) that count towards it, so one assignment may serve
several demands (a senior counts as a senior and as a pair of hands).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing a person can do on a day; ``not_next_day`` are duty indexes barred the day after."""

    code: str
    minutes: int
    not_next_day: frozenset[int] = frozenset()
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """One person's limits. All are hard except the prices of time under and over contract.

    ``maximum`` gives the most assignments by duty index; a duty that is absent is one the
    person cannot do. ``days_off`` and ``barred`` (day, duty) are days and duties they cannot
    have, ``fixed`` (day, duty) ones they must have. Total minutes lie in
    ``min_minutes..max_minutes``. Runs and days off shorter than their minimum are allowed
    where they touch the first or the last day (they may continue outside); ``max_run``
    counts from the first day. A weekend counts when either of its days is worked.
    """

    code: str
    maximum: Mapping[int, int]
    min_minutes: int
    max_minutes: int
    max_run: int
    min_run: int = 1
    min_days_off: int = 1
    max_weekends: int = 10_000
    days_off: frozenset[int] = frozenset()
    barred: frozenset[tuple[int, int]] = frozenset()
    fixed: Mapping[int, int] = field(default_factory=dict)
    grade: str = ""
    contract_minutes: int = 0
    under_price: int = 0  #: per minute below ``contract_minutes``
    over_price: int = 0  #: per minute above ``contract_minutes``
    duty_price: Mapping[int, int] = field(default_factory=dict)  #: per assignment


@dataclass(frozen=True, slots=True)
class Request:
    """``weight`` is paid when a wanted duty is not given, or an unwanted one is."""

    person: int
    day: int
    duty: int
    weight: int
    wanted: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A source that fills a shortage: up to ``limit`` places (None: any number) at ``price`` each."""

    price: int
    limit: int | None = None
    source: str = "unfilled"


@dataclass(frozen=True, slots=True)
class Demand:
    """``required`` people on ``day``. Shortage is bought step by step, cheapest first
    (agency, then unfilled); the last step has no limit. Each one over costs ``over_price``.
    """

    day: int
    name: str
    required: int
    duties: frozenset[int]
    shortage: tuple[Step, ...]
    over_price: int = 0
    grades: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Supply:
    """A limit that a source has over several demands together (an agency's cap of a week).

    ``minutes`` says how long one place lasts, by demand number: the places that the demand's
    steps of that ``source`` fill. What they take beyond ``limit`` minutes costs ``beyond``
    for each minute on top (a place that the source cannot fill is a gap after all).
    """

    source: str
    limit: int
    beyond: int
    minutes: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Problem:
    """All days, people and demands that are decided together."""

    days: int
    duties: tuple[Duty, ...]
    people: tuple[Person, ...]
    demands: tuple[Demand, ...]
    requests: tuple[Request, ...] = ()
    supplies: tuple[Supply, ...] = ()  #: no demand is in two of them
    weekends: tuple[frozenset[int], ...] = ()  #: the days of each weekend
    first_open_day: int = 0
    name: str = ""


#: a roster: for each person a tuple over days of duty index, or OFF
OFF = -1
Roster = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop. ``work`` is a number of improvement steps: same seed, threads=1 and
    work give the same answer whatever the machine's speed."""

    seconds: float = 30.0
    threads: int = 2
    seed: int = 1
    work: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """What is known at a moment: best cost, valid bound (None: none yet), what is going on."""

    seconds: float
    cost: int | None
    lower_bound: int | None
    phase: str


@dataclass(frozen=True, slots=True)
class Solution:
    """The best roster found. ``status``: optimal, feasible, infeasible, cancelled or no_roster."""

    status: str
    roster: Roster | None
    cost: int | None
    lower_bound: int | None
    seconds: float
    cpu_seconds: float
    trace: tuple[Progress, ...] = ()
    message: str = ""

    @property
    def gap(self) -> float | None:
        """(cost − bound) ÷ cost, or None when either is unknown."""
        if self.cost is None or self.lower_bound is None:
            return None
        if self.cost == self.lower_bound:
            return 0.0
        return (self.cost - self.lower_bound) / abs(self.cost) if self.cost else None
