"""Hire, or cover by bank, overtime or agency: what a gap costs either way, and where it turns.

The gap is not one number but as uncertain as it was: every past week's hours that somebody
without a contract (or nobody) covered. A post is paid for every week, used or not, and gives its
contracted hours less headroom (leave, sickness, training); what it leaves open is covered by the
dearer source. The best number of posts makes the mean weekly cost least (the newsvendor's
argument, over the observed weeks themselves rather than a fitted distribution).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.calendar import Period, monday
from rota.costs.rates import RateBook, ShiftFacts, cost_of_shift
from rota.errors import InvalidInput
from rota.models import AgencyRate, Band, Classification, Role, Shift, Staff
from rota.roster.cover import WORKED_ROLE_ID

#: weeks of history that make the distribution
WEEKS = 26
MOST_POSTS = 40
_NOON = datetime(2000, 1, 1, 12, tzinfo=UTC)
QUANTILES = (10, 50, 90)


@dataclass(frozen=True, slots=True)
class HourlyPrices:
    """Loaded pence an hour on a weekday by day; null: no rate."""

    own: int | None
    overtime: int | None
    bank: int | None
    agency: int | None


@dataclass(frozen=True, slots=True)
class Gap:
    """Minutes of each past week that no contract covered, oldest first."""

    weeks: tuple[int, ...]

    def quantile(self, percent: int) -> int:
        """The least gap not exceeded in ``percent`` of the weeks, in minutes; 0 without weeks."""
        if not self.weeks:
            return 0
        ordered = sorted(self.weeks)
        place = -(-percent * len(ordered) // 100) - 1
        return ordered[min(max(place, 0), len(ordered) - 1)]


@dataclass(frozen=True, slots=True)
class Option:
    """Hiring ``posts``: mean pence a week, of which for the posts and for the cover left."""

    posts: int
    posts_pence: int
    cover_pence: int

    @property
    def total_pence(self) -> int:
        """Both."""
        return self.posts_pence + self.cover_pence


def options(
    gap: Gap,
    *,
    own_pence: int,
    cover_pence: int,
    contract_minutes: int,
    headroom_percent: int,
    most_posts: int = MOST_POSTS,
) -> list[Option]:
    """The mean weekly cost of hiring 0, 1, … posts, up to the first that covers every week.

    ``own_pence`` and ``cover_pence`` are loaded, an hour. Raises :class:`InvalidInput` for a
    contract or headroom that makes no sense.
    """
    if not 60 <= contract_minutes <= 60 * 60 or not 0 <= headroom_percent < 100:
        raise InvalidInput("A post has 1 to 60 hours a week and a headroom under 100 %.")
    given = Fraction(contract_minutes * (100 - headroom_percent), 100)
    found = []
    for posts in range(most_posts + 1):
        left = [max(Fraction(0), week - posts * given) for week in gap.weeks]
        mean = sum(left, Fraction(0)) / len(left) if left else Fraction(0)
        found.append(
            Option(
                posts,
                round(Fraction(posts * contract_minutes * own_pence, 60)),
                round(mean * cover_pence / 60),
            )
        )
        if not any(left):
            break
    return found


def best(found: Sequence[Option]) -> Option:
    """The cheapest; of equal ones the fewest posts."""
    return min(found, key=lambda option: (option.total_pence, option.posts))


def break_even_minutes(
    *, own_pence: int, cover_pence: int, contract_minutes: int, headroom_percent: int
) -> int | None:
    """The weekly gap from which one post costs less than covering it; null: it never does.

    A post pays ``contract x own`` whatever is used; cover pays for the gap alone, and a post
    can take off no more than it gives.
    """
    if cover_pence <= 0:
        return None
    needed = Fraction(contract_minutes * own_pence, cover_pence)
    given = Fraction(contract_minutes * (100 - headroom_percent), 100)
    return -(-needed.numerator // needed.denominator) if needed <= given else None


def with_floor(prices: HourlyPrices, paid_pence: int, floor_pence: int) -> HourlyPrices:
    """The prices once nobody is paid under a floor; on-costs and factors stay in proportion."""
    if floor_pence <= paid_pence or paid_pence <= 0:
        return prices

    def raised(price: int | None) -> int | None:
        return None if price is None else round(Fraction(price * floor_pence, paid_pence))

    return HourlyPrices(
        raised(prices.own), raised(prices.overtime), raised(prices.bank), prices.agency
    )


def hourly_prices(session: Session, book: RateBook, role_id: int, on: date) -> HourlyPrices:
    """What an hour of a role costs from each source on the weekday on or before a day; the
    agency is the cheapest that has a rate for the role."""
    weekday = min(on, monday(on) + timedelta(days=4))

    def price(source: Classification, agency_id: int | None = None) -> int | None:
        facts = ShiftFacts(role_id, weekday, _NOON, _NOON, 60, Band.DAY, source, agency_id)
        return cost_of_shift(facts, book).total_pence

    agencies = session.scalars(
        select(AgencyRate.agency_id).where(AgencyRate.role_id == role_id).distinct()
    )
    invoiced = [p for a in agencies if (p := price(Classification.AGENCY, a)) is not None]
    return HourlyPrices(
        price(Classification.REGULAR), price(Classification.OVERTIME), price(Classification.BANK),
        min(invoiced, default=None),
    )  # fmt: skip


def past_gap(session: Session, actor: Actor, home_id: int, role_id: int, today: date) -> Gap:
    """The hours of a role that no contract covered in each of the last full weeks. One statement.

    A vacancy counts under the role it asks for.
    """
    actor.require(Permission.VIEW_COSTS, home_id)
    end = monday(today) - timedelta(days=1)
    period = Period(end - timedelta(days=7 * WEEKS - 1), end)
    rows = session.execute(
        select(Shift.date, func.sum(Shift.paid_minutes))
        .select_from(Shift)
        .outerjoin(Staff, Staff.id == Shift.user_id)
        .where(
            Shift.home_id == home_id, Shift.date.between(period.start, period.end),
            WORKED_ROLE_ID.in_([role_id]),
            or_(Shift.classification != Classification.REGULAR, Shift.is_vacant),
        )
        .group_by(Shift.date)
    )  # fmt: skip
    weeks = [0] * WEEKS
    for day, minutes in rows:
        weeks[(day - period.start).days // 7] += int(minutes)
    return Gap(tuple(weeks))


def care_roles(session: Session) -> dict[int, str]:
    """The roles that count to cover, by id, in order of their code."""
    rows = session.execute(
        select(Role.id, Role.code).where(Role.counts_to_cover).order_by(Role.code)
    )
    return {row.id: row.code for row in rows}
