"""Sums up the reports of a fuzz: a line for each run, and the operations that never accepted anything.

usage: sum.py FOLDER
"""

import json
import sys
from pathlib import Path

cases = failures = 0
accepted, seen = set(), set()
for report in (Path(sys.argv[1]) / f"{who}.json" for who in ("owner", "viewer", "nobody")):
    run = json.loads(report.read_text())
    counted = run["test_cases"]
    cases += counted["generated"]
    failures += counted["unique_failures"]
    tested = run["operations"] or {"tested": 0}
    print(f"{report.stem:8} {counted['generated']:6} cases, {tested['tested']:3} operations, "
          f"{counted['unique_failures']} unique failures, {run['running_time']:.0f} s")
    for operation, phases in run["valid_rates"].items():
        seen.add(operation)
        if any(rate["accepted"] for rate in phases.values()):
            accepted.add(operation)
if seen - accepted:
    print("never accepted:", ", ".join(sorted(seen - accepted)))
print(f"fuzz: {cases} cases, {failures} unique failures")
