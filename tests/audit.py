"""``make audit``: known vulnerabilities (pip-audit) and licences of what is installed.

The policy: a licence that does not allow use in a closed product fails always. A vulnerability
that a newer version mends fails ``make audit``, which is asked before a release; ``make test``
(``--report``) prints it and goes on, because the same commit must give the same answer whatever
was published since. Without the advisory database it says that it could not ask: then it was no
check, and nothing fails.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import metadata

#: licences that would oblige us to publish the product (weak copyleft of libraries is allowed)
FORBIDDEN = ("AGPL", "GNU AFFERO", "GPL-3", "GPL-2", "GENERAL PUBLIC LICENSE", "SSPL")
ALLOWED_ANYWAY = ("LGPL", "LESSER", "LIBRARY", "EXCEPTION")
#: how long the advisory database may take for all packages together (seconds)
PATIENCE = 60
#: offered under several licences, of which we take one that is allowed
CHOSEN = {"text-unidecode": "Artistic License"}


def vulnerabilities() -> int:
    """Ask pip-audit; gives 1 when something can be mended."""
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "pip_audit", "--progress-spinner=off", "--format=json",
             "--timeout=20"],
            capture_output=True, text=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return not_checked(f"no answer within {PATIENCE} s")
    try:
        found = json.loads(ran.stdout)["dependencies"]
    except (ValueError, KeyError):
        return not_checked((ran.stderr.strip().splitlines() or ["no answer"])[-1][:160])
    bad = [
        (one["name"], one["version"], vulnerability)
        for one in found
        for vulnerability in one.get("vulns", [])
    ]
    for name, version, vulnerability in bad:
        mended = ", ".join(vulnerability["fix_versions"]) or "nowhere yet"
        print(f"{name} {version}: {vulnerability['id']}, mended in {mended}")
    print(f"{len(found)} packages, {len(bad)} known vulnerabilities.")
    return int(any(vulnerability["fix_versions"] for _, _, vulnerability in bad))


def not_checked(why: str) -> int:
    """Say plainly that nobody was asked; that is no failure."""
    print(f"NOT CHECKED for vulnerabilities: the advisory database could not be asked ({why}).")
    return 0


def licences() -> int:
    """Print each package's licence; gives 1 when one is not allowed."""
    wrong = 0
    for one in sorted(metadata.distributions(), key=lambda d: d.metadata["Name"].lower()):
        about = one.metadata
        classifiers = [c for c in about.get_all("Classifier") or () if c.startswith("License")]
        words = about.get("License-Expression") or " / ".join(
            c.rsplit(" :: ", 1)[-1] for c in classifiers
        ) or (about.get("License") or "not stated").splitlines()[0][:60]  # fmt: skip
        words = CHOSEN.get(about["Name"], words)
        plain = words.upper()
        bad = any(f in plain for f in FORBIDDEN) and not any(a in plain for a in ALLOWED_ANYWAY)
        wrong += bad
        print(f"{'!! ' if bad else '   '}{about['Name']} {one.version}: {words}")
    return int(wrong > 0)


def main(arguments: list[str]) -> int:
    """Both; with ``--report`` only a licence fails."""
    forbidden, mendable = licences(), vulnerabilities()
    return forbidden if "--report" in arguments else max(forbidden, mendable)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
