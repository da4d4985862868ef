#!/usr/bin/env python3
"""Computes the matrix of a README (or report) anew from the samples of its records, and compares figure by figure.

usage: recalculate_readme.py DOCUMENT.md RECORDS

RECORDS is a folder that holds folders of runs (results/reference). The document's first table whose header names both
"best cryptography" and "ratio" is read. Both times, the ratio and the winner of every size, network and mode are made from samples.csv, and
what each implementation is from environment.json: nothing else of the project is used. Written apart from the TypeScript, with the
standard library only. Prints what differs; exits with 1 where anything does, or where a place is missing on either side.
"""
import csv
import json
import math
import pathlib
import re
import sys
from collections import defaultdict

from recalculate import NOT_RUN, spread, tails

MODES = ("one-shot", "warm")
FEWEST = 3
UNITS = {"s": 1000, "ms": 1, "µs": 0.001}


class Cell:
    def __init__(self, row, kind):
        self.impl, self.kind = row["impl"], kind
        self.walls, self.outcomes = defaultdict(list), set()

    def add(self, row):
        self.outcomes.add(row["outcome"])
        if row["outcome"] == "ok" and row["warmup"] == "false":
            self.walls[(row["run"], row.get("execution", "0"))].append(float(row["wall_ms"]))

    @property
    def executions(self):
        return list(self.walls.values())

    @property
    def failed(self):
        """How it failed; what one record skipped and another measured was measured."""
        ignored = NOT_RUN if "ok" in self.outcomes else ()
        return self.outcomes - {"ok", *ignored}

    @property
    def is_sound(self):
        return not self.failed and len(self.walls) > 0

    @property
    def ms(self):
        return math.exp(spread(self.executions)[1])


def read_groups(folder):
    """Cells by mode and place, of the intersection on the first record's machine."""
    groups, machine = defaultdict(dict), None
    for path in sorted(pathlib.Path(folder).glob("*/samples.csv")):
        environment = json.loads(path.with_name("environment.json").read_text(encoding="utf-8"))
        machine = machine or environment["host"]["fingerprint"]
        if environment["host"]["fingerprint"] != machine:
            continue
        code = [environment["code"][key] for key in ("commit", "changesSha256", "lockSha256")]
        conditions = json.dumps([code, environment["runtime"]["node"], environment.get("conditions")])
        with open(path, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["output"] != "intersection" or row["seeded"] == "true" or row["hardware"] == "emulated":
                    continue
                place = (row["dataset"], int(row["receiver_size"]), int(row["sender_size"]), row["network"])
                group = groups[(row["mode"], place)]
                key = (row["cell"], conditions)
                if key not in group:
                    group[key] = Cell(row, environment["implementations"][row["impl"]]["kind"])
                group[key].add(row)
    return groups


def subject_of(cells):
    enclaves = [cell for cell in cells if cell.kind == "enclave"]
    return next((cell for cell in enclaves if cell.impl == "enclave"), enclaves[0] if enclaves else None)


def sound_rivals(cells):
    return sorted((c for c in cells if c.kind == "cryptography" and c.is_sound), key=lambda cell: cell.ms)


def decisions(groups, mode):
    """How many claims against cryptography are decided along with one: Bonferroni's share of the 5 %."""
    return sum(
        sum(1 for cell in group.values() if cell.kind in ("enclave", "open") and cell.is_sound)
        for (own, _), group in groups.items()
        if own == mode and sound_rivals(group.values())
    )


def chance(rival, subject):
    """Probability of such a difference, or a larger one, where there is none; of few executions: that they vary as the subject's."""
    (n, a, v), (m, b, w) = spread(rival.executions), spread(subject.executions)
    if m < FEWEST:
        return 1
    if n < FEWEST:
        variance, freedom = w * m * (1 / n + 1 / m), m - 1
    else:
        variance = v + w
        freedom = variance**2 / (v**2 / (n - 1) + w**2 / (m - 1)) if variance > 0 else 1
    if variance == 0:
        return 0 if a != b else 1
    return tails(abs(a - b) / math.sqrt(variance), freedom)


def winner(subject, cells, count):
    """The fastest rival where one that was run often enough is faster, the subject where all are slower, else "undecided"."""
    rivals = sound_rivals(cells)
    share = 0.05 / (len(rivals) * count)
    sure = [chance(rival, subject) < share for rival in rivals]
    often = [len(rival.executions) >= FEWEST for rival in rivals]
    if any(s and o and rival.ms < subject.ms for rival, s, o in zip(rivals, sure, often)):
        return rivals[0].impl
    failed = any(cell.failed - set(NOT_RUN) for cell in cells if cell.kind == "cryptography")
    return subject.impl if all(sure) and often[0] and rivals[0].ms > subject.ms and not failed else "undecided"


def expected(groups):
    """Figures by place and mode; none of an entry where there is nothing to compare."""
    found = defaultdict(dict)
    for (mode, place), group in groups.items():
        # In the order of the cells' names: of several enclaves, the one of the fewest threads is the subject.
        cells = [group[key] for key in sorted(group)]
        subject, rivals = subject_of(cells), sound_rivals(cells)
        if subject is None:
            continue
        entry = {"enclave": subject.ms if subject.walls else None, "best": rivals[0].ms if rivals else None}
        if subject.is_sound and rivals:
            entry["ratio"] = rivals[0].ms / subject.ms
            entry["faster"] = winner(subject, cells, decisions(groups, mode))
        found[place][mode] = entry
    return found


def cells_of(line):
    return [text.strip().strip("*") for text in line.strip().strip("|").split("|")]


def read_table(text):
    """(header, rows) of the matrix."""
    lines = text.split("\n")
    for at, line in enumerate(lines):
        header = cells_of(line)
        if "best cryptography" in header and "ratio" in header:
            rows = []
            for row in lines[at + 2 :]:
                if not row.startswith("|"):
                    return header, rows
                rows.append(cells_of(row))
    sys.exit("the document has no matrix: no table with the columns \"best cryptography\" and \"ratio\"")


def size_of(text):
    power = re.fullmatch(r"2\^(\d+)", text)
    return 2 ** int(power[1]) if power else int(re.sub(r"\D", "", text))


def number_of(text):
    """A printed time in ms, or ratio; None for a dash."""
    found = re.fullmatch(r"([\d.]+) (s|ms|µs|×)", text)
    return float(found[1]) * UNITS.get(found[2], 1) if found else None


def agrees(printed, value):
    """Whether `printed` is `value` to three significant digits."""
    if printed is None or value is None:
        return printed is None and value is None
    last = 10.0 ** (math.floor(math.log10(value)) - 2)
    return abs(printed - value) <= 0.5001 * last


def main():
    document, folder = sys.argv[1:]
    found = expected(read_groups(folder))
    header, rows = read_table(pathlib.Path(document).read_text(encoding="utf-8"))
    columns = {mode: header.index(f"{mode}: faster") for mode in MODES if f"{mode}: faster" in header}
    wrong, figures, seen = [], 0, set()
    for row in rows:
        receiver, sender = (size_of(size) for size in row[header.index("items")].split(" × "))
        data = row[header.index("data set")] if "data set" in header else None
        network = row[header.index("network")]
        places = [p for p in found if p[1:] == (receiver, sender, network) and data in (None, p[0])]
        where = f"{receiver} x {sender} over {network}"
        if len(places) != 1:
            wrong.append(f"{where}: {len(places)} such places in the records")
            continue
        seen.add(places[0])
        for mode, at in columns.items():
            entry = found[places[0]].get(mode, {})
            printed = row[at : at + 4]
            for name, text in zip(("enclave", "best", "ratio"), printed[1:]):
                figures += 1
                if not agrees(number_of(text), entry.get(name)):
                    wrong.append(f"{where}, {mode}: {name} is {text} there, {entry.get(name)} here")
            figures += 1
            # Behind the implementation's name may stand what tells its row from others of it.
            if "faster" in entry and not re.match(rf"{re.escape(entry['faster'])}(?![\w-])", printed[0]):
                wrong.append(f"{where}, {mode}: {printed[0]} is faster there, {entry['faster']} here")
    modes = {mode for entries in found.values() for mode in entries}
    wrong += [f"the records have {mode} runs, the document has no column for them" for mode in modes - set(columns)]
    wrong += [f"{place}: in the records, not in the document" for place in found if place not in seen]
    for line in wrong:
        print(line)
    print(f"{len(rows)} places, {figures} figures: {len(wrong)} differences")
    sys.exit(1 if wrong or figures == 0 else 0)


if __name__ == "__main__":
    main()
