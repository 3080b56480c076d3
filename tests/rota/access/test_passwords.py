"""What a new password must be."""

from __future__ import annotations

import pytest

from rota.access.passwords import check_strength, generate_password, is_common
from rota.errors import InvalidInput


@pytest.mark.parametrize(
    "password",
    ["Password1", "P@ssw0rd", "Welcome123!", "Qwerty2024", "Summer2026!", "Dragon99", "Letmein1",
     "Scotland2026", "Iloveyou1", "Football12!"],
)  # fmt: skip
def test_what_leaks_are_full_of_is_refused(password: str) -> None:
    with pytest.raises(InvalidInput, match="less common"):
        check_strength(password)


@pytest.mark.parametrize("password", ["Kelpie-Otter-Loch7", "gR7tqpWzxe", "Bracken-90817"])
def test_what_nobody_uses_is_taken(password: str) -> None:
    check_strength(password)


def test_the_list_is_the_long_one() -> None:
    assert is_common("mustang") and is_common("zxcvbnm") and is_common("trustno1")


@pytest.mark.parametrize(
    ("password", "lacking"),
    [("Short1a", "8 characters"), ("nocapital77", "capital"), ("NOSMALL77", "small"),
     ("NoDigitsHere", "digit"), ("Innes-Loch77", "your name"), ("Ab-001234-x", "SAP")],
)  # fmt: skip
def test_a_refusal_names_what_is_lacking(password: str, lacking: str) -> None:
    with pytest.raises(InvalidInput, match=lacking):
        check_strength(password, name="Ailsa Innes", sap_number="001234")


def test_generated_passwords_pass_and_differ() -> None:
    made = {generate_password() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        check_strength(password)
