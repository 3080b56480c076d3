"""A long program in phases that can be cut off and taken up again.

Each finished phase is written down before the next begins. Started again, it goes on with the
first that is not finished; a phase must therefore be safe to do twice.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deploy.steps import StepFailed, write_file


@dataclass(frozen=True, slots=True)
class Phase:
    """One part. ``do`` gives what is worth remembering, as one line."""

    name: str
    title: str
    do: Callable[[], str]


@dataclass(slots=True)
class Journal:
    """What is finished, in a file; and a log of everything said, with the time."""

    path: Path
    log: Path
    echo: Callable[[str], None] = print
    done: dict[str, dict[str, Any]] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.exists():
            kept = json.loads(self.path.read_text(encoding="utf-8"))
            self.done, self.facts = kept["done"], kept["facts"]

    def say(self, line: str) -> None:
        """Tell whoever watches, and the log."""
        stamp = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        with self.log.open("a", encoding="utf-8") as file:
            file.write(f"{stamp}  {line}\n")
        self.echo(line)

    def remember(self, **facts: Any) -> None:
        """Keep something that a later phase, or a run after an interruption, needs."""
        self.facts.update(facts)
        self._save()

    def finish(self, phase: Phase, seconds: float, outcome: str) -> None:
        """Write down that a phase is done."""
        self.done[phase.name] = {
            "seconds": round(seconds, 2), "outcome": outcome, "at": datetime.now(UTC).isoformat(),
        }  # fmt: skip
        self._save()

    def _save(self) -> None:
        write_file(self.path, json.dumps({"done": self.done, "facts": self.facts}, indent=1), 0o600)


def run_phases(phases: Sequence[Phase], journal: Journal, *, again_from: str = "") -> bool:
    """Do what is not finished; gives whether all of it is now. ``again_from`` names a phase
    from which everything is done once more."""
    names = [phase.name for phase in phases]
    if again_from:
        if again_from not in names:
            raise StepFailed(f"There is no phase {again_from}; there are: {', '.join(names)}.")
        for name in names[names.index(again_from) :]:
            journal.done.pop(name, None)
    for number, phase in enumerate(phases, 1):
        label = f"{number:2}/{len(phases)} {phase.title}"
        if phase.name in journal.done:
            journal.say(f"{label}: done before ({journal.done[phase.name]['outcome']})")
            continue
        journal.say(f"{label} …")
        begun = time.monotonic()
        try:
            outcome = phase.do()
        except Exception as problem:  # whatever it was: say it, keep what is done, stop
            journal.say(f"{label}: FAILED after {time.monotonic() - begun:.1f} s: {problem}")
            journal.say("Correct it and start again: it goes on here. Or: deploy/rollback")
            return False
        journal.finish(phase, time.monotonic() - begun, outcome)
        journal.say(f"{label}: {time.monotonic() - begun:.1f} s. {outcome}")
    return True


def timetable(phases: Sequence[Phase], journal: Journal) -> str:
    """Every phase with its seconds and outcome, and the sum."""
    lines = []
    for phase in phases:
        done = journal.done.get(phase.name)
        seconds = f"{done['seconds']:9.1f} s" if done else f"{'–':>11}"
        lines.append(f"{phase.title:42}{seconds}  {done['outcome'] if done else ''}")
    total = sum(each["seconds"] for each in journal.done.values())
    return "\n".join([*lines, f"{'together':42}{total:9.1f} s"])
