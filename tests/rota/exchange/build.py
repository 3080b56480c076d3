"""Records of both dialects, and files of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from rota.exchange.findings import Code, Level
from rota.exchange.parsed import Kind
from rota.exchange.service import ImportReport, export_file, import_files

Record = dict[str, Any]
TODAY = date(2026, 6, 10)
SAMPLE = Path(__file__).parent / "data" / "export.json"


def record(model: str, pk: Any, **fields: Any) -> Record:
    """A record; the scheduling application is meant unless another is named."""
    name = model if "." in model else f"scheduling.{model}"
    return {"model": name, "pk": pk, "fields": fields}


def role(pk: int = 1, name: str = "SCA", **fields: Any) -> Record:
    return record("role", pk, name=name, description=None, **fields)


def home(pk: int = 1, name: str = "ORCHARD_GROVE", **fields: Any) -> Record:
    fields.setdefault("bed_capacity", 60)
    fields.setdefault("current_occupancy", 50)
    return record("carehome", pk, name=name, **fields)


def unit(pk: int = 10, name: str = "OG_PEAR", care_home: Any = 1, **fields: Any) -> Record:
    usual = {
        "description": None, "is_active": True, "min_day_staff": 2, "min_night_staff": 1,
        "min_weekend_staff": 2, "ideal_day_staff": 3, "ideal_night_staff": 2,
    }  # fmt: skip
    return record("unit", pk, name=name, care_home=care_home, **{**usual, **fields})


def shift_type(pk: int = 40, name: str = "DAY", **fields: Any) -> Record:
    usual = {
        "start_time": "08:00:00", "end_time": "20:00:00", "duration_hours": "12.00",
        "is_active": True, "applicable_roles": "",
    }  # fmt: skip
    return record("shifttype", pk, name=name, **{**usual, **fields})


def user(pk: Any = "000001", **fields: Any) -> Record:
    usual = {
        "password": "!", "first_name": "Ailsa", "last_name": "Innes",
        "email": f"sap{pk}@example.org", "role": 1, "unit": 10, "is_active": True,
        "shifts_per_week_override": 3, "is_superuser": False,
    }  # fmt: skip
    return record("user", pk, **{**usual, **fields})


def staff(pk: int = 500, sap_number: Any = "000001", **fields: Any) -> Record:
    usual = {
        "first_name": "Ailsa", "last_name": "Innes", "email": f"sap{sap_number}@example.org",
        "role": "Social Care Assistant", "unit": 10, "is_active": True, "contract_hours": 35,
    }  # fmt: skip
    return record("staff", pk, sap_number=sap_number, **{**usual, **fields})


def shift(pk: int = 900, **fields: Any) -> Record:
    usual = {
        "user": "000001", "unit": 10, "date": "2026-06-15", "shift_type": 40, "is_vacant": False,
    }  # fmt: skip
    return record("shift", pk, **{**usual, **fields})


def leave(pk: int = 70, **fields: Any) -> Record:
    usual = {
        "user": "000001", "start_date": "2026-07-06", "end_date": "2026-07-12",
        "leave_type": "ANNUAL", "status": "PENDING", "reason": "",
    }  # fmt: skip
    return record("leaverequest", pk, **{**usual, **fields})


def organisation() -> list[Record]:
    """The least that everything else refers to."""
    return [role(), home(), unit(), shift_type(), user()]


def write(folder: Path, records: Any, name: str = "export.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(records, indent=1, ensure_ascii=False), encoding="utf-8")
    return path


def run(engine: Engine, *paths: Path, **options: Any) -> ImportReport:
    return import_files(paths, engine=engine, today=TODAY, **options)


def load(engine: Engine, folder: Path, records: Iterable[Record], **options: Any) -> ImportReport:
    """Import records from one file."""
    return run(engine, write(folder, list(records)), **options)


def export(engine: Engine, folder: Path, name: str = "out.json", **options: Any) -> bytes:
    path = folder / name
    export_file(path, engine=engine, today=TODAY, **options)
    return path.read_bytes()


def found(report: ImportReport, code: Code) -> list[tuple[str, str]]:
    """The primary key and field of each finding of a kind."""
    return [(i.where.pk, i.field) for i in report.findings.items if i.code is code]


def errors(report: ImportReport) -> list[Code]:
    return [item.code for item in report.findings.items if item.level is Level.ERROR]


def created(report: ImportReport) -> dict[Kind, int]:
    return {kind: tally.created for kind, tally in report.tallies.items() if tally.created}
