"""The shape of a rule of work: one named object, the same name on every screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from rota.calendar import Period, duration_text, short_day_text
from rota.rules.parameters import Limits, Parameters
from rota.rules.timeline import Timeline
from rota.rules.verdict import Severity, Verdict

Checker = Callable[[Timeline, Period, Parameters], list[Verdict]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of work.

    ``key`` is its name in data and code, ``title`` and ``statement`` its words on screen,
    ``basis`` where it comes from, ``severity`` the gravest verdict it gives.
    ``reach_days`` is how far from a changed shift the rule can newly speak, and
    ``reach_back_days`` how far before it where that is farther. A rule that
    sums up (``in_detail`` given) states its worst finding in :meth:`check`, and every
    finding in ``in_detail``, which is what a change is compared by. ``joins_runs`` says
    that its findings are runs of shifts, recognised by a shift they share.
    ``may_be_overruled`` marks the organisation's own rules, which a manager may set aside
    for one shift with a recorded reason; the law is not set aside.
    """

    key: str
    title: str
    statement: str
    basis: str
    severity: Severity
    checker: Checker
    reach_days: int = 0
    reach_back_days: int = 0
    in_detail: Checker | None = None
    joins_runs: bool = False
    may_be_overruled: bool = False

    def check(self, timeline: Timeline, period: Period, parameters: Parameters) -> list[Verdict]:
        """The verdicts about a person that concern rota days of a period."""
        return self.checker(timeline, period, parameters)

    def check_in_detail(
        self, timeline: Timeline, period: Period, parameters: Parameters
    ) -> list[Verdict]:
        """Every finding, also those that :meth:`check` sums up."""
        return (self.in_detail or self.checker)(timeline, period, parameters)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a shortfall of rest stands: lawful by exception, or not."""

    severity: Severity
    owed_minutes: int
    owed_by: date | None
    words: str
    arising_on: date | None = None


#: a shortfall nothing excuses
NOT_EXCUSED = Standing(Severity.BARRED, 0, None, "")


def standing_of(
    timeline: Timeline, rule: str, arising_on: date, shortfall: int, limits: Limits
) -> Standing:
    """Amber where the care exemption applies and compensatory rest is on record, else red.

    Source: Working Time Regulations 1998, regulations 21(b) (residential care) and 24
    (equivalent compensatory rest). ``shortfall`` is in minutes.
    """
    exempt = timeline.worker.care_exempt
    if not (limits.care_exempt if exempt is None else exempt):
        return NOT_EXCUSED
    amount = duration_text(shortfall)
    for entry in timeline.compensatory_rests:
        if (
            entry.rule == rule
            and entry.arising_on == arising_on
            and entry.owed_minutes >= shortfall
        ):
            state = (
                f"owed by {short_day_text(entry.due_on)}"
                if entry.taken_on is None
                else f"taken on {short_day_text(entry.taken_on)}"
            )
            words = f"; {amount} compensatory rest {state}"
            return Standing(Severity.WARNED, shortfall, entry.due_on, words, arising_on)
    due = arising_on + timedelta(days=limits.compensatory_due_days)
    words = f"; lawful only with {amount} compensatory rest on record, by {short_day_text(due)}"
    return Standing(Severity.BARRED, shortfall, due, words, arising_on)
