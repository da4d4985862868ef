#!/usr/bin/env python3
"""Computes times, intervals and verdicts of records anew, from their CSV files alone.

usage: recalculate.py SUMMARY.json SAMPLES.csv...

SUMMARY.json is the summary of the same records that `summaryJson` gives (`bench run --json` prints it). Written apart from the
TypeScript, with the standard library only: Student's distribution comes from numeric integration here,
from a continued fraction there. Prints what was compared; exits with 1 where anything differs by more
than one part in a million.
"""
import csv
import json
import math
import statistics
import sys
from collections import defaultdict

SECTION_ONLY = ("dataset", "receiverSize", "senderSize", "overlap", "network")
NOT_RUN = ("skipped", "unavailable")


def tails(t, freedom):
    """P(|T| > t), by Simpson's rule after x = sqrt(freedom) * tan(angle)."""
    scale = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(math.pi)
    low, high, steps = math.atan(t / math.sqrt(freedom)), math.pi / 2, 4000
    width = (high - low) / steps
    density = lambda angle: max(0.0, math.cos(angle)) ** (freedom - 1)
    total = density(low) + density(high)
    for i in range(1, steps):
        total += density(low + i * width) * (4 if i % 2 else 2)
    return 2 * scale * total * width / 3


def factor(confidence, freedom):
    low, high = 0.0, 1.0
    while tails(high, freedom) > 1 - confidence:
        high *= 2
    for _ in range(100):
        middle = (low + high) / 2
        if tails(middle, freedom) > 1 - confidence:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def spread(executions):
    logs = [math.log(statistics.median(runs)) for runs in executions]
    variance = statistics.variance(logs) / len(logs) if len(logs) > 1 else math.nan
    return len(logs), statistics.fmean(logs), variance


def estimate(executions):
    n, mean, variance = spread(executions)
    if n == 1:
        return math.exp(mean), None, None
    reach = factor(0.95, n - 1) * math.sqrt(variance)
    return math.exp(mean), math.exp(mean - reach), math.exp(mean + reach)


def compare(rival, subject, intervals):
    """Ratio, its interval, and whether there are executions enough to decide."""
    (n, a, v), (m, b, w) = spread(rival), spread(subject)
    if n < 3 <= m:
        # Too few to show how they differ: as the subject's do.
        reach = factor(1 - 0.05 / intervals, m - 1) * math.sqrt(w * m * (1 / n + 1 / m))
        return math.exp(a - b), math.exp(a - b - reach), math.exp(a - b + reach), False
    if n == 1 or m == 1:
        return math.exp(a - b), None, None, False
    if v + w == 0:
        return math.exp(a - b), math.exp(a - b), math.exp(a - b), min(n, m) >= 3
    freedom = (v + w) ** 2 / (v**2 / (n - 1) + w**2 / (m - 1))
    reach = factor(1 - 0.05 / intervals, freedom) * math.sqrt(v + w)
    return math.exp(a - b), math.exp(a - b - reach), math.exp(a - b + reach), min(n, m) >= 3


def verdict(comparisons, failed):
    """`comparisons` by the rivals' times, the fastest first."""
    if not comparisons:
        return "undecided"
    if any(enough and high < 1 for _, _, high, enough in comparisons):
        return "refuted"
    slower = all(low is not None and low > 1 for _, low, _, _ in comparisons)
    return "supported" if slower and comparisons[0][3] and not failed else "undecided"


def main():
    summary_path, *csv_paths = sys.argv[1:]
    with open(summary_path, encoding="utf-8") as file:
        summary = json.load(file)
    walls = defaultdict(lambda: defaultdict(list))
    for path in csv_paths:
        with open(path, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["outcome"] == "ok" and row["warmup"] == "false" and row["seeded"] == "false":
                    key = (row["cell"], row["run"], row.get("execution", "0"))
                    walls[row["cell"]][key[1:]].append(float(row["wall_ms"]))
    wrong, cells, verdicts = [], 0, 0

    def check(what, theirs, ours):
        if ours is not None and not math.isclose(theirs, ours, rel_tol=1e-6):
            wrong.append(f"{what}: {theirs} there, {ours} here")

    for machine in summary["machines"]:
        groups = defaultdict(dict)
        for result in machine["results"]:
            # One row can rest on several records; rows that were not pooled are told apart by their runs.
            executions = [runs for (run, _), runs in walls[result["cell"]].items() if run in result["runs"]]
            time, low, high = estimate(executions)
            name = f"{result['cell']}"
            check(f"{name}: time", result["wallMs"]["median"], time)
            check(f"{name}: low", result["wallMs"]["interval"]["low"], low)
            check(f"{name}: high", result["wallMs"]["interval"]["high"], high)
            cells += 1
            if result["failed"] == 0:
                groups[tuple(result[key] for key in SECTION_ONLY)][result["label"]] = (result["kind"], executions)
        for claim in machine["claims"]:
            group = groups[tuple(claim[key] for key in SECTION_ONLY)]
            kinds = {"cryptography": "cryptography", "third-party": "third-party", "open": "open"}
            if claim["against"] not in kinds or claim["subject"] not in group:
                continue
            rivals = [(e, n) for n, (k, e) in group.items() if k == kinds[claim["against"]]]
            intervals = max(1, len(rivals) * machine["decisions"].get(claim["against"], 1))
            subject = group[claim["subject"]][1]
            pairs = [compare(executions, subject, intervals) for executions, _ in rivals]
            ours = verdict(sorted(pairs), claim["failed"])
            if ours != claim["verdict"]:
                wrong.append(f"{claim['subject']} against {claim['against']}: {claim['verdict']} there, {ours} here")
            if pairs:
                check(f"{claim['subject']}: ratio", claim["ratio"]["ratio"], min(pairs)[0])
                check(f"{claim['subject']}: low", claim["ratio"]["low"], min(pairs)[1])
                check(f"{claim['subject']}: high", claim["ratio"]["high"], min(pairs)[2])
            verdicts += 1
    for line in wrong:
        print(line)
    print(f"{cells} cells, {verdicts} verdicts: {len(wrong)} differences")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
