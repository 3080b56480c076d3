"""Times the creation of the demo: ``python -m tests.benchmarks.bench_demo [--scale 10]``.

A fresh SQLite file for each scale, in a process of its own, so that its peak memory is its
own. Prints rows, seconds (wall and processor), rows a second, megabytes of memory and file.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from rota.database import make_engine
from rota.demo.create import create_demo
from rota.migrations import upgrade

TODAY = date(2026, 11, 24)
KILOBYTES_PER_MEGABYTE = 1024


def measure(scale: int) -> None:
    """Create the demo once and print one line."""
    with tempfile.TemporaryDirectory(prefix="rota-bench-") as folder:
        path = Path(folder) / "rota.sqlite3"
        engine = make_engine(f"sqlite:///{path}")
        upgrade(engine)
        processor = time.process_time()
        summary = create_demo(engine, today=TODAY, scale=scale)
        processor = time.process_time() - processor
        engine.dispose()
        rows = sum(summary.counts.values())
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KILOBYTES_PER_MEGABYTE
        print(
            f"scale {scale:>2}: {rows:>9,} rows ({summary.counts['shifts']:,} shifts) "
            f"in {summary.seconds:6.1f} s ({processor:.1f} s of processor), "
            f"{rows / summary.seconds:8,.0f} rows/s, peak memory {peak:.0f} MB, "
            f"file {path.stat().st_size / 1e6:.0f} MB"
        )


def main() -> None:
    """Measure scale 1, and the scale asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=int, default=1)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.here:
        measure(given.scale)
        return
    for scale in sorted({1, given.scale}):
        module = [sys.executable, "-m", "tests.benchmarks.bench_demo"]
        subprocess.run([*module, "--here", "--scale", str(scale)], check=True)


if __name__ == "__main__":
    main()
