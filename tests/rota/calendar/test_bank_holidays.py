"""Bank holidays of Scotland, named, and loaded only when asked for."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

from rota.calendar import Period, bank_holiday, bank_holidays, bank_holidays_of


def test_scotland_keeps_its_own_days() -> None:
    found = bank_holidays_of(2026)
    assert found[date(2026, 1, 2)] == "New Year Holiday"
    assert found[date(2026, 8, 3)] == "Summer Bank Holiday"
    assert found[date(2026, 11, 30)] == "Saint Andrew's Day"
    assert date(2026, 4, 6) not in found, "Easter Monday is not a holiday in Scotland"


def test_a_holiday_on_a_weekend_has_its_substitute() -> None:
    assert bank_holiday(date(2026, 12, 28)) is not None


def test_an_ordinary_day_has_no_name() -> None:
    assert bank_holiday(date(2026, 6, 2)) is None


def test_a_period_over_new_year_has_both_years_days_in_order() -> None:
    found = bank_holidays(Period(date(2025, 12, 22), date(2026, 1, 18)))
    assert list(found) == [
        date(2025, 12, 25),
        date(2025, 12, 26),
        date(2026, 1, 1),
        date(2026, 1, 2),
    ]


def test_the_library_is_not_loaded_with_the_calendar() -> None:
    code = "import rota.calendar, rota.rules, sys; sys.exit('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
