"""Names of this room that screens may use; the models themselves they may not."""

from rota.models import AvailabilityKind as AvailabilityKind
from rota.models import Band as Band
from rota.models import SwapState as SwapState
