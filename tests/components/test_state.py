from datetime import date
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.state import WEEKS, ScreenState, parse_query, parse_search
from rota.errors import InvalidInput

ids = st.none() | st.integers(1, 2**31 - 1)
words = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=40
).filter(str.isprintable)
states = st.builds(
    ScreenState,
    home=ids,
    unit=ids,
    start=st.none() | st.dates(date(2000, 1, 1), date(2100, 12, 31)),
    weeks=st.sampled_from(WEEKS),
    view=words,
    scenario=ids,
    person=ids,
    q=words,
    status=words,
    page=st.integers(1, 1000),
)


@given(states)
def test_what_is_written_reads_back_the_same(state):
    assert parse_query(dict(parse_qsl(state.query()))) == state
    assert parse_search("?" + state.query()) == state


@given(st.dictionaries(st.sampled_from(["home", "unit", "start", "weeks", "q", "x"]), st.text()))
def test_any_address_is_read_or_refused_in_words(query):
    try:
        assert isinstance(parse_query(query), ScreenState)
    except InvalidInput as error:
        assert error.hint


@pytest.mark.parametrize(
    "search",
    [
        "?home=abc",
        "?home=-1",
        "?home=0",
        "?home=1e3",
        "?home=99999999999",
        "?home=١",
        "?start=2026-02-30",
        "?start=03/03/2026",
        "?start=2026-W10-1",
        "?start=1066-10-14",
        "?weeks=3",
        "?weeks=52",
        "?q=" + "x" * 101,
        "?view=a%00b",
        "?home=1&home=2",
    ],
)
def test_a_bad_value_is_refused(search):
    with pytest.raises(InvalidInput):
        parse_search(search)


def test_unknown_keys_and_empty_values_are_ignored():
    assert parse_search("?utm=1&home=&weeks=") == ScreenState()
    assert parse_search(None) == ScreenState()


def test_the_period_ends_with_its_last_day():
    state = ScreenState(start=date(2026, 3, 2), weeks=4)
    assert state.end == date(2026, 3, 29)
    assert state.shifted(1).start == date(2026, 3, 30)
    assert state.shifted(-1).start == date(2026, 2, 2)


def test_without_a_first_day_the_week_begins_on_monday():
    assert ScreenState().beginning(date(2026, 3, 8)).start == date(2026, 3, 2)
    said = ScreenState(start=date(2026, 3, 4))
    assert said.beginning(date(2026, 3, 8)) == said


def test_another_home_forgets_unit_and_page():
    state = ScreenState(home=1, unit=7, page=3)
    assert state.to(home=2) == ScreenState(home=2)
    assert state.to(unit=8) == ScreenState(home=1, unit=8)
    assert state.to(home=1).unit == 7


def test_the_address_leaves_out_what_is_usual():
    assert ScreenState().href("/rota/") == "/rota/"
    state = ScreenState(home=2, start=date(2026, 3, 2), weeks=1)
    assert state.href("/rota/") == "/rota/?home=2&start=2026-03-02&weeks=1"
