"""The application. Gunicorn serves ``app:server``; ``python app.py`` runs it embedded.

Embedded means: one command on one machine, with a SQLite file, a local cache and a worker
that starts and stops with the server. Production sets the same environment variables to
PostgreSQL and Redis; nothing else differs.
"""

from __future__ import annotations

from rota.errors import RotaError


def create() -> object:
    """Build the server from the environment's settings."""
    from rota.logs import configure_logging
    from rota.settings import get_settings
    from server.factory import create_app, create_server
    from server.sentry import configure_sentry

    settings = get_settings()
    configure_logging(settings.log_level)
    configure_sentry(settings)
    server = create_server(settings)
    create_app(server)
    return server


if __name__ == "__main__":
    import sys

    from server.embedded import run

    try:
        run(sys.argv[1:])
    except RotaError as mistake:
        sys.exit(f"Error: {mistake}")
else:
    server = create()
