"""Names the carer's screens share: the address, its tabs, ids."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rota.errors import InvalidInput

PATH = "/my/"
#: view in the address and what the tab is called
TABS = (("", "Week"), ("leave", "Leave"), ("extra", "Extra"), ("swaps", "Swaps"), ("unit", "Unit"))
_SWAP = re.compile(r"swap([1-9][0-9]{0,8})")


class Ids:
    """Ids of the page."""

    GO = "my-go"
    START = "my-start"
    END = "my-end"
    TYPE = "my-type"
    REASON = "my-reason"
    COST = "my-cost"
    SEND = "my-send"
    WITHDRAW = "my-withdraw"
    FEED_MAKE = "my-feed-make"
    FEED_REVOKE = "my-feed-revoke"
    FEED = "my-feed"
    DAYS_START = "my-days-start"
    DAYS_END = "my-days-end"
    DAYS_KIND = "my-days-kind"
    DAYS_BAND = "my-days-band"
    DAYS_SEND = "my-days-send"
    DAYS_REMOVE = "my-days-remove"
    LIKES_BAND = "my-likes-band"
    LIKES_DAYS = "my-likes-days"
    LIKES_NOT = "my-likes-not"
    LIKES_EXTRA = "my-likes-extra"
    LIKES_VERSION = "my-likes-version"
    LIKES_SAVE = "my-likes-save"
    SWAP_NOTE = "my-swap-note"
    SWAP_PROPOSE = "my-swap-propose"
    SWAP_AGREE = "my-swap-agree"
    SWAP_DECLINE = "my-swap-decline"
    SWAP_WITHDRAW = "my-swap-withdraw"


@dataclass(frozen=True, slots=True)
class MyView:
    """The tab that is open, and in it the shift for which a swap is sought."""

    tab: str = ""
    swap_shift: int | None = None


def parse_my_view(text: str) -> MyView:
    """Read the view of an address. Raises :class:`InvalidInput`."""
    if text in {key for key, _ in TABS}:
        return MyView(text)
    found = _SWAP.fullmatch(text)
    if not found:
        raise InvalidInput("This address names nothing of yours.", hint="Start at My week.")
    return MyView("swaps", int(found[1]))
