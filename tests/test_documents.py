"""What the documents promise is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_every_test_that_the_security_document_names_exists() -> None:
    document = (ROOT / "docs/security.md").read_text()
    named = set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", document))
    assert len(named) > 40
    missing = [
        f"{file}::{test}"
        for file, test in sorted(named)
        if not (ROOT / file).exists()
        or not re.search(rf"^def {test}\(", (ROOT / file).read_text(), re.M)
    ]
    assert missing == []


def test_the_table_of_forty_is_complete() -> None:
    document = (ROOT / "docs/security.md").read_text()
    numbers: set[int] = set()
    for first, last in re.findall(r"^\| (\d+)(?:–(\d+))? \|", document, re.M):
        numbers |= set(range(int(first), int(last or first) + 1))
    assert numbers == set(range(1, 41))
