"""The two dialects of the old system: which model is what, which field means what.

For each attribute of a parsed value the names under which it may come, the export's own
name first: it is the one written for what the old system never had.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from rota.exchange.parsed import Kind

#: model -> what it is about; ``scheduling.user`` may turn out to be an account
MODELS: dict[str, Kind] = {
    "scheduling.role": Kind.ROLE,
    "scheduling.carehome": Kind.HOME,
    "scheduling.unit": Kind.UNIT,
    "scheduling.shifttype": Kind.SHIFT_TYPE,
    "scheduling.shiftpattern": Kind.PATTERN,
    "scheduling.user": Kind.PERSON,
    "scheduling.staff": Kind.PERSON,
    "auth.user": Kind.ACCOUNT,
    "scheduling.shift": Kind.SHIFT,
    "scheduling.leaverequest": Kind.LEAVE,
}

#: kind -> the model written for what was made here
CANONICAL: dict[Kind, str] = {
    Kind.ROLE: "scheduling.role",
    Kind.HOME: "scheduling.carehome",
    Kind.UNIT: "scheduling.unit",
    Kind.SHIFT_TYPE: "scheduling.shifttype",
    Kind.PATTERN: "scheduling.shiftpattern",
    Kind.PERSON: "scheduling.user",
    Kind.ACCOUNT: "auth.user",
    Kind.SHIFT: "scheduling.shift",
    Kind.LEAVE: "scheduling.leaverequest",
}

#: what every Django dump carries beside the data; listed as a warning, not loaded
FRAMEWORK_MODELS = frozenset(
    {
        "admin.logentry", "auth.group", "auth.permission", "contenttypes.contenttype",
        "sessions.session", "sites.site", "axes.accesslog", "axes.accessattempt",
    }
)  # fmt: skip

#: fields that are never kept: a password hash has no use here and must not lie around
NEVER_KEPT = frozenset({"password"})

_SAP = ("sap_number", "sap", "sap_no", "username", "staff_number", "employee_number")

FIELDS: dict[Kind, dict[str, tuple[str, ...]]] = {
    Kind.ROLE: {
        "code": ("name", "code"),
        "short_code": ("code",),
        "name": ("title", "label"),
        "description": ("description",),
        "grade": ("grade",),
        "is_night": ("is_night",),
        "counts_to_cover": ("counts_to_cover",),
        "is_care_exempt": ("is_care_exempt",),
        "needs_registration": ("needs_registration",),
    },
    Kind.HOME: {
        "name": ("name",),
        "beds": ("bed_capacity", "beds", "capacity", "total_beds", "bed_count"),
        "occupancy": ("current_occupancy", "occupancy", "residents"),
        "postcode": ("postcode", "post_code"),
        "opened_on": ("opened_date", "opened_on", "opening_date"),
        "is_active": ("is_active", "active"),
        "latitude": ("latitude",),
        "longitude": ("longitude",),
        "agency_pence": (
            "budget_agency_monthly", "monthly_agency_budget", "agency_budget_monthly",
            "agency_budget", "agency_monthly_budget",
        ),
        "overtime_pence": (
            "budget_overtime_monthly", "monthly_overtime_budget", "overtime_budget_monthly",
            "overtime_budget", "overtime_monthly_budget",
        ),
    },
    Kind.UNIT: {
        "name": ("name", "unit_name"),
        "home": ("care_home", "carehome", "home"),
        "description": ("description",),
        "is_management": ("is_management",),
        "is_active": ("is_active", "active"),
        "beds": ("beds", "bed_capacity", "capacity"),
        "day_minimum": ("min_day_staff", "day_minimum", "min_day", "minimum_day_staff", "day_min"),
        "night_minimum": (
            "min_night_staff", "night_minimum", "min_night", "minimum_night_staff", "night_min",
        ),
        "weekend_minimum": (
            "min_weekend_staff", "weekend_minimum", "min_weekend", "minimum_weekend_staff",
            "weekend_min",
        ),
        "day_ideal": ("ideal_day_staff", "day_ideal", "ideal_day"),
        "night_ideal": ("ideal_night_staff", "night_ideal", "ideal_night"),
    },
    Kind.SHIFT_TYPE: {
        "name": ("name", "title", "label"),
        "code": ("code", "short_code", "abbreviation"),
        "start_time": ("start_time", "start", "starts_at"),
        "end_time": ("end_time", "end", "ends_at"),
        "duration": ("duration_hours", "hours", "duration"),
        "break_minutes": ("break_minutes", "break_duration", "unpaid_break_minutes"),
        "break_is_paid": ("break_is_paid",),
        "roles": ("applicable_roles", "roles", "allowed_roles"),
        "only_roles": ("only_roles",),
        "band": ("band",),
        "category": ("category",),
        "is_senior": ("is_senior",),
        "is_sleep_in": ("is_sleep_in",),
        "counts_as_working_time": ("counts_as_working_time",),
        "counts_to_cover": ("counts_to_cover",),
        "is_active": ("is_active", "active"),
    },
    Kind.PATTERN: {
        "name": ("name", "title"),
        "cycle_days": ("cycle_length_days", "cycle_length", "cycle_days", "length", "days_in_cycle"),
        "days": ("days", "pattern", "shift_codes", "shifts", "codes", "pattern_data", "sequence"),
    },
    Kind.PERSON: {
        "sap_number": _SAP,
        "first_name": ("first_name", "forename", "given_name"),
        "last_name": ("last_name", "surname", "family_name"),
        "full_name": ("name", "full_name"),
        "email": ("email", "email_address"),
        "phone": ("phone_number", "phone", "mobile"),
        "role": ("role", "job_role", "job_title"),
        "unit": ("unit",),
        "home_unit": ("home_unit",),
        "home": ("care_home", "carehome", "home"),
        "team": ("team",),
        "shifts_per_week": ("shifts_per_week_override", "shifts_per_week"),
        "contract_hours": (
            "contract_hours", "contracted_hours", "contract_hours_per_week", "weekly_hours",
            "contracted_hours_per_week", "hours_per_week", "contracted_weekly_hours",
        ),
        "leave_allowance": ("annual_leave_allowance",),
        "employment": ("employment", "employment_type", "contract_type"),
        "pattern": ("shift_pattern", "pattern"),
        "pattern_anchor": ("pattern_anchor", "pattern_start_date", "pattern_start"),
        "preferred_shift": ("shift_preference", "preferred_shift"),
        "works_other_homes": ("works_other_homes",),
        "is_active": ("is_active", "active"),
        "started_on": ("start_date", "started_on", "date_started", "hire_date", "employment_start_date"),
        "left_on": ("leaving_date", "left_on", "end_date", "termination_date"),
        "date_of_birth": ("date_of_birth", "dob", "birth_date"),
        "registration_number": ("sssc_number", "registration_number", "sssc_registration_number"),
        "registration_expires": ("sssc_expiry", "registration_expires", "registration_expiry"),
        "opt_out": (
            "working_time_opt_out_date", "opt_out_date", "working_time_opt_out", "wtd_opt_out",
            "wtr_opt_out", "opt_out", "opted_out", "wtd_opt_out_date", "opt_out_signed_on",
        ),
        "is_superuser": ("is_superuser",),
    },
    Kind.ACCOUNT: {
        "sap_number": ("username", *_SAP[:3]),
        "first_name": ("first_name",),
        "last_name": ("last_name",),
        "email": ("email",),
        "is_active": ("is_active",),
        "is_superuser": ("is_superuser",),
        "role": ("account_role",),
        "all_homes": ("all_homes",),
        "homes": ("homes",),
    },
    Kind.SHIFT: {
        "person": ("user", "staff", "staff_member", "employee"),
        "unit": ("unit",),
        "date": ("date", "shift_date"),
        "shift_type": ("shift_type", "shift", "type", "shift_code"),
        "is_vacant": ("is_vacant", "vacant"),
        "classification": ("classification", "shift_classification", "source"),
        "status": ("status",),
        "agency": ("agency", "agency_company", "agency_name"),
        "agency_worker": ("agency_worker", "agency_staff_name"),
        "role": ("role",),
        "starts": ("start_time", "custom_start_time"),
        "ends": ("end_time", "custom_end_time"),
        "break_minutes": ("break_minutes",),
        "paid_minutes": ("paid_minutes",),
        "is_supernumerary": ("is_supernumerary", "supernumerary"),
        "is_locked": ("is_locked", "locked"),
        "note": ("notes", "note"),
        "vacancy_reason": ("vacancy_reason",),
    },
    Kind.LEAVE: {
        "person": ("user", "staff", "staff_member", "employee"),
        "start_date": ("start_date", "start", "from_date", "date_from"),
        "end_date": ("end_date", "end", "to_date", "date_to"),
        "leave_type": ("leave_type", "type"),
        "status": ("status",),
        "hours": ("hours", "hours_requested", "total_hours"),
        "days": ("days_requested", "days", "total_days"),
        "minutes": ("minutes",),
        "reason": ("reason", "notes", "note"),
        "requested_at": ("created_at", "requested_at", "submitted_at"),
        "decided_at": ("approval_date", "approved_at", "decided_at"),
        "decision_reason": ("decision_reason", "approval_notes", "denial_reason", "rejection_reason"),
    },
}  # fmt: skip

#: which further fields feed an attribute, beside the one of its own name
FEEDS: dict[Kind, dict[str, tuple[str, ...]]] = {
    Kind.ROLE: {"name": ("description",)},
    Kind.UNIT: {"is_management": ("description", "name")},
    Kind.SHIFT_TYPE: {
        "code": ("name",),
        "break_minutes": ("duration",),
        "break_is_paid": ("duration",),
        "roles": ("only_roles",),
    },
    Kind.PERSON: {
        "first_name": ("full_name",),
        "last_name": ("full_name",),
        "home": ("unit",),
        "contracted_minutes": ("shifts_per_week", "contract_hours"),
        "opt_out_signed_on": ("opt_out",),
    },
    Kind.ACCOUNT: {"name": ("first_name", "last_name"), "role": ("is_superuser",)},
    Kind.SHIFT: {
        "sap_number": ("person", "is_vacant"),
        "agency": ("is_vacant",),
        "is_published": ("status",),
        "starts_at": ("starts",),
        "ends_at": ("ends",),
    },
    Kind.LEAVE: {"sap_number": ("person",), "minutes": ("hours", "days")},
}


#: for a field whose exact name is none of :data:`FIELDS`: words that its name must hold,
#: each a beginning ("min" fits ``minimum``); asked only when no exact name is there
_SIMILAR: dict[Kind, dict[str, tuple[tuple[str, ...], ...]]] = {
    Kind.HOME: {
        "beds": (("bed",),),
        "occupancy": (("occup",),),
        "agency_pence": (("agency", "budget"),),
        "overtime_pence": (("overtime", "budget"), ("ot", "budget")),
    },
    Kind.UNIT: {
        "home": (("home",), ("carehome",)),
        "day_minimum": (("day", "min"), ("day", "requir")),
        "night_minimum": (("night", "min"), ("night", "requir")),
        "weekend_minimum": (("weekend", "min"), ("weekend", "requir")),
        "day_ideal": (("day", "ideal"),),
        "night_ideal": (("night", "ideal"),),
    },
    Kind.SHIFT_TYPE: {
        "start_time": (("start",),),
        "end_time": (("end",),),
        "duration": (("hour",), ("duration",)),
        "roles": (("role",),),
    },
    Kind.PATTERN: {"cycle_days": (("cycle",), ("length",)), "days": (("code",), ("pattern",))},
    Kind.PERSON: {
        "sap_number": (("sap",),),
        "contract_hours": (("contract", "hour"), ("week", "hour")),
        "started_on": (("start", "date"), ("employ", "date"), ("join", "date")),
        "date_of_birth": (("birth",),),
        "opt_out": (("opt", "out"), ("optout",)),
        "registration_expires": (("sssc", "expir"), ("registration", "expir")),
        "registration_number": (("sssc", "num"), ("registration", "num")),
    },
    Kind.LEAVE: {
        "start_date": (("start",), ("from",)),
        "end_date": (("end",), ("to",), ("until",)),
    },
}


@lru_cache(maxsize=4096)
def similar_name(kind: Kind, attribute: str, names: frozenset[str]) -> str | None:
    """The one field among ``names`` whose words fit an attribute; null if none or several."""
    known = {name for names_of in FIELDS[kind].values() for name in names_of}
    for words in _SIMILAR.get(kind, {}).get(attribute, ()):
        fitting = [
            name
            for name in sorted(names - known)
            if all(any(part.startswith(word) for part in name.lower().split("_")) for word in words)
        ]
        if len(fitting) == 1:
            return fitting[0]
    return None


def has_similar(kind: Kind, attribute: str) -> bool:
    """Whether an attribute may come under a name that is only similar."""
    return attribute in _SIMILAR.get(kind, {})


def keys_of(kind: Kind, attribute: str, names: Iterable[str] = ()) -> tuple[str, ...]:
    """Every field name from which an attribute of a parsed value may come.

    ``names`` are the fields of a record, in which a similar name may stand.
    """
    own = FIELDS[kind].get(attribute, ())
    sources = (attribute, *FEEDS.get(kind, {}).get(attribute, ()))
    further = tuple(key for source in sources[1:] for key in FIELDS[kind][source])
    similar = tuple(
        name
        for source in sources
        if has_similar(kind, source)
        and (name := similar_name(kind, source, frozenset(names))) is not None
    )
    return own + further + similar


@lru_cache(maxsize=4096)
def stated(kind: Kind, attributes: tuple[str, ...], names: frozenset[str]) -> frozenset[str]:
    """Which attributes the fields of a record say anything about."""
    return frozenset(
        attribute for attribute in attributes if names & set(keys_of(kind, attribute, names))
    )
