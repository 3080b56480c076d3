"""What the answer should keep or spare: the rota as it stands, and who has had their share."""

from __future__ import annotations

from rota.costs.people import BurdenKind
from rota.models import Shift, Staff
from rota.optimisation.burdens import burden_shares, is_burden
from rota.optimisation.home_frame import Frame, Place
from rota.optimisation.problem import Person, Request

#: part above the fair share from which it is priced, and at which the price stops rising
_LEAST_EXCESS, _MOST_EXCESS = 0.1, 1.5


def kept_shifts(frame: Frame, position: dict[int, int]) -> list[Request]:
    """Keep what is rostered where it does not cost more than a change does."""
    found = []
    for shift in frame.decided.values():
        person = position.get(shift.user_id or -1)
        duty = frame.index.get(Place(shift.shift_type_id, shift.unit_id))
        if person is not None and duty is not None:
            found.append(
                Request(
                    person, frame.day_index(shift.date), duty, _change(frame, shift), wanted=True
                )
            )
    return found


def _change(frame: Frame, shift: Shift) -> int:
    """What it costs those concerned that a shift is changed, by the notice they get of it."""
    if frame.data.is_short_notice(shift):
        return frame.prices.short_notice_change
    return frame.prices.published_change if shift.is_published else frame.prices.change


def fair_shares(frame: Frame, people: list[tuple[Staff, Person]]) -> list[Request]:
    """A price on weekends, nights and bank holidays for whoever had more than their share
    of them; a shift that is two of these is priced for both."""
    if not frame.prices.fairness:
        return []
    found = []
    for kind in BurdenKind:
        shares = burden_shares(frame.data, kind)
        for place, (staff, person) in enumerate(people):
            excess = min(_MOST_EXCESS, shares.get(staff.id, 1.0) - 1.0)
            weight = round(frame.prices.fairness * excess)
            if excess >= _LEAST_EXCESS and weight >= 1:
                found += [
                    Request(place, day, duty, weight, wanted=False)
                    for day, duty in _burdensome(frame, kind, person)
                ]
    return found


def _burdensome(frame: Frame, kind: BurdenKind, person: Person) -> list[tuple[int, int]]:
    """Days and duties that a person may be given and that are unsocial in this way."""
    bands = {
        duty: frame.data.shift_types[frame.places[duty].shift_type_id].band
        for duty in sorted(person.maximum)
        if duty < frame.first_cover_free
    }
    return [
        (number, duty)
        for day in frame.data.days
        if (number := frame.day_index(day)) not in person.days_off and number not in person.fixed
        for duty, band in bands.items()
        if is_burden(kind, day, band)
    ]
