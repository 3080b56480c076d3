"""How the site answered, kept by day: what the monthly report says of uptime and speed.

Two sources, both of them measured and neither in debug mode. The worker asks the site for itself
every minute by its public address; the web processes count how long pages and callbacks took and
write their counts down about once a minute (a process that is killed loses its last minute).
"""

from __future__ import annotations

import ssl
import time
import urllib.request
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from threading import Lock

import structlog
from sqlalchemy import Engine, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from rota.calendar import london_today
from rota.models import ServiceCount
from rota.portable_sql import month_start
from rota.settings import Settings

log = structlog.get_logger(__name__)

CHECKS, ANSWERED, FAILED = "checks", "checks_answered", "failed"
#: upper bounds of the times that are told apart, in milliseconds
BOUNDS = (25, 50, 100, 200, 400, 800, 1500, 3000, 8000)
_LONGER = 30_000
_WITHIN = {f"within_{bound}": bound for bound in (*BOUNDS, _LONGER)}
_CHECK_SECONDS = 10
_WRITE_EVERY = 60.0


@dataclass(frozen=True, slots=True)
class ServiceFigures:
    """What was measured in a period; shares and times are null where nothing was."""

    checks: int = 0
    answered: int = 0
    answers: int = 0
    failed: int = 0
    median_ms: int | None = None
    slow_ms: int | None = None

    @property
    def uptime(self) -> float | None:
        """Checks that were answered ÷ checks."""
        return self.answered / self.checks if self.checks else None


def service_by_month(
    session: Session, first: date, last: date
) -> defaultdict[date, ServiceFigures]:
    """How the site answered in each month (by its first day) of a span. One statement.

    ``median_ms`` and ``slow_ms`` are the bounds within which a half and 95 of 100 pages and
    callbacks were answered.
    """
    month = month_start(ServiceCount.day)
    counts: defaultdict[date, dict[str, int]] = defaultdict(dict)
    for first_day, name, value in session.execute(
        select(month, ServiceCount.name, func.sum(ServiceCount.value))
        .where(ServiceCount.day.between(first, last))
        .group_by(month, ServiceCount.name)
    ):
        counts[first_day][name] = int(value)
    found: defaultdict[date, ServiceFigures] = defaultdict(ServiceFigures)
    found.update({first_day: _figures(named) for first_day, named in counts.items()})
    return found


def _figures(named: Mapping[str, int]) -> ServiceFigures:
    times = [(bound, named.get(name, 0)) for name, bound in _WITHIN.items()]
    return ServiceFigures(
        checks=named.get(CHECKS, 0),
        answered=named.get(ANSWERED, 0),
        answers=sum(count for _, count in times),
        failed=named.get(FAILED, 0),
        median_ms=_bound_of(times, 0.5),
        slow_ms=_bound_of(times, 0.95),
    )


def _bound_of(times: list[tuple[int, int]], share: float) -> int | None:
    wanted = share * sum(count for _, count in times)
    if not wanted:
        return None
    reached = 0
    for bound, count in times:
        reached += count
        if reached >= wanted:
            return bound
    return _LONGER


def add_counts(engine: Engine, day: date, counts: Mapping[str, int]) -> None:
    """Add to what is on record of a day, whoever else adds at the same time."""
    for name, count in sorted(counts.items()):
        add = (
            update(ServiceCount)
            .where(ServiceCount.day == day, ServiceCount.name == name)
            .values(value=ServiceCount.value + count)
        )
        try:
            with engine.execution_options(rota_writes=True).begin() as connection:
                if not connection.execute(add).rowcount:
                    connection.execute(insert(ServiceCount).values(day=day, name=name, value=count))
        except IntegrityError:  # another process wrote the day's first count meanwhile
            with engine.execution_options(rota_writes=True).begin() as connection:
                connection.execute(add)


def check_site(engine: Engine, settings: Settings) -> bool | None:
    """Ask the site for itself and write down whether it answered; null where nothing is measured
    (debug mode, or no address)."""
    url = settings.site_url.rstrip("/")
    if settings.debug or not url.startswith(("http://", "https://")):
        return None
    try:
        with urllib.request.urlopen(  # noqa: S310 - the scheme was looked at above
            f"{url}/health/ready/", timeout=_CHECK_SECONDS, context=_any_certificate()
        ) as answer:
            is_there = bool(answer.status == 200)
    except OSError:  # no connection, no answer in time, or one that says no
        is_there = False
    add_counts(engine, london_today(), {CHECKS: 1, ANSWERED: int(is_there)})
    return is_there


def _any_certificate() -> ssl.SSLContext:
    """Whether the site answers is asked, not who it is: the certificate of a new installation is
    its own, and nothing secret is sent."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class AnswerTimes:
    """What one web process counted since it last wrote its counts down."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[tuple[date, str]] = Counter()
        self._written = time.monotonic()

    def note(self, seconds: float, *, failed: bool) -> None:
        """Count one answer."""
        names = list(_WITHIN)
        name = names[min(bisect_left(BOUNDS, seconds * 1000), len(names) - 1)]
        today = london_today()
        with self._lock:
            self._counts[today, name] += 1
            self._counts[today, FAILED] += failed

    def is_due(self) -> bool:
        """Whether it is time to write."""
        return time.monotonic() - self._written >= _WRITE_EVERY

    def write(self, engine: Engine) -> None:
        """Write the counts down and begin anew; without a database they are lost."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
            self._written = time.monotonic()
        try:
            for day in {day for day, _ in counts}:
                add_counts(engine, day, {n: c for (d, n), c in counts.items() if d == day and c})
        except Exception:  # counting must not cost anybody their page
            log.warning("answer times not written")
