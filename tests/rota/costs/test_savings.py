"""The savings ledger: promises as recorded, outcomes replayed, misses shown."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rota.access.scope import homes_of
from rota.costs.savings import Changed, Outcome, Version, outcome, savings_ledger
from rota.database import UnitOfWork
from rota.errors import NotAllowed
from rota.models import (
    AbsenceSpell,
    ChangeItem,
    ChangeSet,
    Classification,
    LostShift,
    Scenario,
    ScenarioState,
    UserRole,
)
from rota.roster.changes import shift_state
from tests import factories as make
from tests.factories import actor

DAY = date(2026, 6, 1)
TODAY = date(2026, 6, 10)
NOBODY: frozenset[tuple[int, date]] = frozenset()
PRICE = Fraction(3000)


def version(pence: int | None, *, staff: int | None = 1, day: date = DAY, vacant: bool = False):
    return Version(day, staff, 720, pence, vacant)


def judged(*changed: Changed, absent: frozenset[tuple[int, date]] = NOBODY) -> Outcome:
    return outcome(changed, TODAY, absent, PRICE)


def test_a_promise_that_holds_is_realised_in_full() -> None:
    found = judged(Changed(version(30_000), version(20_000), version(20_000)))
    assert (found.predicted_pence, found.realised_pence, found.realisation) == (10_000, 10_000, 1.0)


def test_a_miss_is_a_miss() -> None:
    found = judged(Changed(version(30_000), version(20_000), version(35_000)))
    assert (found.realised_pence, found.realisation) == (-5_000, -0.5)


def test_days_to_come_are_promised_and_not_due() -> None:
    later = TODAY + timedelta(days=1)
    found = judged(
        Changed(version(30_000), version(20_000), version(20_000)),
        Changed(version(9_000, day=later), version(1_000, day=later), version(1_000, day=later)),
    )
    assert (found.predicted_pence, found.due_pence, found.realised_pence) == (
        18_000,
        10_000,
        10_000,
    )


def test_the_old_rota_meets_the_same_absence() -> None:
    """Its person was ill as well: she would have been covered at the price of cover."""
    one = Changed(version(30_000, staff=7), version(20_000, staff=8), version(20_000, staff=8))
    found = judged(one, absent=frozenset({(7, DAY)}))
    assert (found.baseline_pence, found.replaced) == (36_000, 1)
    assert found.realised_pence == 16_000


def test_shifts_that_came_went_or_stand_vacant() -> None:
    found = judged(
        Changed(None, version(5_000), version(5_000)),
        Changed(version(8_000), None, None),
        Changed(version(None, staff=None, vacant=True), version(4_000), version(4_000)),
        Changed(version(6_000), version(2_000), version(0, staff=None, vacant=True)),
    )
    assert found.predicted_pence == -5_000 + 8_000 - 4_000 + 4_000
    assert found.realised_pence == (8_000 + 6_000) - (5_000 + 4_000)
    assert (found.unfilled_before_minutes, found.unfilled_now_minutes) == (720, 720)


def test_a_missing_rate_is_counted_and_nothing_promised_has_no_ratio() -> None:
    found = judged(Changed(version(None), version(5_000), version(5_000)))
    assert (found.missing, found.predicted_pence, found.realisation) == (1, -5_000, None)


pence = st.one_of(st.none(), st.integers(-5_000, 60_000))


@given(
    st.lists(st.tuples(pence, pence, pence, st.integers(0, 20)), max_size=12), st.integers(0, 20)
)
def test_the_ledger_foots(
    rows: list[tuple[int | None, int | None, int | None, int]], on: int
) -> None:
    changed = [
        Changed(*(version(p, day=DAY + timedelta(days=n)) for p in (before, after, now)))
        for before, after, now, n in rows
    ]
    today = DAY + timedelta(days=on)
    whole = outcome(changed, today, NOBODY, None)
    parts = [outcome([one], today, NOBODY, None) for one in changed]
    for name in ("predicted_pence", "due_pence", "realised_pence", "missing"):
        assert getattr(whole, name) == sum(getattr(part, name) for part in parts)
    assert whole.baseline_pence - whole.actual_pence == whole.realised_pence


def test_the_ledger_of_a_home(uow: UnitOfWork) -> None:
    session = uow.session
    home, other = make.make_home(session), make.make_home(session)
    unit = make.make_unit(session, home)
    old, new = make.make_staff(session, unit), make.make_staff(session, unit)
    shift = make.make_shift(session, unit, old, DAY, cost_pence=30_000)
    before = shift_state(shift)
    shift.user_id, shift.cost_pence = new.id, 20_000
    session.flush()
    change = ChangeSet(home_id=home.id, user_id=None, kind="apply scenario", label="x")
    change.items = [ChangeItem(shift_id=shift.id, before=before, after=shift_state(shift))]
    session.add(change)
    session.flush()
    spell = AbsenceSpell(staff_id=old.id, home_id=home.id, started_on=DAY)
    session.add(spell)
    session.flush()
    session.add(LostShift(spell_id=spell.id, staff_id=old.id, unit_id=unit.id, date=DAY,
                          band="day", minutes=720))  # fmt: skip
    make.make_shift(session, unit, new, DAY + timedelta(days=1), cost_pence=24_000,
                    classification=Classification.OVERTIME)  # fmt: skip
    session.add(
        Scenario(
            home_id=home.id, name="Fewer agency", start_date=DAY, end_date=DAY + timedelta(days=6),
            state=ScenarioState.APPLIED, data_version=1, applied_change_set_id=change.id,
            applied_at=datetime(2026, 5, 30, tzinfo=UTC),
        )
    )  # fmt: skip
    session.flush()
    manager = actor(UserRole.SENIOR_MANAGER, home)
    (line,) = savings_ledger(session, manager, homes_of(session, manager), TODAY)
    assert (line.name, line.outcome.predicted_pence) == ("Fewer agency", 10_000)
    assert line.outcome.baseline_pence == 24_000, "12 hours at the £20 an hour paid for cover"
    assert line.outcome.realised_pence == 4_000
    with pytest.raises(NotAllowed):
        savings_ledger(
            session, manager, homes_of(session, actor(UserRole.SENIOR_MANAGER, other)), TODAY
        )
