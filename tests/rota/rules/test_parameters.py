"""Thresholds are dated data by role, and every rule says what it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from rota.errors import InvalidInput, NotFound
from rota.rules import (
    DEFAULT_PARAMETERS,
    DEFAULT_RULEBOOK,
    RULES,
    Change,
    ParameterRow,
    Parameters,
    Severity,
    check_change,
    check_home,
    check_timeline,
    default_rows,
)
from tests.rota.rules.build import MONDAY, OFFICE, night, on, shift, timeline

DAY = date(2026, 6, 1)


def test_a_row_holds_from_its_day_on() -> None:
    dated = DEFAULT_PARAMETERS.with_rows(
        [ParameterRow("weekly_average_warning", 40 * 60, date(2026, 7, 1), is_local=True)]
    )
    assert dated.at(date(2026, 6, 30), "SCA").weekly_average_warning == 44 * 60
    assert dated.at(date(2026, 7, 1), "SCA").weekly_average_warning == 40 * 60
    assert [row.value for row in dated.history("weekly_average_warning")] == [44 * 60, 40 * 60]


def test_a_role_has_its_own_figures() -> None:
    assert DEFAULT_PARAMETERS.at(DAY, "SCA").weekly_reference_weeks == 26
    assert DEFAULT_PARAMETERS.at(DAY, "OM").weekly_reference_weeks == 17
    assert DEFAULT_PARAMETERS.at(DAY, "SCWN").care_exempt
    assert not DEFAULT_PARAMETERS.at(DAY, "never heard of").care_exempt


def test_registration_is_asked_from_the_day_its_rules_began() -> None:
    assert not DEFAULT_PARAMETERS.at(date(2024, 6, 2), "SCA").registration_required
    assert DEFAULT_PARAMETERS.at(date(2024, 6, 3), "SCA").registration_required


def test_a_threshold_no_rule_knows_is_refused() -> None:
    with pytest.raises(InvalidInput, match="'dayly_rest'"):
        DEFAULT_PARAMETERS.with_rows([ParameterRow("dayly_rest", 660, DAY)])


def test_a_table_without_a_threshold_is_refused() -> None:
    with pytest.raises(InvalidInput, match="daily_rest"):
        Parameters(tuple(row for row in default_rows() if row.name != "daily_rest"))


def test_the_checker_reads_the_figure_of_the_day() -> None:
    """A gap of 11 hours is enough until the organisation asks for 12."""
    stricter = DEFAULT_PARAMETERS.with_rows([ParameterRow("daily_rest", 720, on(7))])
    rulebook = replace(DEFAULT_RULEBOOK, parameters=stricter).only("daily_rest")
    shifts = [shift(on(day), hours) for week in (0, 7)
              for day, hours in ((week, "10:00-21:00"), (week + 1, "08:00-16:00"))]  # fmt: skip
    given = timeline(*shifts, worker=OFFICE)
    assert [found.dates[0] for found in check_timeline(given, _all(), rulebook)] == [on(7)]


def _all():  # type: ignore[no-untyped-def]
    from rota.calendar import weeks_from

    return weeks_from(MONDAY, 2)


def test_every_rule_has_its_own_name_words_and_basis() -> None:
    assert len({rule.key for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.title and rule.statement.endswith(".") and rule.basis
        assert rule.severity > Severity.OK


def test_rules_are_found_by_name() -> None:
    assert DEFAULT_RULEBOOK.rule("daily_rest").title == "Daily rest"
    assert "daily_rest" not in {rule.key for rule in DEFAULT_RULEBOOK.without("daily_rest").rules}
    with pytest.raises(NotFound):
        DEFAULT_RULEBOOK.only("unheard of")


def test_a_home_lists_only_people_with_findings_gravest_first() -> None:
    clean = timeline(shift(on(0)), worker=replace(OFFICE, id=7))
    mixed = timeline(*(shift(on(day)) for day in range(6)), night(on(5)), worker=OFFICE)
    found = check_home([clean, mixed], _all(), DEFAULT_RULEBOOK.without("contracted_hours"))
    assert list(found) == [OFFICE.id]
    severities = [verdict.severity for verdict in found[OFFICE.id]]
    assert severities == sorted(severities, reverse=True)


def test_a_change_of_nothing_or_of_an_unknown_shift_is_refused() -> None:
    given = timeline(shift(on(0)))
    with pytest.raises(InvalidInput, match="at least one"):
        check_change(given, Change())
    with pytest.raises(InvalidInput, match="not on Aileen Reid"):
        check_change(given, Change.remove("gone"))
