"""What may be remembered between requests: by scope, arguments and data version.

The cache may vanish at any moment; then everything is computed again. Redis when
``REDIS_URL`` is set (without retries: a dead Redis must cost milliseconds), the process's
own memory otherwise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable
from typing import Any, TypeVar

import structlog
from flask import Flask
from flask_caching import Cache

from rota.access.scope import HomeChoice
from rota.settings import Settings
from server.metrics import CACHE

log = structlog.get_logger(__name__)
cache = Cache()
Value = TypeVar("Value")

#: nothing is kept longer than this (seconds), however often it is asked for
LIFETIME = 600


def install(server: Flask, settings: Settings) -> None:
    """Choose the store."""
    if settings.redis_url:
        server.config.update(
            CACHE_TYPE="RedisCache",
            CACHE_REDIS_URL=settings.redis_url,
            CACHE_KEY_PREFIX="rota:",
            CACHE_OPTIONS=_patient_for_nothing(),
        )
    else:
        server.config.update(CACHE_TYPE="SimpleCache", CACHE_THRESHOLD=2000)
    server.config["CACHE_DEFAULT_TIMEOUT"] = LIFETIME
    cache.init_app(server)


def _patient_for_nothing() -> dict[str, Any]:
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return {
        "socket_timeout": 0.25,
        "socket_connect_timeout": 0.25,
        "retry": Retry(NoBackoff(), 0),
    }


def remembered(
    name: str,
    homes: Iterable[HomeChoice],
    arguments: Iterable[Hashable],
    compute: Callable[[], Value],
) -> Value:
    """The value of ``compute()`` for these homes at their present data version.

    ``homes`` must be the ones the actor may see: they are the scope in the key.
    """
    versions = ",".join(f"{home.id}:{home.data_version}" for home in homes)
    text = "|".join((name, versions, *(repr(argument) for argument in arguments)))
    key = hashlib.blake2b(text.encode(), digest_size=20).hexdigest()
    try:
        found = cache.get(key)
    except Exception:  # a cache that is away or damaged is a miss
        log.warning("cache not read")
        found = None
    CACHE.labels("hit" if found is not None else "miss").inc()
    if found is not None:
        return found  # type: ignore[no-any-return]
    value = compute()
    try:
        cache.set(key, value)
    except Exception:
        log.warning("cache not written")
    return value


def cache_is_alive() -> bool:
    """Whether something written can be read back."""
    try:
        cache.set("alive", 1, timeout=5)
        return bool(cache.get("alive") == 1)
    except Exception:
        return False
