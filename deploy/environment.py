"""Reading ``production.env`` and saying everything that is missing or weak in it.

The file has systemd's form (``NAME=value``, optional quotes, no expansion), so that the
services, the command line and these programs read the same values.
"""

from __future__ import annotations

import math
import stat
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

MINIMUM_KEY_LENGTH = 50
#: a password below this many bits is guessed by somebody who has the hash or the port
MINIMUM_PASSWORD_BITS = 60
_EXAMPLES = ("change", "example", "secret", "password", "your", "todo", "xxx", "django-insecure")


def read_environment(path: Path) -> dict[str, str]:
    """The variables of an environment file. Raises ``ValueError`` naming a line it cannot read."""
    values: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = line.strip()
        if not line or line.startswith(("#", ";")):
            continue
        name, found, value = line.partition("=")
        name = name.strip()
        if not found or not name.isidentifier():
            raise ValueError(f"{path}, line {number}: not of the form NAME=value")
        value = value.strip()
        if len(value) >= 2 and value[0] == value[-1] and value[0] in "'\"":
            value = value[1:-1]
        values[name] = value
    return values


def estimated_bits(secret: str) -> float:
    """How hard a secret is to guess: its length times the entropy of its characters."""
    if not secret:
        return 0.0
    counts = Counter(secret)
    entropy = -sum(n / len(secret) * math.log2(n / len(secret)) for n in counts.values())
    return entropy * len(secret)


def _secret_key(value: str) -> str:
    if len(value) < MINIMUM_KEY_LENGTH:
        return f"has {len(value)} characters; at least {MINIMUM_KEY_LENGTH} are needed"
    if estimated_bits(value) < 128:
        return "repeats itself; make a random one"
    return _no_example(value)


def _no_example(value: str) -> str:
    lower = value.lower()
    return "still looks like an example" if any(word in lower for word in _EXAMPLES) else ""


def _debug(value: str) -> str:
    return "must be false in production" if value.lower() not in {"", "0", "false", "no"} else ""


def _secure_cookies(value: str) -> str:
    wrong = value.lower() in {"0", "false", "no"}
    return "must be true: sessions would cross the network in clear" if wrong else ""


def _hosts(value: str) -> str:
    hosts = [host.strip() for host in value.split(",") if host.strip()]
    if not hosts or "*" in hosts:
        return "must name the site's hosts, never *"
    if any("example." in host for host in hosts):
        return "still names the example host"
    return ""


def _password_of(value: str, schemes: tuple[str, ...], default_port: int) -> str:
    try:
        address = urlsplit(value)
        port = address.port or default_port
    except ValueError:
        return "is not an address"
    if address.scheme not in schemes or not address.hostname:
        return f"must be {schemes[0]}://user:password@host:{port}/name"
    password = unquote(address.password or "")
    if not password:
        return "has no password"
    if estimated_bits(password) < MINIMUM_PASSWORD_BITS:
        return "has a weak password; make a random one of 20 characters or more"
    return ""


def _database(value: str) -> str:
    if value.startswith("sqlite"):
        return "is SQLite; production needs PostgreSQL"
    problem = _password_of(value, ("postgresql", "postgres", "postgresql+psycopg"), 5432)
    if problem:
        return problem
    user = urlsplit(value).username or ""
    return "logs in as the superuser" if user == "postgres" else ""


def _redis(value: str) -> str:
    return _password_of(value, ("redis", "rediss", "unix"), 6379)


def _data_dir(value: str) -> str:
    return "" if value.startswith("/") else "must be an absolute path"


def _mail(value: str) -> str:
    return "is not a mail address of the organisation" if "@localhost" in value else _address(value)


def _address(value: str) -> str:
    return "" if "@" in value and "." in value.rpartition("@")[2] else "is not a mail address"


def _recipient(value: str) -> str:
    if value.startswith("AGE-SECRET-KEY"):
        return "is the private key; only the public one (age1…) may lie on the server"
    return "" if value.startswith(("age1", "ssh-")) else "must be a public key of age (age1…)"


def _remote(value: str) -> str:
    looks_right = value.startswith("/") or ":" in value
    return "" if looks_right else "must be host:folder for rsync, or a mounted folder"


#: variable -> (whether it must be there, what may be wrong with its value)
CHECKS: dict[str, tuple[bool, Callable[[str], str]]] = {
    "SECRET_KEY": (True, _secret_key),
    "DEBUG": (False, _debug),
    "SECURE_COOKIES": (False, _secure_cookies),
    "ALLOWED_HOSTS": (True, _hosts),
    "DATA_DIR": (True, _data_dir),
    "PROPHET_MODEL_DIR": (False, _data_dir),
    "DATABASE_URL": (True, _database),
    "MIGRATION_DATABASE_URL": (False, _database),
    "REDIS_URL": (True, _redis),
    "EMAIL_HOST": (True, _no_example),
    "DEFAULT_FROM_EMAIL": (True, _mail),
    "BACKUP_RECIPIENT": (True, _recipient),
    "BACKUP_REMOTE": (True, _remote),
}


def problems_of(values: Mapping[str, str]) -> list[str]:
    """Everything missing or weak, each named by its variable; empty when all is well."""
    found = []
    for name, (needed, check) in CHECKS.items():
        value = values.get(name, "")
        if not value:
            if needed:
                found.append(f"{name}: missing")
            continue
        if problem := check(value):
            found.append(f"{name}: {problem}")
    if values.get("EMAIL_HOST_USER") and not values.get("EMAIL_HOST_PASSWORD"):
        found.append("EMAIL_HOST_PASSWORD: missing, although EMAIL_HOST_USER is given")
    return found


def problems_of_file(path: Path, *, owner: int = 0) -> list[str]:
    """As :func:`problems_of`, with what is wrong with the file itself (mode, owner)."""
    if not path.exists():
        return [f"{path}: missing"]
    found = []
    status = path.stat()
    mode = stat.S_IMODE(status.st_mode)
    if mode != 0o600:
        found.append(f"{path}: mode {mode:04o}; must be 0600 (chmod 600)")
    if status.st_uid != owner:
        found.append(f"{path}: belongs to user {status.st_uid}; must belong to {owner}")
    try:
        values = read_environment(path)
    except ValueError as error:
        return [*found, str(error)]
    return found + problems_of(values)
