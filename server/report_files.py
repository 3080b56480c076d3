"""Reports as files: the PDF that Chromium prints, with the screen's charts in it."""

from __future__ import annotations

import base64
import threading
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from components.report_print import PrintParts, report_html
from rota.errors import Unavailable
from rota.reports.document import Document
from rota.reports.pdf import pdf_of

_FONT = Path(__file__).parent.parent / "assets/fonts/inter-latin-wght-normal.woff2"
#: a browser costs a core and hundreds of megabytes: one at a time in each process
_ONE_AT_A_TIME = threading.BoundedSemaphore(1)
_PATIENCE_SECONDS = 20


@lru_cache(maxsize=1)
def print_parts() -> PrintParts:
    """Plotly's script (the one the screen uses) and the house type, read once."""
    found = find_spec("plotly")  # found, not imported: importing it costs half a second
    if found is None or found.origin is None:
        raise Unavailable("Plotly is not installed.", hint="Install requirements.txt.")
    script = Path(found.origin).parent / "package_data/plotly.min.js"
    font = base64.b64encode(_FONT.read_bytes()).decode()
    return PrintParts(script.read_text("utf-8"), f"data:font/woff2;base64,{font}")


def report_pdf(document: Document) -> bytes:
    """The report as a PDF, landscape A4. Raises :class:`Unavailable` without Chromium, or when
    others are printing for longer than somebody waits."""
    if not _ONE_AT_A_TIME.acquire(timeout=_PATIENCE_SECONDS):
        raise Unavailable("Other reports are being printed just now.", hint="Try again shortly.")
    try:
        return pdf_of(report_html(document, print_parts()), landscape=True)
    finally:
        _ONE_AT_A_TIME.release()
