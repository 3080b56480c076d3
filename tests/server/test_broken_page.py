"""A page that cannot be built says so in its place, instead of leaving the one before it."""

from __future__ import annotations

from unittest.mock import Mock

import pytest
from werkzeug.exceptions import NotFound

from rota.access.permissions import Permission
from rota.errors import InvalidInput
from server import factory
from tests.components.asserts import text_of


@pytest.fixture(autouse=True)
def somebody(monkeypatch):
    monkeypatch.setattr(factory, "current_actor", Mock())


def page_that(error: Exception):
    def layout(**_query):
        raise error

    return factory.guarded_layout(layout, Permission.VIEW_OVERVIEW)


def test_a_fault_of_ours_becomes_a_panel():
    words = text_of(page_that(ZeroDivisionError("secret detail"))())
    assert "This page could not be built" in words
    assert "secret detail" not in words


def test_an_error_of_the_persons_own_keeps_its_words():
    assert "Not a date." in text_of(page_that(InvalidInput("Not a date."))(start="x"))


def test_an_http_answer_stays_what_it_is():
    with pytest.raises(NotFound):
        page_that(NotFound())()
