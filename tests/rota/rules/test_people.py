"""Grade, skills, registration, training, contract and rest still owed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from rota.calendar import Period, months_after, weeks_from
from rota.rules import (
    DEFAULT_RULEBOOK,
    Absence,
    Change,
    CompensatoryRest,
    ParameterRow,
    Qualification,
    Registration,
    Severity,
    check_timeline,
)
from tests.rota.rules.build import CARER, MONDAY, assess, night, on, shift, timeline, verdicts

WEEK = weeks_from(MONDAY, 1)


class TestGrade:
    """Health and Care (Staffing) (Scotland) Act 2019, section 7."""

    def test_an_assistant_may_not_work_a_seniors_shift(self) -> None:
        (found,) = verdicts("grade", timeline(shift(on(0), role_code="SSCW")))
        assert found.severity is Severity.BARRED
        assert found.message == "Mon day needs SSCW; Aileen Reid is SCA"

    def test_a_senior_may_cover_an_assistant_and_a_night_grade(self) -> None:
        senior = replace(CARER, role_code="SSCW")
        given = timeline(
            shift(on(0), role_code="SCA"), night(on(2), role_code="SCWN"), worker=senior
        )
        assert verdicts("grade", given) == []

    def test_somebody_supernumerary_is_not_counted_so_not_asked(self) -> None:
        given = timeline(shift(on(0), role_code="SSCW", is_supernumerary=True))
        assert verdicts("grade", given) == []


class TestSkills:
    def test_a_needed_skill_must_be_held_on_the_day(self) -> None:
        medication = frozenset({"medication"})
        record = Qualification("medication", "Medication", expires_on=on(1))
        given = timeline(
            shift(on(1), skills=medication),
            shift(on(2), skills=medication),
            qualifications=(record,),
        )
        (found,) = verdicts("skills", given)
        assert found.dates == (on(2),)
        assert "needs medication, which is not held" in found.message


class TestTraining:
    """Health and Care (Staffing) (Scotland) Act 2019, section 8."""

    rulebook = replace(
        DEFAULT_RULEBOOK,
        parameters=DEFAULT_RULEBOOK.parameters.with_rows(
            [ParameterRow("required_training", frozenset({"fire_safety"}), date(2020, 1, 1), "SCA")]
        ),
    ).only("training")

    def check(self, *records: Qualification) -> list:
        given = timeline(shift(on(3)), qualifications=records)
        return check_timeline(given, WEEK, self.rulebook)

    def test_a_shift_after_it_ran_out_is_warned_of(self) -> None:
        (found,) = self.check(Qualification("fire_safety", "Fire safety", expires_on=on(2)))
        assert found.severity is Severity.WARNED
        assert found.message == "Fire safety is not valid on Thu 4 Jun (valid to 3 June 2026)"

    def test_a_renewed_record_covers(self) -> None:
        old = Qualification("fire_safety", "Fire safety", expires_on=on(2))
        new = Qualification("fire_safety", "Fire safety", on(1), date(2027, 6, 1))
        assert self.check(old, new) == []

    def test_it_is_said_before_it_runs_out(self) -> None:
        (found,) = self.check(Qualification("fire_safety", "Fire safety", expires_on=on(20)))
        assert found.message == "Fire safety runs out on 21 June 2026"

    def test_no_record_counts_only_where_records_are_complete(self) -> None:
        assert self.check() == []
        strict = self.rulebook.parameters.with_rows(
            [ParameterRow("missing_training_counts", True, date(2020, 1, 1))]
        )
        given = timeline(shift(on(3)))
        (found,) = check_timeline(given, WEEK, replace(self.rulebook, parameters=strict))
        assert found.message == "No fire safety training on record"


class TestRegistration:
    """Scottish Social Services Council: apply within 3 months, registered within 6."""

    started = date(2026, 1, 12)
    worker = replace(CARER, started_on=started)

    def check(self, day: date, *records: Registration) -> list:
        given = timeline(shift(day), worker=self.worker, registrations=records)
        return verdicts("registration", given)

    def test_the_first_three_months_are_free(self) -> None:
        assert self.check(months_after(self.started, 3) - timedelta(days=1)) == []

    def test_without_application_after_three_months_it_is_warned_of(self) -> None:
        (found,) = self.check(months_after(self.started, 3))
        assert found.severity is Severity.WARNED
        applied = Registration(applied_on=date(2026, 2, 1))
        assert self.check(months_after(self.started, 3), applied) == []

    def test_without_registration_after_six_months_shifts_are_barred(self) -> None:
        applied = Registration(applied_on=date(2026, 2, 1))
        last = months_after(self.started, 6) - timedelta(days=1)
        assert self.check(last, applied) == []
        (found,) = self.check(last + timedelta(days=1), applied)
        assert found.severity is Severity.BARRED

    def test_after_it_has_run_out_shifts_are_barred(self) -> None:
        record = Registration(date(2026, 1, 20), date(2026, 2, 1), expires_on=on(2))
        assert self.check(on(2), record)[0].severity is Severity.WARNED
        (found,) = self.check(on(3), record)
        assert found.severity is Severity.BARRED
        assert "run out" in found.message

    def test_roles_without_registration_are_not_asked(self) -> None:
        office = replace(self.worker, role_code="OM")
        assert verdicts("registration", timeline(shift(on(300)), worker=office)) == []

    def test_a_shift_too_late_is_barred_while_painting(self) -> None:
        given = timeline(worker=self.worker)
        assert assess("registration", given, Change.add(shift(on(60)))).is_barred


class TestContractedHours:
    worker = replace(CARER, contracted_minutes_per_week=35 * 60)

    def check(self, *days: int, period: Period = WEEK, absences: tuple = ()) -> list:
        given = timeline(*(shift(on(day)) for day in days), worker=self.worker, absences=absences)
        return verdicts("contracted_hours", given, period)

    def test_three_long_days_meet_a_contract_of_35_hours(self) -> None:
        assert self.check(0, 1, 2) == []

    def test_a_fourth_is_over(self) -> None:
        (found,) = self.check(0, 1, 2, 4)
        assert (found.title, found.severity) == ("Over contracted hours", Severity.WARNED)
        assert found.message == ("44 h rostered in 1 – 7 Jun 2026, 9 h over the 35 h due")

    def test_overtime_that_was_agreed_is_beyond_the_contract_and_does_not_count(self) -> None:
        extra = shift(on(4), is_overtime=True)
        given = timeline(*(shift(on(day)) for day in range(3)), extra, worker=self.worker)
        assert verdicts("contracted_hours", given, WEEK) == []

    def test_overtime_does_not_hide_what_exceeds_the_contract_without_being_agreed(self) -> None:
        extra = shift(on(6), is_overtime=True)
        given = timeline(*(shift(on(d)) for d in (0, 1, 2, 4)), extra, worker=self.worker)
        (found,) = verdicts("contracted_hours", given, WEEK)
        assert found.message == (
            "44 h rostered in 1 – 7 Jun 2026 besides 11 h of overtime, 9 h over the 35 h due"
        )

    def test_two_are_under(self) -> None:
        (found,) = self.check(0, 1)
        assert found.title == "Under contracted hours"

    def test_weeks_are_taken_together(self) -> None:
        assert self.check(0, 1, 2, 3, 7, 8, period=Period(on(0), on(13))) == []

    def test_days_away_ask_for_no_hours(self) -> None:
        assert self.check(absences=(Absence(on(0), on(6)),)) == []

    def test_bank_staff_have_no_contract_to_miss(self) -> None:
        given = timeline(shift(on(0)))
        assert verdicts("contracted_hours", given) == []

    def test_a_shift_towards_the_contract_is_free_and_one_beyond_is_warned_of(self) -> None:
        given = timeline(shift(on(0)), shift(on(1)), worker=self.worker)
        assert assess("contracted_hours", given, Change.add(shift(on(2)))).is_free
        third = timeline(*given.shifts, shift(on(2)), worker=self.worker)
        assert assess("contracted_hours", third, Change.add(shift(on(4)))).word == "Warned"


class TestCompensatoryRest:
    """Working Time Regulations 1998, regulation 24."""

    @pytest.mark.parametrize(
        ("due", "taken", "severity"),
        [
            (3, None, Severity.WARNED),
            (-2, None, Severity.BARRED),
            (3, 2, None),
            (20, None, None),
        ],
    )
    def test_rest_owed_is_followed_to_its_due_date(
        self, due: int, taken: int | None, severity: Severity | None
    ) -> None:
        record = CompensatoryRest(
            "daily_rest", on(-10), 45, on(due), None if taken is None else on(taken)
        )
        given = timeline(shift(on(0)), compensatory_rests=(record,))
        found = verdicts("compensatory_rest", given, WEEK)
        assert [entry.severity for entry in found] == ([] if severity is None else [severity])


class TestAllowedRoles:
    def test_a_type_open_to_some_roles_refuses_the_others(self) -> None:
        seniors = frozenset({"SSCW", "SSCWN"})
        given = timeline(shift(on(0), allowed_roles=seniors))
        (found,) = verdicts("grade", given)
        assert found.message == "Mon day needs SSCW or SSCWN; Aileen Reid is SCA"

    def test_the_role_a_shift_asks_for_outweighs_its_type(self) -> None:
        open_to_all = frozenset({"SSCW", "SCA"})
        given = timeline(shift(on(0), role_code="SSCW", allowed_roles=open_to_all))
        assert verdicts("grade", given)

    def test_paid_hours_meet_the_contract_even_where_breaks_are_paid(self) -> None:
        worker = replace(CARER, contracted_minutes_per_week=36 * 60)
        given = timeline(*(shift(on(day), paid_minutes=720) for day in range(3)), worker=worker)
        assert verdicts("contracted_hours", given, WEEK) == []
        assert given.shifts[0].working_minutes == 660
