"""What a worker of the engine does: prices, bounds, rosters from prices, neighbourhoods.

One worker raises the bound (people by kinds, the compact model's relaxation, dual ascent, the
linear master) and makes rosters from its prices; a second one searches from the first roster on.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from rota.optimisation.arrays import roster_tuple
from rota.optimisation.ascent import ascend
from rota.optimisation.descent import descend
from rota.optimisation.generation import Generator, Neighbourhood, Root
from rota.optimisation.improve import Improver
from rota.optimisation.incumbent import Incumbent
from rota.optimisation.kinds import prices_of_kinds
from rota.optimisation.master import Master
from rota.optimisation.neighbourhoods import Chooser
from rota.optimisation.person_arrays import Floats
from rota.optimisation.pricing import Pricer
from rota.optimisation.relaxation import is_small, prices_of_relaxation
from rota.optimisation.rounding import choose_rows, is_nearly_whole, round_root
from rota.optimisation.state import Run
from rota.optimisation.tighten import Schedule, tighten
from rota.optimisation.whole import is_one_program, solve_whole

KINDS_SHARE = 0.2  #: most of the time that prices from people by kinds may take
EARLY_SHARE, EARLY_PASSES = 0.05, 150  #: dual ascent before the relaxation, which may not end
RELAXATION_SHARE = 0.6  #: most of the time the compact model's relaxation may take
ASCENT_SHARE = 0.15  #: most of the time dual ascent may take
PASSES = 250  #: of dual ascent
ROOT_SHARE = 0.35  #: most of the time the linear master of the whole may take
RELAXED_ROOT_SHARE = 0.12  #: the same where the relaxation's prices are known
#: a linear master whose bound is below so much of its objective after so much of its time
HOPELESS, HOPELESS_AFTER = 0.9, 0.4
TIGHTENINGS = 6  #: rosters made from the root's prices before the search goes on
FRESH_ROWS = 3  #: rosters made from the prices between two choices among all rows known
STALLED = 40  #: neighbourhoods without success before another start from the prices
BATCH = 10  #: neighbourhoods tried in one turn of the search
EXPLORE = 0.25  #: share of turns that are drawn regardless of what paid
FORGET = 0.8
MOST_SWEEPS, FEWEST_SWEEPS = 100, 8


def guarded(run: Run, work: Callable[[Run, int], None], number: int) -> None:
    """Run a worker; a failure stops that worker only, what it found is kept."""
    try:
        work(run, number)
    except Exception as failure:
        run.failures.append(failure)


def _worker(run: Run, number: int) -> Improver:
    random = np.random.default_rng((run.limits.seed, number))
    generator = Generator(run.arrays, Pricer(run.arrays), run.pool, Master(run.arrays, run.matrix))
    chooser = Chooser(run.arrays, random)
    return Improver(
        run.arrays, run.incumbent, generator, chooser, random, step_size=run.granularity
    )


def search_only(run: Run, number: int) -> None:
    improver = _worker(run, number)
    _descend(run, improver, passes=2)
    # where good prices will soon be there it is not worth learning them from nothing
    _tighten(run, improver, share=0.08 if is_small(run.arrays.problem, run.active) else 0.3)
    _search(run, improver)


def _search(run: Run, improver: Improver) -> None:
    """Neighbourhoods and rosters from prices until the end, what paid before more often.

    With a work limit the turns are fixed, so that the answer does not depend on speed."""
    if run.limits.work is not None:
        _search_by_turns(run, improver)
        return
    worth = {"neighbourhood": 1.0, "fresh": 1.0, "reheat": 1.0}
    random = improver.random
    while not run.done():
        names = list(worth)
        weights = np.array([worth[name] for name in names])
        weights = weights / weights.sum() * (1 - EXPLORE) + EXPLORE / len(names)
        name = names[int(random.choice(len(names), p=weights))]
        gained, begun = 0.0, run.clock.now()
        if name == "neighbourhood":
            for _ in range(BATCH):
                gained += _one_step(run, improver)
                if gained or run.clock.now() - begun > 2.0:
                    break
        else:
            gained = _tighten(run, improver, share=0.1, reheat=name == "reheat")
        rate = gained / max(0.01, run.clock.now() - begun)
        worth[name] = FORGET * worth[name] + (1 - FORGET) * rate + 1e-9


def _search_by_turns(run: Run, improver: Improver) -> None:
    stalled = 0
    while not run.done():
        stalled = 0 if _one_step(run, improver) else stalled + 1
        if stalled >= STALLED:
            _tighten(run, improver, share=0.1, reheat=improver.random.random() < 0.5)
            stalled = 0


def _one_step(run: Run, improver: Improver) -> float:
    """Try one neighbourhood; what it saved."""
    improver.guide = run.guide
    share = 1.0 if run.limits.threads < 2 else 0.6
    before = improver.saved
    outcome = improver.step(run.clock, share)
    run.steps += 1
    if outcome == "better":
        run.note("improving")
    if outcome == "nothing":
        time.sleep(0.005)
    return improver.saved - before


def _descend(run: Run, improver: Improver, passes: int = 20) -> None:
    people = run.active
    for _ in range(passes):
        order = improver.random.permutation(people)
        pricer = improver.generator.pricer
        if run.done() or descend(run.incumbent, pricer, run.pool, run.clock, order) == 0:
            break
        run.note("descent")


def _tighten(run: Run, improver: Improver, share: float, reheat: bool = False) -> float:
    """Make a roster from the prices known so far, within ``share`` of the time left; what it
    saved."""
    clock = run.clock.within(share * run.clock.left())
    random = improver.random
    guided = run.guide is not None
    sweeps = int(0.8 * clock.left() / max(1e-4, run.sweep_seconds))
    schedule = Schedule(
        sweeps=min(MOST_SWEEPS, max(FEWEST_SWEEPS, sweeps)) // (3 if reheat else 1),
        first=0.02 if reheat else float(random.choice((0.0005, 0.002))),
        learn=float(random.choice((0.1, 0.2, 0.35, 0.6))) if guided else 0.3,
    )
    prices = run.guide if run.guide is not None else np.zeros(run.arrays.demands + 1)
    with run.incumbent.lock:
        present = run.incumbent.roster.copy()
    roster = tighten(
        run.arrays, improver.generator.pricer, run.pool, prices, random, clock, schedule,
        run.active, present, fresh=not reheat,
    )  # fmt: skip
    if roster is None:
        return 0.0
    other = Incumbent.of(run.arrays, roster)
    order = random.permutation(run.active)
    for _ in range(3):
        if descend(other, improver.generator.pricer, run.pool, run.clock, order) == 0:
            break
    saved = -run.incumbent.replace(other.roster)
    if saved:
        run.note("prices to roster")
    return saved


def bound_then_search(run: Run, number: int) -> None:
    """The first worker: prices and a bound, rosters from them, then the search."""
    improver = _worker(run, number)
    if run.limits.threads < 2 or run.limits.work is not None:
        _descend(run, improver, passes=2)
    whole = _whole(run, improver)
    if _price_kinds(run, whole):
        _raise_bound(run, whole, EARLY_SHARE, EARLY_PASSES)
    relaxed = _relax(run, whole)
    if relaxed:
        _tighten(run, improver, share=0.15)
        _raise_bound(run, whole, ASCENT_SHARE)
    else:
        _raise_bound(run, whole, ASCENT_SHARE)
        if not run.done():
            _tighten(run, improver, share=0.1)
    root = _solve_root(run, whole, relaxed)
    small = is_one_program(run)
    finished = root is not None and root.finished
    soon = root is not None and finished and is_nearly_whole(run, root)
    for _ in range(1 if small or soon else TIGHTENINGS):
        if run.done():
            return
        _tighten(run, improver, share=0.1)
    if root is not None and finished and not run.done():
        root = round_root(run, whole, root, improver.random)
        if soon:
            _choose_and_tighten(run, whole, root, improver)
    if small and not run.done():
        solve_whole(run)
    _search(run, improver)


def _choose_and_tighten(run: Run, whole: Generator, root: Root, improver: Improver) -> None:
    """The best choice of rows known, then new rows from the prices, while that saves anything."""
    saved = 1.0
    while saved and not run.done():
        before = run.incumbent.cost
        choose_rows(run, whole, root, improver.random)
        saved = before - run.incumbent.cost
        for _ in range(FRESH_ROWS):
            if not run.done():
                _tighten(run, improver, share=0.1)


def _relax(run: Run, whole: Generator) -> bool:
    """Prices from the relaxation of the compact model and the bound that they prove."""
    if run.done():
        return False
    clock = run.clock.within(RELAXATION_SHARE * run.clock.left())
    prices = prices_of_relaxation(
        run.arrays.problem, run.active, roster_tuple(run.incumbent.roster), clock.left(), clock.over
    )
    if prices is None:
        return False
    arrays = run.arrays
    np.clip(prices[:-1], -arrays.over_limit, arrays.under_limit, out=prices[:-1])
    _prove(run, whole, prices)
    return True


def _price_kinds(run: Run, whole: Generator) -> bool:
    """A bound and prices before anything that takes long, so that there is one whatever comes."""
    if run.done():
        return False
    clock = run.clock.within(KINDS_SHARE * run.clock.left())
    prices = prices_of_kinds(run.arrays, run.active, clock.left(), clock.over)
    if prices is not None:
        _prove(run, whole, prices)
    return prices is not None


def _prove(run: Run, whole: Generator, prices: Floats) -> None:
    """The bound of everybody's cheapest rows at ``prices``; the best prices guide the search."""
    found = whole.price_all(prices, run.clock, 1)
    if found is None:
        run.guide = prices if run.guide is None else run.guide
        return
    bound = whole.lagrangian(prices, sum(priced.lowest for priced in found)) + run.standing
    if bound > run.bound:
        run.bound, run.guide = bound, prices
        run.note("bound")


def _whole(run: Run, improver: Improver) -> Generator:
    """A generator for everybody on all days."""
    pricer = improver.generator.pricer
    whole = Generator(run.arrays, pricer, run.pool, Master(run.arrays, run.matrix))
    with run.incumbent.lock:
        roster = run.incumbent.roster.copy()
    people = run.active
    columns = [run.pool.column(int(person), roster[person]) for person in people]
    whole.begin(Neighbourhood(people, roster, 0, run.arrays.days), columns)
    return whole


def _raise_bound(run: Run, whole: Generator, share: float, passes: int = PASSES) -> None:
    """Prices and a bound by dual ascent."""

    def better(bound: float, prices: Floats) -> None:
        if bound + run.standing > run.bound:
            run.bound, run.guide = bound + run.standing, prices
            run.note("bound")

    def target() -> float:
        """Between the bound and the best roster: it moves with both."""
        cost = run.incumbent.cost - run.standing
        if run.bound == float("-inf"):
            return 0.98 * cost
        bound = run.bound - run.standing
        return bound + 0.5 * abs(cost - bound)

    clock = run.clock.within(share * run.clock.left())
    ascend(whole, target, clock, passes, better, start=run.guide)


def _solve_root(run: Run, whole: Generator, relaxed: bool) -> Root | None:
    """The linear master of the whole, from the rows that the ascent and the search met; where
    the relaxation's prices are known it adds little, so it is left when it is far from done."""
    if run.done():
        return None
    whole.master.add([c for person in run.active for c in run.pool.young(int(person), 8)])
    limit = (RELAXED_ROOT_SHARE if relaxed else ROOT_SHARE) * run.clock.left()
    early = run.clock.within(HOPELESS_AFTER * limit)

    def enough(objective: float, bound: float) -> bool:
        run.bound = max(run.bound, bound + run.standing)
        run.note("bound")
        hopeless = relaxed and early.over() and bound < HOPELESS * objective
        return run.done() or hopeless or objective - bound < 1e-7 * abs(objective)

    root = whole.converge(run.clock.within(limit), enough=enough, centre=run.guide)
    if root is not None:
        run.bound = max(run.bound, root.bound + run.standing)
        if root.finished or root.objective - root.bound < 0.01 * abs(root.objective):
            run.guide = root.prices
        run.note("bound")
    return root
