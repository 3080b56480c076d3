"""Trained models as JSON files, one per unit, replaced whole or not at all.

A model file can be read by anybody and executes nothing: a pickle would run whatever
somebody managed to put into it. Beside what the forecast needs it carries the
fingerprint of the data, the versions it was made with and how good it was.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import math
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from rota.errors import NotFound

FORMAT = 2
_PACKAGES = ("prophet", "statsforecast", "numpy", "holidays")


@dataclass(frozen=True, slots=True)
class StoredSeries:
    """One series of a unit's model, as the file holds it.

    ``errors`` are the past windows (W, L) of actual minus forecast, null where unknown, that
    began ``steps_back`` (W,) days before the end of the data;
    ``metrics`` the figures the screens show; ``prophet`` Prophet's own JSON.
    """

    series: str
    band: str
    fingerprint: str
    model: str
    fallback: str
    last_day: str
    values: int
    weights: dict[str, float]
    errors: list[list[float | None]]
    steps_back: list[int]
    metrics: dict[str, Any]
    prophet: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class StoredModel:
    """The model file of one unit."""

    home: str
    unit: str
    unit_id: int
    days: int
    trained_at: str
    versions: dict[str, str]
    series: tuple[StoredSeries, ...]

    def find(self, series: str, band: str) -> StoredSeries | None:
        """The stored series of this kind, if there is one."""
        return next((s for s in self.series if (s.series, s.band) == (series, band)), None)


def model_path(folder: Path, home: str, unit: str) -> Path:
    """``Orchard_Grove_OG_Mulberry_model.json``: letters and digits, the rest underscores."""
    return folder / f"{_word(home)}_{_word(unit)}_model.json"


def fingerprint(start: date, values: list[float], settings: str) -> str:
    """SHA-256 of the training values and of the settings they are forecast with."""
    text = json.dumps([start.isoformat(), [_finite(value) for value in values], settings])
    return hashlib.sha256(text.encode()).hexdigest()


def versions() -> dict[str, str]:
    """The versions of what a model is made with."""
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def write_model(path: Path, model: StoredModel) -> None:
    """Replace a model file; whoever reads meanwhile sees the old one whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(_plain(model), separators=(",", ":"), allow_nan=False)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o640)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read_model(path: Path) -> StoredModel:
    """Read a model file. Raises :class:`NotFound` where there is none that can be used."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw["format"] != FORMAT:
            raise NotFound(f"{path.name} has format {raw['format']}.", hint="Train the unit again.")
        series = tuple(StoredSeries(**each) for each in raw["series"])
        return StoredModel(
            home=raw["home"], unit=raw["unit"], unit_id=raw["unit_id"], days=raw["days"],
            trained_at=raw["trained_at"], versions=raw["versions"], series=series,
        )  # fmt: skip
    except OSError:
        raise NotFound(f"There is no model file {path.name}.", hint="Train the unit.") from None
    except (ValueError, KeyError, TypeError):
        raise NotFound(f"{path.name} is damaged.", hint="Train the unit again.") from None


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Wait until nobody else computes what belongs to this model file.

    Twenty callers who miss the same forecast at once compute it once: the first holds the
    lock, the others find its rows. It is held by the operating system, so a killed
    process lets go of it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f".{path.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _plain(model: StoredModel) -> dict[str, Any]:
    names = ("home", "unit", "unit_id", "days", "trained_at", "versions")
    return {
        "format": FORMAT,
        **{name: getattr(model, name) for name in names},
        "series": [
            {name: getattr(each, name) for name in StoredSeries.__slots__} for each in model.series
        ],
    }


def _word(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_") or "unit"


def _finite(value: float) -> float | None:
    return round(value, 6) if math.isfinite(value) else None
