"""Whether the stored models can still be trusted: files, data, age and errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from rota.errors import NotFound
from rota.forecasting import queries, service, store
from rota.forecasting.queries import ModelCard, UnitPlace
from rota.models import utc_now

#: outside these the band does not keep its promise of 80 %
_COVERAGE = (0.70, 0.90)


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """What is wrong with one unit's models; nothing where all is well."""

    place: UnitPlace
    findings: tuple[str, ...]


def check_models(
    session: Session, folder: Path, unit_ids: Sequence[int] | None
) -> list[ModelCheck]:
    """Every care unit with what was found about its models."""
    places = queries.care_units(session, unit_ids)
    by_unit: dict[int, list[ModelCard]] = {}
    for card in queries.model_cards(session, [place.id for place in places]):
        by_unit.setdefault(card.unit_id, []).append(card)
    return [
        ModelCheck(place, tuple(_findings(place, by_unit.get(place.id, []), folder)))
        for place in places
    ]


def _findings(place: UnitPlace, cards: list[ModelCard], folder: Path) -> list[str]:
    if not cards:
        return ["no model: train the unit"]
    try:
        model = store.read_model(store.model_path(folder, place.home, place.name))
    except NotFound as problem:
        return [str(problem)]
    found = []
    for card in cards:
        kept = model.find(card.series, card.band)
        name = f"{card.series} {card.band}"
        if kept is None:
            found.append(f"{name}: not in the model file")
        elif kept.fingerprint != card.fingerprint:
            found.append(f"{name}: the file is not the one that the database knows")
        found += [f"{name}: {text}" for text in _figures(card)]
    if _age(cards) > service.MAX_AGE:
        found.append(f"trained {_age(cards).days} days ago")
    changed = sorted(
        name for name, version in store.versions().items() if model.versions.get(name) != version
    )
    if changed:
        found.append(f"made with another version of {', '.join(changed)}")
    return found


def _figures(card: ModelCard) -> list[str]:
    found = []
    coverage = card.metrics.get("coverage")
    if coverage is not None and not _COVERAGE[0] <= coverage <= _COVERAGE[1]:
        found.append(f"the 80 % band covered {coverage:.0%}")
    mase, naive = card.metrics.get("mase"), card.metrics.get("naive_mase")
    if mase is not None and naive is not None and mase >= naive:
        found.append(f"no better than last week (MASE {mase:.2f} against {naive:.2f})")
    if card.fallback:
        found.append(f"fell back: {card.fallback}")
    return found


def _age(cards: list[ModelCard]) -> timedelta:
    oldest: datetime = min(card.trained_at for card in cards)
    return utc_now() - oldest
