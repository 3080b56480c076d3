"""What a load test measured: by step, together, against limits, and against the last run."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Limits:
    """What is accepted (milliseconds; share of requests)."""

    average: float = 100.0
    p95: float = 400.0
    dashboard_p95: float = 200.0
    errors: float = 0.0


@dataclass(frozen=True, slots=True)
class Row:
    """One step: requests, failures, and times in milliseconds."""

    name: str
    requests: int
    failures: int
    average: float
    p50: float
    p95: float
    p99: float
    most: float
    bytes: float


@dataclass(slots=True)
class LoadReport:
    """A run. ``conditions`` says what ran where, so that two runs are compared knowingly."""

    rows: list[Row]
    together: Row
    seconds: float
    conditions: dict[str, object] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def row(self, name: str) -> Row | None:
        """The row of a step."""
        return next((row for row in self.rows if row.name == name), None)

    def shortfalls(self, limits: Limits) -> list[str]:
        """What is not accepted, in words."""
        words = []
        for what, value, limit in (
            ("average", self.together.average, limits.average),
            ("p95", self.together.p95, limits.p95),
        ):
            if value >= limit:
                words.append(f"{what} {value:.0f} ms, accepted below {limit:.0f} ms")
        dashboard = self.row("open /dashboard/")
        if dashboard and dashboard.p95 >= limits.dashboard_p95:
            words.append(
                f"dashboard p95 {dashboard.p95:.0f} ms, accepted below {limits.dashboard_p95:.0f} ms"
            )
        if self.together.failures > limits.errors * self.together.requests:
            words.append(f"{self.together.failures} of {self.together.requests} requests failed")
        return words

    def text(self, before: LoadReport | None = None) -> str:
        """A table; with the last run's average and p95 beside, where there is one."""
        head = f"{'step':28}{'requests':>9}{'failed':>7}{'avg':>8}{'p50':>8}{'p95':>8}{'p99':>8}{'max':>8}"
        lines = [head + ("   avg, p95 before" if before else "")]
        for row in [*self.rows, self.together]:
            line = f"{row.name[:28]:28}{row.requests:>9}{row.failures:>7}"
            line += "".join(
                f"{v:>8.0f}" for v in (row.average, row.p50, row.p95, row.p99, row.most)
            )
            old = before and (before.row(row.name) or (row is self.together and before.together))
            if old:
                line += f"{old.average:>9.0f}{old.p95:>8.0f}"
            lines.append(line)
        rate = self.together.requests / self.seconds if self.seconds else 0
        lines.append(f"{rate:.1f} requests a second for {self.seconds:.0f} s (times in ms)")
        lines += [f"{name}: {value}" for name, value in self.conditions.items()]
        return "\n".join(lines + self.problems)

    def save(self, path: Path) -> None:
        """For the next run's comparison."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> LoadReport | None:
        """An earlier run, or null when there is none that can be read."""
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            return cls(
                [Row(**row) for row in kept["rows"]], Row(**kept["together"]), kept["seconds"],
                kept["conditions"], kept["problems"],
            )  # fmt: skip
        except (OSError, ValueError, TypeError, KeyError):
            return None
