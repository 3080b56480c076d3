"""What a manager judged about the staffing of a shift: kept as it was written."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from rota.models.base import Base, UtcDateTime, choice, utc_now
from rota.models.homes import Band


class CoverJudgement(Base):
    """A note on the staffing of a unit, day and band; the newest one stands.

    Rows are added, never changed: the database refuses it (migration 0016).
    """

    __tablename__ = "cover_judgements"
    __table_args__ = (Index("idx_judgement_unit_date", "unit_id", "date"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    date: Mapped[date]
    band: Mapped[Band] = mapped_column(choice(Band))
    note: Mapped[str] = mapped_column(String(500))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utc_now)
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), default=None)
