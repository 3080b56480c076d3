"""The wordings the product ships. Each room adds its messages here; the organisation may word
them otherwise (:mod:`rota.mail.templates`).

``variables`` are what the message is filled with and an example of each: the editor shows them,
and a new wording is tried with them before it is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Wording:
    """A message before it is filled: Jinja2, the HTML part may be empty."""

    title: str
    subject: str
    text: str
    html: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)


DEFAULTS: dict[str, Wording] = {
    "report": Wording(
        title="A scheduled report",
        subject="{{ title }}: {{ homes }}, {{ period }}",
        text=(
            "Hello {{ name }},\n\n"
            "attached is the {{ title | lower }} of {{ homes }} for {{ period }}.\n"
            "{% for line in headlines %}\n- {{ line }}{% endfor %}\n\n"
            "{% if link %}The same figures on screen: {{ link }}\n\n{% endif %}"
            "You get this because somebody scheduled it as {{ schedule }} for you or your role.\n"
        ),
        variables={
            "name": "Elaine Moir",
            "title": "Monthly report",
            "homes": "Orchard Grove",
            "period": "June 2026",
            "headlines": ["Cost £310,220, £4,120 under budget"],
            "link": "https://rota.example.org/reports",
            "schedule": "Monthly report, first of the month 07:00",
        },
    ),
    "welcome": Wording(
        title="An invitation to Staff Rota",
        subject="Your account for Staff Rota",
        text=(
            "Hello {{ name }},\n\n"
            "there is an account for you in Staff Rota ({{ role }}, {{ homes }}). Your login name "
            "is your SAP number, {{ sap_number }}.\n\n"
            "{% if link %}Open this to choose your password:\n{{ link }}\n\n{% endif %}"
            "Invitation code: {{ code }}\n\n"
            "It works once, until {{ expires }}. Whoever has this message can use it: do not pass "
            "it on. If you did not expect it, tell your home's manager.\n\n"
            "A page with the first steps is attached.\n"
        ),
        variables={
            "name": "Elaine Moir",
            "role": "Operational Manager",
            "homes": "Orchard Grove",
            "sap_number": "004711",
            "link": "https://rota.example.org/accounts/invitation/#x",
            "code": "x",
            "expires": "3 March 2027",
        },
    ),
}
