"""Addresses and ids of the scenario pages, so that they can refer to one another."""

from __future__ import annotations

LIST = "/scenarios/"
OPEN = "/scenarios/open/"
COMPARE = "/scenarios/compare/"
STUDIES = "/scenarios/studies/"


class Ids:
    """What callbacks of the page of one scenario address."""

    PART = "scenario-part"
    PREVIEW = "scenario-preview"
    ACCEPT = "scenario-accept"
    RESOLVE = "scenario-resolve"
    DUPLICATE = "scenario-duplicate"
    NAME = "scenario-name"
    SECONDS = "scenario-seconds"
    SEED = "scenario-seed"
    LEVEL = "scenario-level"
    PRICE = "scenario-price"
    GO = "scenario-go"
    PERSON = "scenario-person"
    ASK = "scenario-ask"
    STUDIES = "scenario-studies"
    TICK = "scenario-tick"
    FRONTIER = "scenario-frontier"
