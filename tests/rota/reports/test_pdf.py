"""A PDF is the page: its words as text, its size, its charts drawn; and nothing from outside."""

from __future__ import annotations

import io
import time

import pytest
from plotly.offline import get_plotlyjs
from pypdf import PdfReader

from rota.errors import Unavailable
from rota.reports import pdf


def read(html: str, **options: object) -> PdfReader:
    return PdfReader(io.BytesIO(pdf.pdf_of(html, **options)))  # type: ignore[arg-type]


def test_words_stay_text_and_the_paper_is_the_one_asked_for() -> None:
    document = read(
        "<!doctype html><html><head></head><body><h1>Rota of Oak</h1></body></html>",
        landscape=True, paper="A3",
    )  # fmt: skip
    assert "Rota of Oak" in document.pages[0].extract_text()
    box = document.pages[0].mediabox
    millimetres = (float(box.width) * 25.4 / 72, float(box.height) * 25.4 / 72)
    assert millimetres == pytest.approx((420, 297), abs=1)


def test_a_chart_is_drawn_as_vectors() -> None:
    document = read(
        "<html><head><meta charset=utf-8></head><body><div id=c style='height:300px'></div>"
        f"<script>{get_plotlyjs()}</script><script>Plotly.newPlot('c',"
        "[{type:'bar',x:['Oak','Elm'],y:[3,4]}],{title:{text:'Nights'}},{staticPlot:true})"
        "</script></body></html>"
    )
    page = document.pages[0]
    words = "".join(page.extract_text().split())
    assert all(word in words for word in ("Oak", "Elm", "Nights"))
    assert len(page.images) == 0


def test_without_chromium_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_BROWSERS", ())
    with pytest.raises(Unavailable, match="Chromium") as refusal:
        pdf.pdf_of("<p>x</p>")
    assert "Print the page" in refusal.value.hint


def test_a_page_that_never_ends_is_given_up_and_leaves_no_process() -> None:
    begun = time.monotonic()
    with pytest.raises(Unavailable, match="given up"):
        pdf.pdf_of("<script>while (true) {}</script>", timeout_seconds=3)
    assert time.monotonic() - begun < 15
