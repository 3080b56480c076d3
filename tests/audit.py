"""``make audit``: known vulnerabilities (pip-audit) and licences of what is installed.

Fails on a vulnerability that a newer version mends, and on a licence that does not allow use in
a closed product. Without the advisory database it says that it could not ask, and does not fail:
then it was no check.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import metadata

#: licences that would oblige us to publish the product (weak copyleft of libraries is allowed)
FORBIDDEN = ("AGPL", "GNU AFFERO", "GPL-3", "GPL-2", "GENERAL PUBLIC LICENSE", "SSPL")
ALLOWED_ANYWAY = ("LGPL", "LESSER", "LIBRARY", "EXCEPTION")
#: offered under several licences, of which we take one that is allowed
CHOSEN = {"text-unidecode": "Artistic License"}


def vulnerabilities() -> int:
    """Ask pip-audit; gives 1 when something can be mended."""
    ran = subprocess.run(
        [sys.executable, "-m", "pip_audit", "--progress-spinner=off", "--format=json",
         "--timeout=20"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    try:
        found = json.loads(ran.stdout)["dependencies"]
    except (ValueError, KeyError):
        last = (ran.stderr.strip().splitlines() or ["no answer"])[-1]
        print(f"NOT CHECKED: the advisory database could not be asked ({last[:160]}).")
        return 0
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


def licences() -> int:
    """Print each package's licence; gives 1 for one that is not allowed."""
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


if __name__ == "__main__":
    sys.exit(max(licences(), vulnerabilities()))
