"""The independent judge: one breach of each limit is found, prices add up."""

from __future__ import annotations

import pytest

from rota.optimisation.evaluation import evaluate, person_breaches
from rota.optimisation.problem import OFF, Demand, Request, Step
from tests.rota.optimisation.builders import person, problem


@pytest.mark.parametrize(
    ("limits", "row", "rule"),
    [
        ({"days_off": frozenset((1,))}, "-E-----", "day off"),
        ({"maximum": {0: 9}}, "-L-----", "duty not allowed"),
        ({"barred": frozenset(((1, 1),))}, "-L-----", "duty not allowed"),
        ({"fixed": {2: 0}}, "-------", "fixed duty"),
        ({}, "-LE----", "cannot follow"),
        ({"min_minutes": 960}, "-E-----", "total minutes"),
        ({"max_minutes": 480}, "-EE----", "total minutes"),
        ({"maximum": {0: 1, 1: 9}}, "-E-E---", "maximum of a duty"),
        ({"max_weekends": 0}, "-----E-", "weekends"),
        ({"max_run": 2}, "EEE----", "consecutive shifts"),
        ({"min_run": 2}, "--E----", "minimum run"),
        ({"min_days_off": 2}, "EE-EE--", "days off in a row"),
    ],
)
def test_each_breach_is_found_and_named(limits: dict[str, object], row: str, rule: str) -> None:
    who = person(**limits)
    given = problem([who], 7)
    assert [b.rule for b in person_breaches(given, who, _row(row))] == [rule]


@pytest.mark.parametrize("row", ["E------", "------E", "-EE--EE", "EE--EE-"])
def test_runs_and_rests_at_the_borders_may_be_short(row: str) -> None:
    who = person(min_run=2, min_days_off=2)
    assert not person_breaches(problem([who], 7), who, _row(row))


def test_the_parts_of_the_cost_add_up() -> None:
    who = person(contract_minutes=960, under_price=2, duty_price={0: 5})
    given = problem(
        [who],
        3,
        demands=(
            Demand(0, "E", 3, frozenset((0,)), (Step(10, 1, "agency"), Step(50))),
            Demand(1, "E", 0, frozenset((0,)), (Step(10),), over_price=4),
        ),
        requests=(Request(0, 2, 0, 7, True), Request(0, 1, 0, 3, False)),
        weekends=(),
    )
    score = evaluate(given, ((OFF, 0, OFF),))
    # short: 1 agency + 2 gaps; over: 1; one duty; 480 minutes under; both requests missed
    assert (score.short, score.over, score.duties) == (110, 4, 5)
    assert (score.contract, score.requests) == (960, 10)
    assert score.cost == 110 + 4 + 5 + 960 + 10


def test_only_the_grade_that_is_asked_for_counts() -> None:
    people = [person("Ann", grade="senior"), person("Bob", grade="assistant")]
    wanted = Demand(0, "senior", 1, frozenset((0,)), (Step(9),), grades=frozenset({"senior"}))
    given = problem(people, 1, demands=(wanted,), weekends=())
    assert evaluate(given, ((OFF,), (0,))).cost == 9
    assert evaluate(given, ((0,), (OFF,))).cost == 0


def _row(text: str) -> tuple[int, ...]:
    return tuple("EL".find(letter) for letter in text)
