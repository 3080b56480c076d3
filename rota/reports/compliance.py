"""What the rules of work say about everybody, as a list."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from rota.access.actor import Actor
from rota.access.permissions import Permission
from rota.reports.document import Column, Document, Kind, Section, Value
from rota.reports.request import ReportRequest
from rota.roster.rest_queries import home_findings


def compliance_document(session: Session, actor: Actor, request: ReportRequest) -> Document:
    """Every finding of the rules about the people of the homes, gravest first.

    The same rules that the grid and the leave decision apply. People are named only to those
    who may see personal data.
    """
    request.check(actor, Permission.VIEW_ROTA)
    findings = home_findings(
        session, actor, [home.id for home in request.homes], request.unit_id, request.period
    )
    verdicts = [(finding.verdict, finding.name) for finding in findings]
    rows: list[Sequence[Value]] = [
        [
            verdict.severity.word, verdict.title, name, verdict.dates[0] if verdict.dates else None,
            verdict.message, verdict.owed_minutes or None, verdict.owed_by,
        ]
        for verdict, name in verdicts
    ]  # fmt: skip
    columns = (
        Column("Verdict", width=10), Column("Rule", width=24), Column("Person", width=26),
        Column("Day", Kind.DAY), Column("What was found", width=70),
        Column("Rest owed", Kind.MINUTES), Column("Due", Kind.DAY),
    )  # fmt: skip
    counts: dict[tuple[str, str], int] = {}
    for verdict, _ in verdicts:
        key = (verdict.title, verdict.severity.word)
        counts[key] = counts.get(key, 0) + 1
    summary: list[Sequence[Value]] = [[*key, count] for key, count in sorted(counts.items())]
    return Document(
        title=f"Working time and other rules, {request.place}",
        file_name=request.file_name("rules"),
        facts=request.facts(actor),
        sections=(
            Section("Findings", columns, rows),
            Section(
                "By rule",
                (Column("Rule", width=30), Column("Verdict"),
                 Column("Findings", Kind.NUMBER, total=True)),
                summary,
            ),
        ),
        definitions=(
            ("Barred", "The rota breaks a rule, and no compensatory rest makes it lawful."),
            ("Warned", "Allowed, but somebody should look: near a limit, or a lawful exception."),
        ),
    )  # fmt: skip
