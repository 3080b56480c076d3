"""A quick look at how the running system answers: real HTTP, real logins, percentiles.

The thorough load test with Dash's own protocol lives in ``deploy/loadtest``; this one is
for the go-live checklist and needs nothing but the standard library.
"""

from __future__ import annotations

import http.cookiejar
import re
import ssl
import statistics
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field

from rota.errors import InvalidInput, Unavailable

#: acceptance values of the go-live plan (seconds; share)
ACCEPTED_AVERAGE, ACCEPTED_P95, ACCEPTED_ERRORS = 1.0, 1.5, 0.01
_ANONYMOUS_PATHS = ("/accounts/login/", "/health/")
_PATHS = ("/dashboard/", "/rota/", "/costs/", "/health/")
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What was measured, in seconds; ``errors`` are answers that were not 200."""

    requests: int
    errors: int
    average: float
    p95: float
    p99: float
    per_second: float

    @property
    def accepted(self) -> bool:
        """Whether the acceptance values of the plan are met."""
        return (
            self.average < ACCEPTED_AVERAGE
            and self.p95 < ACCEPTED_P95
            and self.errors <= ACCEPTED_ERRORS * self.requests
        )


@dataclass(slots=True)
class _Measurements:
    seconds: list[float] = field(default_factory=list)
    errors: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, seconds: float, ok: bool) -> None:
        with self.lock:
            self.seconds.append(seconds)
            self.errors += not ok


def quick_load_test(
    base_url: str = "http://127.0.0.1:8050",
    *,
    users: int = 20,
    seconds: float = 10.0,
    sap_number: str = "",
    password: str = "",
    cookie: str = "",
    authority: str = "",
) -> LoadResult:
    """Let ``users`` people open pages one after another for ``seconds``; gives what they saw.

    With an account they log in and open the pages behind it, otherwise the public ones.
    ``cookie`` (``name=value``) is sent along: the preview of a closed site; ``authority`` is
    the file of a private authority's certificate.
    Raises :class:`InvalidInput` for a login that fails, :class:`Unavailable` when nobody
    answers at all.
    """
    if users < 1 or seconds <= 0:
        raise InvalidInput("A load test needs at least one user and some time.")
    # one account, many tabs: hashing twenty passwords would be another test
    jar = http.cookiejar.CookieJar()
    openers = [opener_for(base_url, jar, cookie=cookie, authority=authority) for _ in range(users)]
    if sap_number:
        log_in(openers[0], base_url, sap_number, password)
    paths = _PATHS if sap_number else _ANONYMOUS_PATHS
    measured = _Measurements()
    begun = time.monotonic()
    threads = [
        threading.Thread(target=_visit, args=(o, base_url, paths, begun + seconds, measured))
        for o in openers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return _summary(measured, time.monotonic() - begun)


def opener_for(
    base_url: str, jar: http.cookiejar.CookieJar, *, cookie: str = "", authority: str = ""
) -> urllib.request.OpenerDirector:
    """A browser of the standard library's with these cookies."""
    context = ssl.create_default_context(cafile=authority or None)
    if cookie:
        name, _, value = cookie.partition("=")
        host = urllib.parse.urlsplit(base_url).hostname or ""
        # the jar knows a host without a dot under this name
        host = host if "." in host else f"{host}.local"
        jar.set_cookie(
            http.cookiejar.Cookie(
                0, name, value, None, False, host, False, False, "/", True, True, None, False,
                None, None, {},
            )
        )  # fmt: skip
    return urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=context), urllib.request.HTTPCookieProcessor(jar)
    )


def log_in(
    opener: urllib.request.OpenerDirector, base_url: str, sap_number: str, password: str
) -> None:
    """Fill in the login form. Raises :class:`InvalidInput` or :class:`Unavailable`."""
    address = f"{base_url}/accounts/login/"
    try:
        page = opener.open(address, timeout=30).read().decode()
        token = _TOKEN.search(page)
        if token is None:
            raise InvalidInput(f"{address} is not the login page of this product.")
        form = {"sap_number": sap_number, "password": password, "csrf_token": token[1]}
        request = urllib.request.Request(  # noqa: S310 - the caller's own server
            address, urllib.parse.urlencode(form).encode(), headers={"Referer": address}
        )
        answer = opener.open(request, timeout=30)
    except urllib.error.HTTPError as error:
        raise InvalidInput(f"The login of {sap_number} was refused ({error.code}).") from error
    except OSError as error:
        raise Unavailable(f"{base_url} does not answer: {error}.") from error
    if "/accounts/password/" in answer.url:
        raise InvalidInput("This account must change its temporary password first.")


def _visit(
    opener: urllib.request.OpenerDirector,
    base_url: str,
    paths: tuple[str, ...],
    until: float,
    measured: _Measurements,
) -> None:
    step = 0
    while time.monotonic() < until:
        begun = time.perf_counter()
        try:
            answer = opener.open(base_url + paths[step % len(paths)], timeout=30)
            answer.read()
            # being sent back to the login page is a failure, not a fast success
            ok = answer.status == 200 and answer.url.rstrip("/").endswith(
                paths[step % len(paths)].rstrip("/")
            )
        except OSError:
            ok = False
        measured.add(time.perf_counter() - begun, ok)
        step += 1


def _summary(measured: _Measurements, elapsed: float) -> LoadResult:
    if not measured.seconds:
        raise Unavailable("Not a single request was answered in the time given.")
    ordered = sorted(measured.seconds)
    return LoadResult(
        requests=len(ordered),
        errors=measured.errors,
        average=statistics.fmean(ordered),
        p95=ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))],
        p99=ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))],
        per_second=len(ordered) / elapsed,
    )
