"""What the page of changes shows, as it stands in an address: ``view=month.before.unit.all``."""

from __future__ import annotations

from dataclasses import dataclass

from rota.costs.causes import Cause
from rota.costs.compare import Against, Span
from rota.costs.explorer import GROUPINGS
from rota.costs.values import Dimension
from rota.errors import InvalidInput

#: what the two periods can be split by
SPLITS = (Dimension.SOURCE, *GROUPINGS)


@dataclass(frozen=True, slots=True)
class WhyView:
    """Which periods are compared, what they are split by, and the cause that is opened."""

    span: Span = Span.MONTH
    against: Against = Against.BEFORE
    by: Dimension = Dimension.SOURCE
    cause: Cause | None = None

    @property
    def text(self) -> str:
        """As it stands in the address."""
        return ".".join((self.span, self.against, self.by, self.cause or "all"))


def parse_why(text: str) -> WhyView:
    """Read the view of an address; an unknown one is an :class:`InvalidInput`."""
    if not text:
        return WhyView()
    try:
        span, against, by, cause = text.split(".")
        found = WhyView(
            Span(span), Against(against), Dimension(by), None if cause == "all" else Cause(cause)
        )
    except ValueError:
        found = None
    if found is None or found.by not in SPLITS:
        raise InvalidInput("This address compares costs in no way we know.", hint="Start at Costs.")
    return found
