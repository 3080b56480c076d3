"""What may be done, and by which role. The only place that says so."""

from __future__ import annotations

from enum import StrEnum

from rota.models.access import UserRole


class Permission(StrEnum):
    """One thing that can be done; its value is what a refusal names."""

    VIEW_ACCOUNT = "see one's own account"
    VIEW_OVERVIEW = "see the overview"
    VIEW_ROTA = "see the rota"
    EDIT_ROTA = "change the rota"
    PUBLISH_ROTA = "publish the rota"
    VIEW_VACANCIES = "see vacancies"
    FILL_VACANCY = "fill a vacancy"
    EDIT_PEOPLE = "change people's records"
    VIEW_LEAVE = "see leave"
    REQUEST_LEAVE = "ask for leave"
    DECIDE_LEAVE = "decide leave"
    VIEW_OWN_ROTA = "see one's own rota"
    OFFER_WORK = "offer availability and propose swaps"
    VIEW_FORECAST = "see forecasts"
    TRAIN_FORECAST = "train forecasts"
    SET_REQUIREMENT = "set how many people are needed"
    VIEW_SCENARIOS = "see scenarios"
    RUN_OPTIMISATION = "run an optimisation"
    APPLY_SCENARIO = "apply a scenario"
    VIEW_COSTS = "see costs"
    EDIT_RATES = "change rates and budgets"
    SET_TARGETS = "set targets for measures"
    VIEW_REPORTS = "see reports"
    EXPORT_DATA = "export data"
    SCHEDULE_REPORTS = "send reports by mail"
    VIEW_CONTACTS = "see personal contact data"
    VIEW_JOBS = "see background work"
    ADMINISTER = "administer people and reference data"
    VIEW_AUDIT = "see the audit trail"


P = Permission

_EVERYBODY = frozenset({P.VIEW_ACCOUNT})
_READER = _EVERYBODY | {
    P.VIEW_OVERVIEW, P.VIEW_ROTA, P.VIEW_VACANCIES, P.VIEW_FORECAST, P.VIEW_SCENARIOS,
    P.VIEW_COSTS, P.VIEW_REPORTS, P.EXPORT_DATA, P.VIEW_JOBS,
}  # fmt: skip

PERMISSIONS: dict[UserRole, frozenset[Permission]] = {
    UserRole.CARE_STAFF: _EVERYBODY
    | {P.VIEW_OWN_ROTA, P.REQUEST_LEAVE, P.OFFER_WORK},
    UserRole.ANALYST: _READER,
    UserRole.SENIOR_MANAGER: _READER
    | {P.VIEW_LEAVE, P.RUN_OPTIMISATION, P.SET_TARGETS, P.VIEW_CONTACTS, P.VIEW_AUDIT,
       P.SCHEDULE_REPORTS},
    UserRole.OPERATIONAL_MANAGER: _READER
    | {
        P.EDIT_ROTA, P.PUBLISH_ROTA, P.FILL_VACANCY, P.EDIT_PEOPLE, P.VIEW_LEAVE, P.REQUEST_LEAVE,
        P.DECIDE_LEAVE, P.TRAIN_FORECAST, P.SET_REQUIREMENT, P.RUN_OPTIMISATION,
        P.APPLY_SCENARIO, P.VIEW_CONTACTS, P.SCHEDULE_REPORTS,
    },
    UserRole.ADMINISTRATOR: frozenset(Permission),
}  # fmt: skip

ROLE_NAMES: dict[UserRole, str] = {
    UserRole.OPERATIONAL_MANAGER: "Operational Manager",
    UserRole.SENIOR_MANAGER: "Senior Manager",
    UserRole.ANALYST: "Analyst",
    UserRole.CARE_STAFF: "Care staff",
    UserRole.ADMINISTRATOR: "Administrator",
}
