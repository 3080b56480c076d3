"""Names the leave screens share: addresses, ids, words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from pages._inputs import day_of
from rota.errors import InvalidInput
from rota.leave.facts import LeaveType

PATH = "/leave/"
_REQUEST = re.compile(r"r([1-9][0-9]{0,8})")
_HEAT = re.compile(r"heat(-year)?(?:-([0-9]{4}-[0-9]{2}-[0-9]{2})-u([1-9][0-9]{0,8}))?")
TABS = ("", "swaps", "calendar", "heat", "balances", "sickness", "decided")

TYPE_WORDS: dict[LeaveType, str] = {
    LeaveType.ANNUAL: "Annual leave",
    LeaveType.SICK: "Sickness",
    LeaveType.TRAINING: "Training",
    LeaveType.UNPAID: "Unpaid leave",
    LeaveType.PARENTAL: "Parental leave",
    LeaveType.COMPASSIONATE: "Compassionate leave",
    LeaveType.TOIL: "Time off in lieu",
    LeaveType.OTHER: "Other leave",
}

READY_REASONS: tuple[tuple[str, str], ...] = (
    ("cover", "Cover would fall below the minimum on these days."),
    ("others", "Too many of the unit are off on these days already."),
    ("notice", "The notice given is too short to find cover."),
)


class Ids:
    """Ids of the leave screen."""

    GO = "leave-go"
    CHOSEN = "leave-chosen"
    APPROVE = "leave-approve"
    REJECT_OPEN = "leave-reject-open"
    REJECT = "leave-reject"
    REJECT_READY = "leave-reject-ready"
    REJECT_TEXT = "leave-reject-text"
    REJECT_SEND = "leave-reject-send"
    PART_OPEN = "leave-part-open"
    PART = "leave-part"
    PART_DAYS = "leave-part-days"
    PART_REASON = "leave-part-reason"
    PART_SEND = "leave-part-send"
    BULK_OPEN = "leave-bulk-open"
    BULK = "leave-bulk"
    BULK_BODY = "leave-bulk-body"
    BULK_CHOSEN = "leave-bulk-chosen"
    BULK_SEND = "leave-bulk-send"
    ASK_OPEN = "leave-ask-open"
    ASK = "leave-ask"
    ASK_PERSON = "leave-ask-person"
    ASK_START = "leave-ask-start"
    ASK_END = "leave-ask-end"
    ASK_TYPE = "leave-ask-type"
    ASK_REASON = "leave-ask-reason"
    ASK_SEND = "leave-ask-send"
    SICK_OPEN = "leave-sick-open"
    SICK = "leave-sick"
    SICK_PERSON = "leave-sick-person"
    SICK_START = "leave-sick-start"
    SICK_END = "leave-sick-end"
    SICK_NOTE = "leave-sick-note"
    SICK_SEND = "leave-sick-send"
    BACK_TYPE = "leave-back"
    HEAT = "leave-heat"
    TALK = "leave-talk"
    TALK_TYPE = "leave-talk-open"
    TALK_CHOSEN = "leave-talk-chosen"
    TALK_WORDS = "leave-talk-words"
    TALK_DAY = "leave-talk-day"
    TALK_BY = "leave-talk-by"
    TALK_OUTCOME = "leave-talk-outcome"
    TALK_AGREED = "leave-talk-agreed"
    TALK_REVIEW = "leave-talk-review"
    TALK_SEND = "leave-talk-send"
    SWAP_YES = "leave-swap-yes"
    SWAP_NO = "leave-swap-no"
    SWAP_DIALOG = "leave-swap-dialog"
    SWAP_CHOSEN = "leave-swap-chosen"
    SWAP_REASON = "leave-swap-reason"
    SWAP_SEND = "leave-swap-send"
    FIX_PERSON = "leave-fix-person"
    FIX_KIND = "leave-fix-kind"
    FIX_DAY = "leave-fix-day"
    FIX_HOURS = "leave-fix-hours"
    FIX_REASON = "leave-fix-reason"
    FIX_SEND = "leave-fix-send"


@dataclass(frozen=True, slots=True)
class LeaveView:
    """What the leave screen shows: a tab, the request that is open in the first, and of the heat
    map its length and the day and unit whose names are shown."""

    tab: str = ""
    request_id: int | None = None
    whole_year: bool = False
    day: date | None = None
    unit: int | None = None

    @property
    def text(self) -> str:
        """The view as it stands in an address; :func:`parse_view` reads it back."""
        if self.request_id is not None:
            return f"r{self.request_id}"
        if self.tab != "heat":
            return self.tab
        year = "-year" if self.whole_year else ""
        day = f"-{self.day.isoformat()}-u{self.unit}" if self.day and self.unit else ""
        return f"heat{year}{day}"


def parse_view(text: str) -> LeaveView:
    """Read the view of an address. Raises :class:`InvalidInput`."""
    if text in TABS:
        return LeaveView(tab=text)
    heat = _HEAT.fullmatch(text)
    if heat:
        day = day_of(heat[2], "The day in the address") if heat[2] else None
        unit = int(heat[3]) if heat[3] else None
        return LeaveView("heat", whole_year=bool(heat[1]), day=day, unit=unit)
    found = _REQUEST.fullmatch(text)
    if not found:
        raise InvalidInput("This address names nothing of leave.", hint="Start at Leave.")
    return LeaveView(request_id=int(found[1]))
