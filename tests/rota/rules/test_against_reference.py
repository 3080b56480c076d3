"""The fast checker says what the slow, obvious one says, on any timeline."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rota.calendar import Period, monday
from rota.rules import (
    DEFAULT_RULEBOOK,
    Absence,
    Change,
    CompensatoryRest,
    OptOut,
    ParameterRow,
    Rulebook,
    Timeline,
    Verdict,
    WorkedShift,
    Worker,
    check_change,
    check_timeline,
)
from tests.rota.rules import reference
from tests.rota.rules.build import shift

#: Mondays three weeks before nothing, before the clocks go forward, and before they go back
MONDAYS = [date(2026, 6, 1), date(2026, 3, 9), date(2026, 10, 5)]
DAYS = 35
KINDS: list[tuple[str, dict[str, object]]] = [
    ("08:00-20:00", {}),
    ("08:00-20:00", {"is_overtime": True}),
    ("07:45-20:15", {"break_minutes": 30}),
    ("20:00-08:00", {}),
    ("19:45-08:15", {"break_minutes": 15}),
    ("07:00-14:30", {"break_minutes": 0}),
    ("14:00-22:00", {"break_minutes": 20}),
    ("09:00-13:00", {"break_minutes": 0}),
    ("16:00-01:30", {}),
    ("06:00-21:30", {}),
    ("22:00-07:00", {"is_sleep_in": True, "break_minutes": 0}),
    ("22:00-07:00", {"is_sleep_in": True, "counts_as_working_time": False, "disturbed_minutes": 0}),
    (
        "22:00-07:00",
        {"is_sleep_in": True, "counts_as_working_time": False, "disturbed_minutes": 50},
    ),
]
RULES = (
    "double_booking", "daily_rest", "weekly_rest", "weekly_hours", "night_work", "breaks",
    "young_daily_hours", "young_weekly_hours", "young_daily_rest", "young_weekly_rest",
    "young_breaks", "young_nights", "consecutive_shifts", "sleep_in", "contracted_hours", "absence",
)  # fmt: skip

#: short reference periods, so that five weeks hold several of them
SHORT = DEFAULT_RULEBOOK.parameters.with_rows(
    [
        ParameterRow("weekly_reference_weeks", 2, date(1998, 10, 1), "SCA"),
        ParameterRow("weekly_reference_weeks", 3, date(1998, 10, 1), "OM"),
        ParameterRow("night_reference_weeks", 2, date(1998, 10, 1)),
        ParameterRow("weekly_settling_weeks", 1, date(1998, 10, 1)),
        # a threshold that changes in the middle of each timeline
        ParameterRow("daily_rest", 10 * 60, date(2026, 3, 24)),
        ParameterRow("daily_rest", 11 * 60, date(2026, 5, 1)),
        ParameterRow("daily_rest", 12 * 60, date(2026, 10, 20)),
    ]
)
RULEBOOK = replace(DEFAULT_RULEBOOK, parameters=SHORT).only(*RULES)


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    start = draw(st.sampled_from(MONDAYS))
    sparse = st.lists(st.integers(0, DAYS - 1), max_size=12)
    busy = st.builds(
        lambda run, off, extra: [day for day in range(run) if day not in off] + extra,
        st.integers(5, DAYS),
        st.sets(st.integers(0, DAYS - 1), max_size=6),
        st.lists(st.integers(0, DAYS - 1), max_size=3),
    )
    offsets = draw(st.one_of(sparse, busy, busy))
    usual = draw(st.sampled_from(KINDS))
    mixture = draw(st.sampled_from([[usual], [usual] * 8 + KINDS, KINDS]))
    shifts = []
    for number, offset in enumerate(sorted(offsets)):
        hours, fields = draw(st.sampled_from(mixture))
        shifts.append(shift(start + timedelta(days=offset), hours, id=number, **fields))
    shifts.sort(key=lambda entry: entry.start)

    def day() -> date:
        return start + timedelta(days=draw(st.integers(-3, DAYS)))

    absences = []
    for _ in range(draw(st.integers(0, 2))):
        first = day()
        absences.append(
            Absence(
                first,
                first + timedelta(days=draw(st.integers(0, 9))),
                draw(st.sampled_from(["annual leave", "sickness"])),
                is_excluded=draw(st.booleans()),
            )
        )
    agreements = []
    if draw(st.booleans()):
        signed = day()
        withdrawn = draw(st.none() | st.integers(0, 20).map(lambda n: signed + timedelta(days=n)))
        agreements.append(OptOut(signed, withdrawn))
    records = tuple(
        CompensatoryRest(
            draw(st.sampled_from(["daily_rest", "weekly_rest", "breaks", "night_work"])),
            draw(st.sampled_from([entry.date for entry in shifts] + [monday(start)])),
            draw(st.sampled_from([20, 120, 720, 1440])),
            day(),
        )
        for _ in range(draw(st.integers(0, 6)))
    )
    worker = Worker(
        id=1,
        name="Anyone",
        role_code=draw(st.sampled_from(["SCA", "OM"])),
        date_of_birth=draw(
            st.sampled_from([None, date(1980, 1, 1), date(2009, 12, 1), *_eighteen_during(start)])
        ),
        started_on=draw(st.sampled_from([None, date(2019, 1, 7), start + timedelta(days=8)])),
        contracted_minutes_per_week=draw(st.sampled_from([0, 24 * 60, 35 * 60])),
        care_exempt=draw(st.sampled_from([None, True, False])),
    )
    return Timeline(
        worker,
        tuple(shifts),
        absences=tuple(absences),
        opt_outs=tuple(agreements),
        compensatory_rests=records,
    )


def _eighteen_during(start: date) -> list[date]:
    turns = start + timedelta(days=16)
    return [turns.replace(year=turns.year - 18)]


def findings(verdicts: list[Verdict]) -> set[reference.Finding]:
    return {
        (verdict.rule, verdict.subject, verdict.severity, verdict.measured) for verdict in verdicts
    }


SLOW = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@SLOW
@given(timelines(), st.integers(0, 20), st.integers(0, 34))
def test_the_fast_checker_agrees_with_the_obvious_one(
    timeline: Timeline, first: int, length: int
) -> None:
    start = timeline.shifts[0].date if timeline.shifts else MONDAYS[0]
    begins = monday(start) + timedelta(days=first)
    period = Period(begins, begins + timedelta(days=length))
    said = findings(check_timeline(timeline, period, RULEBOOK))
    assert said == reference.find_all(timeline, period, SHORT)


def everything(timeline: Timeline, rulebook: Rulebook) -> dict[tuple[str, str], Verdict]:
    """Every finding over a span that no reach can leave."""
    days = [entry.date for entry in timeline.shifts] or [MONDAYS[0]]
    wide = Period(min(days) - timedelta(days=40), max(days) + timedelta(days=40))
    return {
        (verdict.rule, verdict.subject): verdict
        for rule in rulebook.rules
        for verdict in rule.check_in_detail(timeline, wide, rulebook.parameters)
    }


LOCAL = RULEBOOK.without("contracted_hours", "consecutive_shifts", "sleep_in", "absence")


@SLOW
@given(timelines(), st.integers(0, DAYS - 1), st.sampled_from(KINDS), st.booleans())
def test_judging_a_change_nearby_equals_judging_everything_before_and_after(
    timeline: Timeline, offset: int, kind: tuple[str, dict[str, object]], replaces: bool
) -> None:
    """What check_change finds in its narrow reach is all there is to find."""
    start = timeline.shifts[0].date if timeline.shifts else MONDAYS[0]
    hours, fields = kind
    added: WorkedShift = shift(
        monday(start) + timedelta(days=offset), hours, **({"id": "new"} | fields)
    )
    removed = (timeline.shifts[0].id,) if replaces and timeline.shifts else ()
    change = Change((added,), removed)
    before = everything(timeline, LOCAL)
    after = everything(timeline.changed(added=[added], removed=removed), LOCAL)
    wanted = {
        rule
        for (rule, subject), verdict in after.items()
        if (old := before.get((rule, subject))) is None or verdict.is_worse_than(old)
    }
    assessment = check_change(timeline, change, LOCAL)
    assert {verdict.rule for verdict in assessment.verdicts} == wanted
