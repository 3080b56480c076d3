"""Creates the invented organisation in an empty database, home by home, in one transaction."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, Engine, delete, func, select

from rota.append_only import append_only_lifted
from rota.calendar import london_today
from rota.costs.rates import RateBook
from rota.demo.accounts import Accounts, DemoLogin
from rota.demo.aftermath import publications, rest_owed
from rota.demo.bulk import shifts_without_indexes
from rota.demo.census import home_census
from rota.demo.desk import Desk
from rota.demo.history import CHANGE_ITEM_COLUMNS, CHANGE_SET_COLUMNS, ChangeHistory
from rota.demo.home_rows import (
    CENSUS_COLUMNS,
    ENTRY_COLUMNS,
    REQUEST_COLUMNS,
    SPELL_COLUMNS,
    accrual_rows,
    budget_rows,
    census_rows,
    home_row,
    leave_rows,
    opt_out_rows,
    qualification_rows,
    requirement_rows,
    spell_rows,
    staff_rows,
    unit_rows,
)
from rota.demo.horizon import Horizon, at
from rota.demo.kinds import SPEC_OF
from rota.demo.leave import plan_leave
from rota.demo.other_leave import plan_parental, short_leave
from rota.demo.people import HOMES, HomePlan, Person, plan_homes
from rota.demo.pricing import Pricer
from rota.demo.progress import progress_bar
from rota.demo.reference import write_reference
from rota.demo.rota import HomeRota
from rota.demo.shift_rows import SHIFT_COLUMNS, ShiftRows
from rota.demo.sickness import Spell, plan_sickness, talk_rows
from rota.demo.writer import Value, Writer
from rota.errors import Conflict, InvalidInput
from rota.models import (
    AbsenceSpell,
    AuditEvent,
    Base,
    Budget,
    CareHome,
    Census,
    ChangeItem,
    ChangeSet,
    CompensatoryRest,
    CoverRequirement,
    LeaveEntry,
    LeaveRequest,
    LostShift,
    Publication,
    Qualification,
    ReturnTalk,
    Shift,
    Staff,
    Unit,
    User,
    WorkingTimeOptOut,
)

#: rows handed to the database at a time; bounds the memory, whatever the size of the demo
_BATCH = 20_000
_MOST_HOMES = 500
_LOST_COLUMNS = ("spell_id", "staff_id", "unit_id", "date", "band", "minutes")


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """What was created: rows by table, the logins with their temporary passwords (shown
    once), first and last rota day, and how long it took."""

    counts: dict[str, int]
    logins: tuple[DemoLogin, ...]
    start: date
    today: date
    end: date
    seconds: float


def is_empty(engine: Engine) -> bool:
    """Whether the database holds no home, person or account yet."""
    with engine.connect() as connection:
        return _is_empty(connection)


def create_demo(
    engine: Engine,
    *,
    seed: int = 1,
    today: date | None = None,
    scale: int = 1,
    homes: int | None = None,
    months: int = 24,
    replace: bool = False,
    progress: bool | None = None,
) -> DemoSummary:
    """Create the organisation around ``today`` (default: today's date in London).

    The same seed and day give the same rows but for passwords. ``scale`` multiplies the five
    homes; ``homes`` and ``months`` make a smaller one for tests. ``progress`` shows a bar on
    standard error; by default when that is a terminal. Everything is written in one
    transaction. Raises :class:`Conflict` when the database is not empty, unless ``replace``
    (which deletes every row of it first), and :class:`InvalidInput` for sizes out of bounds.
    """
    started = time.perf_counter()
    count = HOMES * scale if homes is None else homes
    if not 1 <= count <= _MOST_HOMES or not 1 <= months <= 60:
        raise InvalidInput(f"A demo has 1 to {_MOST_HOMES} homes and 1 to 60 months.")
    horizon = Horizon(today or london_today(), months)
    writing = engine.execution_options(rota_writes=True)
    with (
        progress_bar(progress, count * len(horizon.days)) as advance,
        writing.begin() as connection,
    ):
        version = 1
        if replace:
            version = _delete_everything(connection)
        elif not _is_empty(connection):
            raise Conflict(
                "The database is not empty; the demo was not created.",
                hint="Use an empty database, or --replace to delete everything in this one.",
            )
        writer = Writer(connection)
        accounts = Accounts(writer, horizon)
        book = write_reference(writer, horizon, count)
        build = _Build(writer, horizon, accounts, book, seed, version, advance)
        with shifts_without_indexes(connection):
            for home in plan_homes(count, horizon, seed):
                build.home(home)
        build.rest()
    return DemoSummary(
        counts=dict(sorted(writer.counts.items())), logins=tuple(accounts.logins),
        start=horizon.start, today=horizon.today, end=horizon.end,
        seconds=time.perf_counter() - started,
    )  # fmt: skip


class _Build:
    """Writes home after home; remembers only the next free ids."""

    def __init__(
        self, writer: Writer, horizon: Horizon, accounts: Accounts, book: RateBook, seed: int,
        version: int, advance: Callable[[int], None],
    ) -> None:  # fmt: skip
        self._writer = writer
        self._horizon = horizon
        self._accounts = accounts
        self._pricer = Pricer(book, horizon)
        self._seed = seed
        self._version = version
        self._advance = advance
        self._next_shift = self._next_change = self._next_request = self._next_spell = 1
        self._carer: tuple[Person, HomePlan] | None = None

    def home(self, home: HomePlan) -> None:
        """Plan and write one home with all that belongs to it."""
        writer, horizon = self._writer, self._horizon
        census = home_census(home, horizon, self._seed)
        writer.add(CareHome, [home_row(home, census) | {"data_version": self._version}])
        writer.add(Unit, unit_rows(home))
        writer.add(Staff, staff_rows(home, horizon, self._random("staff", home)))
        writer.add(CoverRequirement, requirement_rows(home, horizon))
        writer.add(WorkingTimeOptOut, opt_out_rows(home))
        training = qualification_rows(home, horizon, self._random("training", home))
        writer.add(Qualification, training)
        writer.bulk(Census, CENSUS_COLUMNS, list(census_rows(home, horizon, census)))
        manager = self._accounts.write_home(home)
        self._carer = self._carer or next(
            (person, home) for person in home.people if person.role.code == "SCA" and person.cycle
        )
        desk, spells = self._time_off(home, manager)
        rota = HomeRota(home, horizon, desk, census, self._random("rota", home))
        changes = self._random("changes", home)
        history = ChangeHistory(home.id, manager, self._next_change, changes)
        workers = self._random("workers", home)
        rows = ShiftRows(home, horizon, self._pricer, self._next_shift, history, workers)
        self._shifts(rota, rows, history)
        self._next_shift, self._next_change = rows.next_id, history.next_id
        self._after_rota(home, rota, rows, spells, manager)

    def rest(self) -> None:
        """Accounts of no home, the audit line, and the counters of the database."""
        if self._carer is not None:
            self._accounts.write_rest(self._carer)
        noon = at(self._horizon.today, 5)
        event = {
            "at": noon, "user_id": None, "actor": "demo", "source": "command line",
            "action": "create", "entity": "demo", "home_id": None,
        }  # fmt: skip
        self._writer.add(AuditEvent, [event])
        self._writer.finish()

    def _random(self, topic: str, home: HomePlan) -> random.Random:
        return random.Random(f"{self._seed}/{topic}/{home.number}")

    def _time_off(self, home: HomePlan, manager: int) -> tuple[Desk, list[Spell]]:
        """Leave and sickness, written and marked on everybody's days."""
        horizon = self._horizon
        desk = Desk(home, horizon)
        position = {person.id: index for index, person in enumerate(home.people)}
        parental = plan_parental(home, horizon, self._random("parental leave", home))
        granted, requests = plan_leave(home, horizon, parental, self._random("leave", home))
        requests += parental.values()
        requests += short_leave(home, horizon, requests, self._random("other leave", home))
        spells = plan_sickness(home, horizon, self._random("sickness", home))
        for leave in requests:
            desk.mark_leave(position[leave.person.id], horizon, leave)
        for spell in spells:
            desk.mark_spell(position[spell.person.id], horizon, spell)
        for leave in requests:
            desk.spare(position[leave.person.id], horizon, leave)
        rows, ledger = leave_rows(home, requests, granted, self._next_request, manager)
        self._writer.bulk(LeaveRequest, REQUEST_COLUMNS, rows)
        self._writer.bulk(LeaveEntry, ENTRY_COLUMNS, ledger)
        self._writer.bulk(AbsenceSpell, SPELL_COLUMNS, spell_rows(home, spells, self._next_spell))
        self._next_request += len(rows)
        return desk, spells

    def _shifts(self, rota: HomeRota, rows: ShiftRows, history: ChangeHistory) -> None:
        """Write the shifts in batches, with the changes that some of them went through."""
        batch: list[tuple[Value, ...]] = []
        done = 0
        for slots in rota.days():
            batch.extend(rows.rows(slots))
            done += 1
            if len(batch) >= _BATCH:
                self._write_batch(batch, history, done)
                batch, done = [], 0
        self._write_batch(batch, history, done)

    def _write_batch(
        self, batch: list[tuple[Value, ...]], history: ChangeHistory, days: int
    ) -> None:
        sets, items = history.take()
        self._writer.bulk(ChangeSet, CHANGE_SET_COLUMNS, sets)
        self._writer.bulk(Shift, SHIFT_COLUMNS, batch)
        self._writer.bulk(ChangeItem, CHANGE_ITEM_COLUMNS, items)
        self._advance(days)

    def _after_rota(
        self, home: HomePlan, rota: HomeRota, rows: ShiftRows, spells: list[Spell], manager: int
    ) -> None:
        """What follows from the rota: lost shifts, accruals, budgets, rest owed, publications."""
        writer, horizon = self._writer, self._horizon
        talks = self._random("talks", home)
        writer.add(
            ReturnTalk, list(talk_rows(home, spells, horizon, self._next_spell, manager, talks))
        )
        writer.bulk(LostShift, _LOST_COLUMNS, list(self._lost(home, rota, spells)))
        self._next_spell += len(spells)
        writer.bulk(LeaveEntry, ENTRY_COLUMNS, accrual_rows(home, horizon, rows.spending))
        budgets = budget_rows(home, horizon, rows.spending, self._random("budget", home))
        writer.add(Budget, budgets)
        writer.add(CompensatoryRest, list(rest_owed(home, rota, horizon, manager)))
        writer.add(Publication, list(publications(home, horizon, manager)))

    def _lost(
        self, home: HomePlan, rota: HomeRota, spells: list[Spell]
    ) -> Iterator[tuple[Value, ...]]:
        horizon = self._horizon
        of: dict[int, list[tuple[int, int, int]]] = {}
        for spell_id, spell in enumerate(spells, start=self._next_spell):
            days = (horizon.index(spell.start), horizon.index(spell.end), spell_id)
            of.setdefault(spell.person.id, []).append(days)
        for index, day, kind in rota.lost:
            person = home.people[index]
            spell_id = next(id_ for first, last, id_ in of[person.id] if first <= day <= last)
            yield (
                spell_id, person.id, home.units[person.unit].id, horizon.iso[day],
                SPEC_OF[kind].band.value, horizon.clocked(day, kind).paid_minutes,
            )  # fmt: skip


def _is_empty(connection: Connection) -> bool:
    return not any(
        connection.execute(select(table.id).limit(1)).first() for table in (CareHome, Staff, User)
    )


def _delete_everything(connection: Connection) -> int:
    """Empty every table; gives a data version of homes that no cache has seen yet."""
    latest = connection.scalar(select(func.max(CareHome.data_version))) or 0
    with append_only_lifted(connection):  # the invented organisation's records go as a whole
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(delete(table))
    return latest + 1
