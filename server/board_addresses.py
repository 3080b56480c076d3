"""What a dashboard shows, as it stands in an address: ``view=absence.3``."""

from __future__ import annotations

from dataclasses import dataclass

from rota.boards.catalogue import BOARDS, BoardKind, board_called
from rota.errors import InvalidInput

MONTHS = (1, 3, 6, 12)


@dataclass(frozen=True, slots=True)
class BoardView:
    """A dashboard and how many months of it."""

    kind: BoardKind
    months: int

    @property
    def text(self) -> str:
        """As it stands in the address."""
        return f"{self.kind.key}.{self.months}"


def parse_board(text: str) -> BoardView:
    """Read the view of an address.

    Raises :class:`InvalidInput` or :class:`~rota.errors.NotFound` for an unknown one.
    """
    key, _, months = (text or f"{BOARDS[0].key}.3").partition(".")
    kind = board_called(key)
    if months not in {str(n) for n in MONTHS}:
        raise InvalidInput("A dashboard shows 1, 3, 6 or 12 months.", hint="Choose again.")
    return BoardView(kind, min(int(months), kind.most_months))
