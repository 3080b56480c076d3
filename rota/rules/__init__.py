"""Every rule of work as a named object, and the ways of applying them.

>>> verdicts = check_timeline(timeline, period)
>>> assessment = check_change(timeline, Change.add(shift))
>>> assessment.word
'Warned'
"""

from rota.rules.averages import WeeklyAverage, weekly_averages
from rota.rules.defaults import CARE_ROLES, DEFAULT_PARAMETERS, default_rows
from rota.rules.parameters import Limits, ParameterRow, Parameters
from rota.rules.rule import Rule
from rota.rules.rulebook import (
    DEFAULT_RULEBOOK,
    RULES,
    Change,
    Rulebook,
    check_change,
    check_home,
    check_timeline,
    weekly_hours_headroom,
)
from rota.rules.timeline import (
    Absence,
    CompensatoryRest,
    OptOut,
    PastWeek,
    PersonId,
    Qualification,
    Registration,
    ShiftId,
    Timeline,
    WorkedShift,
    Worker,
)
from rota.rules.verdict import Assessment, Severity, Verdict, worst

__all__ = [
    "CARE_ROLES",
    "DEFAULT_PARAMETERS",
    "DEFAULT_RULEBOOK",
    "RULES",
    "Absence",
    "Assessment",
    "Change",
    "CompensatoryRest",
    "Limits",
    "OptOut",
    "ParameterRow",
    "Parameters",
    "PastWeek",
    "PersonId",
    "Qualification",
    "Registration",
    "Rule",
    "Rulebook",
    "Severity",
    "ShiftId",
    "Timeline",
    "Verdict",
    "WeeklyAverage",
    "WorkedShift",
    "Worker",
    "check_change",
    "check_home",
    "check_timeline",
    "default_rows",
    "weekly_averages",
    "weekly_hours_headroom",
    "worst",
]
