"""The page of first steps that goes with an invitation: one sheet of A4 as PDF.

Written by hand with PDF's own Helvetica, so that it needs no browser and no font file.
"""

from __future__ import annotations

from rota.access.permissions import ROLE_NAMES
from rota.models import UserRole

_EVERYBODY = (
    "Log in with your SAP number and your password.",
    "Your account (top right): password, second factor, where you are logged in.",
    "Ctrl+K finds people, units, pages and dates; ? shows the keys.",
    "An address can be sent to a colleague: it opens the same thing for whoever may see it.",
)
_STEPS: dict[UserRole, tuple[str, ...]] = {
    UserRole.OPERATIONAL_MANAGER: (
        "Overview: who is missing today and in the next fortnight; a click leads there.",
        "Rota: choose a code on top, then the cell; Ctrl+Z or the message undoes it.",
        "Vacancies: open shifts by urgency, with who could work them and why not.",
        "Leave: every request with what it does to cover; approve, or refuse with a reason.",
        "Publish when the rota is ready: from then on people see it and changes are on record.",
    ),
    UserRole.SENIOR_MANAGER: (
        "Overview: the homes side by side, with what needs attention.",
        "Costs: month against budget, by source, down to the shift.",
        "Scenarios: what an optimised rota would cost, and what it would change.",
        "Reports: as workbook, PDF or by mail on a schedule.",
    ),
    UserRole.ANALYST: (
        "Overview, forecasts, costs and reports of your homes; every table is a file too.",
    ),
    UserRole.CARE_STAFF: (
        "My rota: your shifts of the next weeks, and who works with you.",
        "Ask for leave, and see what has become of it.",
        "Open shifts: say which you would take.",
    ),
    UserRole.ADMINISTRATOR: (
        "Administration: accounts, reference data, limits, what runs and the audit trail.",
        "At the first login you set up a second factor: have your phone at hand.",
    ),
}


def quick_reference(role: UserRole) -> bytes:
    """The sheet of a role as PDF."""
    lines = [("F2", 18, "Staff Rota: first steps"), ("F1", 11, ROLE_NAMES[role]), ("F1", 11, "")]
    for step in (*_EVERYBODY[:1], *_STEPS[role], *_EVERYBODY[1:]):
        lines += [
            ("F1", 11, ("- " if n == 0 else "  ") + part) for n, part in enumerate(_wrap(step))
        ]
    return _pdf(lines)


def _wrap(text: str, width: int = 84) -> list[str]:
    rows, row = [], ""
    for word in text.split():
        if row and len(row) + 1 + len(word) > width:
            rows.append(row)
            row = word
        else:
            row = f"{row} {word}".strip()
    return [*rows, row]


def _pdf(lines: list[tuple[str, int, str]]) -> bytes:
    """A one-page PDF of lines of text: (font, size in points, words)."""
    parts, y = [], 780
    for font, size, words in lines:
        escaped = words.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        parts.append(f"BT /{font} {size} Tf 56 {y} Td ({escaped}) Tj ET")
        y -= size + 8
    content = "\n".join(parts).encode("cp1252", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (en-GB) >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
    ]
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
    out += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(out)
