"""Passwords: hashing, generating, and what a new one must be."""

from __future__ import annotations

import re
import secrets
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from rota.errors import InvalidInput

MINIMUM_LENGTH = 8
#: an upper bound keeps a megabyte of "password" from costing a hash
MAXIMUM_LENGTH = 200
#: letters and digits that are not mistaken for one another when read out
_READABLE = "abcdefghjkmnpqrstuvwxyz"
_DIGITS = "23456789"
#: words of this country and trade that follow the same habit as the list below
_LOCAL = frozenset(
    [
        "password",
        "passw0rd",
        "p@ssword",
        "p@ssw0rd",
        "qwerty",
        "qwertyui",
        "letmein",
        "welcome",
        "admin",
        "administrator",
        "iloveyou",
        "abc12345",
        "monkey",
        "dragon",
        "football",
        "baseball",
        "sunshine",
        "princess",
        "scotland",
        "glasgow",
        "edinburgh",
        "rangers",
        "celtic",
        "liverpool",
        "arsenal",
        "chelsea",
        "carehome",
        "staffrota",
        "summer",
        "winter",
        "spring",
        "autumn",
        "january",
        "february",
        "march",
        "april",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "changeme",
        "secret",
        "trustno1",
    ]
)


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    # argon2id, 19 MiB and two passes (OWASP's first choice): about 27 ms of CPU
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def hash_password(password: str) -> str:
    """The argon2id hash to store."""
    return _hasher().hash(password)


@lru_cache(maxsize=1)
def _hash_of_nobody() -> str:
    return hash_password(secrets.token_urlsafe(16))


def verify_password(stored: str | None, password: str) -> bool:
    """Whether ``password`` matches; an unknown user costs the same time as a wrong password."""
    if len(password) > MAXIMUM_LENGTH:
        return False
    try:
        _hasher().verify(stored or _hash_of_nobody(), password)
    except (Argon2Error, InvalidHashError):
        return False
    return bool(stored)


def needs_rehash(stored: str) -> bool:
    """Whether the hash was made with older parameters."""
    return _hasher().check_needs_rehash(stored)


def generate_password() -> str:
    """A random temporary password that can be read out: ``Xkcde-fghjk-23456``, about 65 bits."""
    groups = ["".join(secrets.choice(_READABLE) for _ in range(5)) for _ in range(2)]
    groups.append("".join(secrets.choice(_DIGITS) for _ in range(5)))
    return "-".join(groups).capitalize()


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    """The 30 000 passwords most often found in leaks (as shipped with zxcvbn), and our own."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"]) | _LOCAL


#: how people get past "a digit and a capital"
_LOOKALIKES = str.maketrans({"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "@": "a", "$": "s"})


def is_common(password: str) -> bool:
    """Whether it is a leaked password, or one with a year, a number or a sign put to it."""
    plain = password.casefold()
    stem = re.sub(r"[^a-z0-9]*\d{0,4}[^a-z0-9]*$", "", plain)
    bare = "".join(c for c in plain if c.isalnum()).rstrip("0123456789")
    tried = {plain, stem, plain.translate(_LOOKALIKES), stem.translate(_LOOKALIKES)}
    return not tried.isdisjoint(_common()) or bare in _LOCAL


def check_strength(password: str, *, name: str = "", sap_number: str = "") -> None:
    """Raise :class:`InvalidInput` naming every rule a new password does not meet."""
    lacking = []
    if len(password) < MINIMUM_LENGTH:
        lacking.append(f"at least {MINIMUM_LENGTH} characters")
    if len(password) > MAXIMUM_LENGTH:
        lacking.append(f"at most {MAXIMUM_LENGTH} characters")
    if not any(c.isupper() for c in password):
        lacking.append("a capital letter")
    if not any(c.islower() for c in password):
        lacking.append("a small letter")
    if not any(c.isdigit() for c in password):
        lacking.append("a digit")
    parts = [part.casefold() for part in name.split() if len(part) > 3]
    if is_common(password):
        lacking.append("something less common")
    if (len(sap_number) > 3 and sap_number in password) or any(
        part in password.casefold() for part in parts
    ):
        lacking.append("nothing of your name or SAP number")
    if lacking:
        raise InvalidInput(f"A password needs {', '.join(lacking)}.")
