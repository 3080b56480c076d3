"""Grading a site's TLS, certificate chain, headers and cookies, from outside."""

from __future__ import annotations

import socket
import ssl
import warnings
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

PROTOCOLS = {
    "TLS 1.0": ssl.TLSVersion.TLSv1,
    "TLS 1.1": ssl.TLSVersion.TLSv1_1,
    "TLS 1.2": ssl.TLSVersion.TLSv1_2,
    "TLS 1.3": ssl.TLSVersion.TLSv1_3,
}
#: header -> what its value must contain
HEADERS = {
    "strict-transport-security": "max-age=",
    "content-security-policy": "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
#: half a year, below which HSTS is worth little
SHORTEST_HSTS = 15_768_000
RENEW_BEFORE = timedelta(days=14)


@dataclass(slots=True)
class Report:
    """What was found. ``faults`` cost the grade, ``notes`` are for the reader."""

    faults: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def grade(self) -> str:
        """``A+`` without any finding, ``A`` with warnings only, ``F`` otherwise."""
        return "F" if self.faults else "A" if self.warnings else "A+"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and headers (lower case; all values of a name) of one answer."""

    status: int
    headers: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Site:
    """Where to look; ``authority`` is the file of a private authority's certificate."""

    host: str
    port: int = 443
    address: str = ""
    authority: str = ""

    def connect(self, context: ssl.SSLContext) -> ssl.SSLSocket:
        """A TLS connection."""
        raw = socket.create_connection((self.address or self.host, self.port), timeout=10)
        try:
            return context.wrap_socket(raw, server_hostname=self.host)
        except BaseException:
            raw.close()
            raise

    def ask(self, request: bytes) -> Answer:
        """Send bytes as they are; gives the head of the answer."""
        context = _anybody()
        data = b""
        with self.connect(context) as connection:
            connection.sendall(request)
            while b"\r\n\r\n" not in data:
                piece = connection.recv(65536)
                if not piece:
                    break
                data += piece
        head = data.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        headers: dict[str, list[str]] = {}
        for line in head[1:]:
            name, _, value = line.partition(":")
            headers.setdefault(name.strip().lower(), []).append(value.strip())
        words = head[0].split()
        return Answer(int(words[1]) if len(words) > 1 else 0, headers)

    def get(self, path: str, method: str = "GET") -> Answer:
        """One request."""
        return self.ask(
            f"{method} {path} HTTP/1.1\r\nHost: {self.host}\r\nConnection: close\r\n"
            "Accept-Encoding: gzip\r\n\r\n".encode()
        )


def grade(site: Site, paths: tuple[str, ...] = ("/accounts/login/", "/nothing/here/")) -> Report:
    """Look at everything; never raises for what it finds."""
    report = Report()
    _protocols(site, report)
    _ciphers(site, report)
    _chain(site, report)
    for path in paths:
        _headers(path, site.get(path), report)
    _headers("a broken request", site.ask(b"GET / HTTP/1.1\r\n\r\n"), report)
    _headers("an odd method", site.get("/", "BREW"), report)
    return report


def _anybody() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # the client must not refuse what the server is to refuse
    context.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    return context


def _accepts(site: Site, context: ssl.SSLContext) -> tuple[str, str] | None:
    """Protocol and cipher of a handshake, or null when it was refused."""
    try:
        with site.connect(context) as connection:
            cipher = connection.cipher()
            return connection.version() or "", cipher[0] if cipher else ""
    except (ssl.SSLError, ConnectionError):
        return None


def _protocols(site: Site, report: Report) -> None:
    for name, version in PROTOCOLS.items():
        context = _anybody()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # old protocols are the question
            context.minimum_version = context.maximum_version = version
        accepted = _accepts(site, context) is not None
        if accepted and name in {"TLS 1.0", "TLS 1.1"}:
            report.faults.append(f"{name} is accepted")
        elif not accepted and name == "TLS 1.2":
            report.faults.append("TLS 1.2 is refused")
        elif not accepted and name == "TLS 1.3":
            report.warnings.append("TLS 1.3 is refused")
        else:
            report.notes.append(f"{name} {'accepted' if accepted else 'refused'}")


def _ciphers(site: Site, report: Report) -> None:
    accepted = []
    for cipher in sorted({c["name"] for c in _anybody().get_ciphers() if "TLS_" not in c["name"]}):
        context = _anybody()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.set_ciphers(f"{cipher}:@SECLEVEL=0")
        except ssl.SSLError:
            continue
        found = _accepts(site, context)
        if found:
            accepted.append(cipher)
    for cipher in accepted:
        forward = cipher.startswith("ECDHE-")
        sealed = "GCM" in cipher or "CHACHA20" in cipher
        if not (forward and sealed):
            lacks = "forward secrecy" if not forward else "authenticated encryption"
            report.faults.append(f"cipher {cipher} is accepted: no {lacks}")
    report.notes.append(f"TLS 1.2 ciphers: {', '.join(accepted) or 'none'}")


def _chain(site: Site, report: Report) -> None:
    context = ssl.create_default_context(cafile=site.authority or None)
    try:
        with site.connect(context) as connection:
            certificate = connection.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        report.faults.append(f"the certificate is not trusted: {error.verify_message}")
        return
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    if ends - datetime.now(UTC) < RENEW_BEFORE:
        report.warnings.append(f"the certificate ends on {ends:%Y-%m-%d}")
    report.notes.append(f"chain trusted, host name right, until {ends:%Y-%m-%d}")


def _headers(what: str, answer: Answer, report: Report) -> None:
    where = f"{what} ({answer.status})"
    for name, part in HEADERS.items():
        values = answer.headers.get(name, [])
        if not values:
            report.faults.append(f"{where}: no {name}")
        elif len(values) > 1:
            report.faults.append(f"{where}: {name} is sent {len(values)} times")
        elif part.lower() not in values[0].lower():
            report.faults.append(f"{where}: {name} is {values[0]!r}")
    policy = "".join(answer.headers.get("content-security-policy", []))
    if "unsafe-eval" in policy:
        report.faults.append(f"{where}: the policy allows eval")
    age = "".join(answer.headers.get("strict-transport-security", [])).partition("max-age=")[2]
    if age and int(age.split(";")[0]) < SHORTEST_HSTS:
        report.faults.append(f"{where}: HSTS for only {age} seconds")
    server = "".join(answer.headers.get("server", []))
    if any(letter.isdigit() for letter in server):
        report.warnings.append(f"{where}: the server tells its version ({server})")
    for cookie in answer.headers.get("set-cookie", []):
        attributes = cookie.lower()
        name = cookie.partition("=")[0]
        if "secure" not in attributes or "samesite" not in attributes:
            report.faults.append(f"{where}: cookie {name} without Secure or SameSite")
        if name == "session" and "httponly" not in attributes:
            report.faults.append(f"{where}: cookie {name} can be read by scripts")
