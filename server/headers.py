"""Security headers on every response, errors and files included."""

from __future__ import annotations

import dash
from flask import Flask, Response, request

_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def content_security_policy(script_hashes: tuple[str, ...] = ()) -> str:
    """Everything from this host; scripts besides by hash, never ``unsafe-eval``."""
    return "; ".join(
        (
            "default-src 'self'",
            " ".join(("script-src 'self'", *script_hashes)),
            # Dash components and the grid style elements by attribute
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self'",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def allow_scripts_of(server: Flask, app: dash.Dash) -> None:
    """Put the hashes of Dash's inline scripts into the policy, once it knows them all."""
    server.config["CONTENT_SECURITY_POLICY"] = content_security_policy(tuple(app.csp_hashes()))


def install(server: Flask) -> None:
    """Add the headers to whatever is answered."""
    server.config["CONTENT_SECURITY_POLICY"] = content_security_policy()

    @server.after_request
    def add_headers(response: Response) -> Response:
        for name, value in _FIXED.items():
            response.headers.setdefault(name, value)
        if server.config["SESSION_COOKIE_SECURE"]:
            response.headers.setdefault(
                "Strict-Transport-Security", "max-age=31536000; includeSubDomains"
            )
        response.headers.setdefault(
            "Content-Security-Policy", server.config["CONTENT_SECURITY_POLICY"]
        )
        assets = server.config["ASSETS_PREFIX"]
        if not request.path.startswith((assets, "/_dash-component")):
            response.headers.setdefault("Cache-Control", "no-store")
        elif not request.path.startswith(assets):
            # Dash's scripts with their version in the name say how long they hold; parts that
            # these load by themselves have none, and are asked for by their ETag
            response.headers.setdefault("Cache-Control", "no-cache")
        elif "m" in request.args and response.status_code < 400:
            # asked for with its time it never changes: twenty requests less for every page load
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
