"""Instructions of five short programs against what is stored: five in a hundred more fail.

What counts is the difference of two lengths of one program: what starting it costs is in both, and so
is most of what depends on the machine. The stored figures change in a commit that says why:
`scripts/bench gate --update`.
"""

import os
import platform
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from benchmarks.measuring import BENCH, NETSH, SEED, build, instructions, say, table

STORED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "gate.txt")
# By so much a figure may be above what is stored; below it by as much, it is to be stored anew.
MARGIN = 0.05
MACHINE = "x86_64"


@dataclass
class Program:
    """A program in two lengths, each a command and what it is given to read."""

    more: tuple
    less: tuple
    unit: str


def script(name, **sets):
    chosen = [word for key, value in sets.items() for word in ("--set", f"{key}={value}")]
    return [NETSH, "run", *chosen, os.path.join(BENCH, name)], ""


def language(name, old, new):
    """A program of the language with another number in it."""
    with open(os.path.join(BENCH, "lang", name + ".ns")) as file:
        text = file.read()
    assert old in text, f"{name}.ns has no {old}"
    return [NETSH, "run", "-"], text.replace(old, new)


def session(times):
    """Moments that are kept, gone back to and run again."""
    return [NETSH, "-i", SEED], "run for 2min\n" + ":back\nstep\n" * times


PROGRAMS = {
    "w1": Program(script("w1.ns", size="6MB"), script("w1.ns", size="2MB"), "4 MB sent"),
    "w2": Program(script("w2.ns", length="5s"), script("w2.ns", length="2s"), "3 s of the LAN"),
    "fib": Program(language("fib", "fib(30)", "fib(23)"), language("fib", "fib(30)", "fib(10)"),
                   "fib(23)"),
    "list": Program(language("list", "999999", "149999"), language("list", "999999", "9999"),
                    "140,000 elements"),
    "checkpoint": Program(session(30), session(5), "25 times back and on"),
}


def count(name):
    program = PROGRAMS[name]
    (more, _), (less, _) = (instructions(command, text, plain=True)
                            for command, text in (program.more, program.less))
    return more - less


def read():
    if not os.path.exists(STORED):
        return {}
    with open(STORED) as file:
        lines = [line.split() for line in file if line.strip() and not line.startswith("#")]
    return {name: int(figure.replace(",", "")) for name, figure, *_ in lines}


def write(counts):
    with open(STORED, "w") as file:
        file.write("# Instructions, by `scripts/bench gate --update`. A commit that changes one says why.\n")
        for name, figure in counts.items():
            file.write(f"{name:12}{figure:>14,}  {PROGRAMS[name].unit}\n")


def gate(options):
    if not shutil.which("valgrind"):
        say("there is no valgrind here: instructions are not counted")
        return 0
    if platform.machine() != MACHINE:
        say(f"what is stored was counted on {MACHINE}: nothing to compare with here")
        return 0
    build()
    # valgrind runs on one core.
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        counts = dict(zip(PROGRAMS, pool.map(count, PROGRAMS)))
    if options.update:
        write(counts)
    stored = read()
    rows, failed = [["instructions", "now", "stored", "", ""]], False
    for name, now in counts.items():
        before = stored.get(name)
        change = now / before - 1 if before else None
        told = "not stored: scripts/bench gate --update" if before is None else ""
        if change is not None and change > MARGIN:
            failed, told = True, "too many"
        elif change is not None and change < -MARGIN:
            told = "fewer: store it, scripts/bench gate --update"
        failed = failed or before is None
        rows.append([name, f"{now:,}", f"{before:,}" if before else "-",
                     f"{change:+.1%}" if change is not None else "-", told])
    table(rows)
    return 1 if failed else 0
