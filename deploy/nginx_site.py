"""The nginx site from its template, and a certificate until a real one is there."""

from __future__ import annotations

import hashlib
import ipaddress
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.environment import read_environment
from deploy.layout import Layout
from deploy.steps import fill

HERE = Path(__file__).resolve().parent


def certificate_paths(layout: Layout) -> tuple[Path, Path]:
    """Chain and key. ``certbot --deploy-hook`` copies its own here and reloads nginx."""
    return layout.at("/etc/staff_rota/tls/fullchain.pem"), layout.at("/etc/staff_rota/tls/key.pem")


@dataclass(frozen=True, slots=True)
class Site:
    """The values of the template."""

    hosts: str
    http: str
    https: str
    upstream: str
    home: Path
    current: Path
    logs: Path
    cache: Path
    switch: Path
    certificate: Path
    certificate_key: Path
    #: whoever sends the cookie ``staff_rota_preview`` with this value sees the closed site
    preview: str

    @classmethod
    def of(cls, layout: Layout, hosts: Sequence[str]) -> Site:
        """The site of an installation."""
        certificate, key = certificate_paths(layout)
        return cls(
            hosts=" ".join(hosts), http="80", https="443", upstream="unix:/run/staff_rota/web.sock",
            home=layout.home, current=layout.current, logs=layout.logs,
            cache=layout.at("/var/cache/nginx/staff_rota"), switch=layout.maintenance_switch,
            certificate=certificate, certificate_key=key, preview=preview_word(layout),
        )  # fmt: skip


def preview_word(layout: Layout) -> str:
    """The secret word of the preview cookie: made from the site's key, so that it need not be
    kept anywhere else; without configuration a word that no cookie can hold."""
    if not layout.environment_file.exists():
        return "no preview;"
    key = read_environment(layout.environment_file).get("SECRET_KEY", "")
    return hashlib.blake2b(f"preview of the closed site {key}".encode(), digest_size=16).hexdigest()


def render(site: Site) -> str:
    """The configuration of the site."""
    template = (HERE / "nginx" / "staff_rota.conf").read_text(encoding="utf-8")
    port = site.https.rpartition(":")[2]
    return fill(
        template,
        {
            "HOSTS": site.hosts, "HTTP": site.http, "HTTPS": site.https,
            "HTTPS_SUFFIX": "" if port == "443" else f":{port}",
            "UPSTREAM": site.upstream, "HOME": str(site.home), "CURRENT": str(site.current),
            "PAGES": str(site.current / "deploy" / "nginx" / "pages"),
            "LOGS": str(site.logs), "CACHE": str(site.cache), "SWITCH": str(site.switch),
            "CERTIFICATE": str(site.certificate), "CERTIFICATE_KEY": str(site.certificate_key),
            "PREVIEW": site.preview,
        },
    )  # fmt: skip


def self_signed(certificate: Path, key: Path, hosts: Sequence[str], days: int = 30) -> None:
    """A certificate that browsers warn about: only so that nginx starts."""
    certificate.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    names = ",".join(f"{'IP' if _is_address(host) else 'DNS'}:{host}" for host in hosts)
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", str(days), "-subj", f"/CN={hosts[0]}",
         "-addext", f"subjectAltName={names}", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    key.chmod(0o600)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
