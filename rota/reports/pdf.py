"""A PDF of a page: the same HTML that the screen and the printer show, printed by Chromium.

A chart in it is drawn by the same Plotly as on the screen and stays vector. The page must
bring everything with it (styles, scripts, fonts as ``data:`` or inline): the browser is
started without a network.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Literal

from rota.errors import Unavailable

Paper = Literal["A4", "A3"]

#: names under which distributions install it
_BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
#: the page may draw its charts for so long (milliseconds of the page's own clock)
_DRAWING_MS = 4000


def find_browser() -> str | None:
    """Chromium's path, if it is installed."""
    return next((path for name in _BROWSERS if (path := shutil.which(name))), None)


def pdf_of(
    html: str, *, landscape: bool = False, paper: Paper = "A4", timeout_seconds: float = 60
) -> bytes:
    """The PDF of a complete HTML document.

    ``paper`` and ``landscape`` give the page's size; margins are the document's own ``@page``
    if it states any. Raises :class:`Unavailable` when Chromium is missing or does not end.
    """
    browser = find_browser()
    if browser is None:
        raise Unavailable(
            "A PDF needs the browser Chromium, which this server does not have.",
            hint="Print the page and choose “Save as PDF”, or install the package chromium.",
        )
    with tempfile.TemporaryDirectory(prefix="rota-pdf-") as folder:
        source, target = Path(folder, "page.html"), Path(folder, "page.pdf")
        source.write_text(_with_page_size(html, paper, landscape=landscape), "utf-8")
        _run(_command(browser, folder, source, target), timeout_seconds)
        if not target.exists():
            raise Unavailable("The PDF could not be made.", hint="Try again in a minute.")
        return target.read_bytes()


def _with_page_size(html: str, paper: Paper, *, landscape: bool) -> str:
    """Put the size first, so that the document's own ``@page`` adds to it."""
    size = f"{paper} landscape" if landscape else paper
    style = f"<style>@page{{size:{size};margin:12mm}}</style>"
    head, found, rest = html.partition("<head>")
    return f"{head}{found}{style}{rest}" if found else style + html


def _command(browser: str, folder: str, source: Path, target: Path) -> list[str]:
    # Chromium's sandbox cannot be set up by root; nothing in the page is foreign
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return [
        browser, "--headless=new", *as_root, "--disable-gpu", "--disable-dev-shm-usage",
        "--disable-extensions", "--disable-background-networking", "--no-first-run",
        "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={folder}/profile",
        "--no-pdf-header-footer", f"--virtual-time-budget={_DRAWING_MS}",
        f"--print-to-pdf={target}", source.as_uri(),
    ]  # fmt: skip


def _run(command: list[str], timeout_seconds: float) -> None:
    """Run it in a group of its own: on a timeout none of its processes may stay."""
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        process.wait(timeout_seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise Unavailable(
            f"The PDF took longer than {timeout_seconds:.0f} s and was given up.",
            hint="Choose a shorter period.",
        ) from None
