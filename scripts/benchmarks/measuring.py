"""CPU seconds, instructions and memory of a command, and tables of them.

Times are user and system seconds, the least of several runs; they do not repeat on a machine that is
shared. Instruction counts do.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
EXAMPLES = os.path.join(ROOT, "examples")
BENCH = os.path.join(EXAMPLES, "bench")
SEED = os.path.join(EXAMPLES, "torre-2004", "baseline.ns")
# What is built here and kept: peers' programs, probes.
KEPT = os.path.join(ROOT, ".build", "bench")
GIVEN = os.environ.get("NETSH")
NETSH = GIVEN or os.path.join(ROOT, ".build", "release", "netsh")

# memcpy and its like have a variant for each processor; the plainest is everywhere.
PLAIN = {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-AVX_Fast_Unaligned_Load,-AVX512F,-AVX512VL,"
                           "-AVX512BW,-ERMS,-FSRM,-SSSE3,-SSE4_1,-SSE4_2,-EVEX",
         "SWIFT_DETERMINISTIC_HASHING": "1"}


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def build():
    """The program of this clone, unless the environment names another in NETSH."""
    if GIVEN:
        return
    subprocess.run(["swift", "build", "-c", "release", "--product", "netsh"], cwd=ROOT, check=True,
                   stdout=sys.stderr)


def static():
    """The same as one executable, which starts faster: what people are given."""
    folder = os.path.join(ROOT, ".build", "static")
    netsh = os.path.join(folder, "release", "netsh")
    if os.environ.get("NETSH_STATIC"):
        return os.environ["NETSH_STATIC"]
    subprocess.run(["swift", "build", "-c", "release", "--static-swift-stdlib", "--product", "netsh",
                    "--scratch-path", folder], cwd=ROOT, check=True, stdout=sys.stderr)
    return netsh


def install(*packages):
    """Tries to, on Debian."""
    if not shutil.which("apt-get") or (os.geteuid() != 0 and not shutil.which("sudo")):
        return
    say(f"installing {' '.join(packages)}")
    prefix = [] if os.geteuid() == 0 else ["sudo"]
    subprocess.run(prefix + ["apt-get", "update", "-qq"], stdout=sys.stderr)
    subprocess.run(prefix + ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
                   stdout=sys.stderr)


def need(command, package):
    """Whether the command is there, after an attempt to install its package."""
    if not shutil.which(command):
        install(package)
    if shutil.which(command):
        return True
    say(f"{command} is not there; its column stays empty (Debian: apt-get install {package})")
    return False


@dataclass
class Run:
    """One run of a command. Memory in KiB, at most at a time."""

    cpu: float
    memory: int
    output: str

    def number(self, name):
        """Of `name=123`, or `123 name`, in the last line that has it; thousands may have commas."""
        found = (re.findall(rf"\b{name}=([\d.]+)", self.output)
                 or re.findall(rf"([\d,]+) {name}\b", self.output))
        return float(found[-1].replace(",", "")) if found else None


def run(command, text=None, check=True):
    """Its notes are shown when it fails."""
    with tempfile.TemporaryFile("w+") as given, tempfile.TemporaryFile("w+") as notes:
        given.write(text or "")
        given.seek(0)
        child = subprocess.Popen(command, stdin=given, stdout=subprocess.PIPE, stderr=notes, text=True)
        output = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if check and child.returncode != 0:
            notes.seek(0)
            sys.exit(f"bench: {' '.join(command)} ended with status {child.returncode}\n"
                     f"{output}{notes.read()}")
    return Run(usage.ru_utime + usage.ru_stime, usage.ru_maxrss, output.strip())


def least(command, runs=3, text=None):
    """The cheapest of several runs."""
    return min((run(command, text) for _ in range(runs)), key=lambda one: one.cpu)


@contextlib.contextmanager
def stripped(command):
    """The command with a copy of its program that has no debug information: valgrind reads that
    for longer than most programs here run."""
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "program")
        tool = shutil.which("objcopy")
        done = tool and subprocess.run([tool, "--strip-debug", command[0], copy],
                                       stderr=subprocess.DEVNULL).returncode == 0
        yield [copy if done else command[0]] + command[1:]


def instructions(command, text=None, out="/dev/null", plain=False):
    """Instructions of one run and what it printed."""
    tool = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"]
    with stripped([shutil.which(command[0]) or command[0]] + command[1:]) as bare:
        told = subprocess.run(tool + bare, input=text or "", capture_output=True, text=True,
                              env={**os.environ, **(PLAIN if plain else {})})
    found = re.search(r"Collected : (\d+)", told.stderr)
    if not found:
        sys.exit(f"bench: valgrind counted nothing: {told.stderr}")
    return int(found.group(1)), Run(0, 0, told.stdout.strip())


def table(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        print("  ".join(cells).rstrip(), flush=True)


class Figures:
    """What was measured, by name; kept in a file, from which the page is written."""

    PATH = os.path.join(ROOT, "scripts", "benchmarks", "figures.json")

    def __init__(self):
        self.values = {}
        if os.path.exists(self.PATH):
            with open(self.PATH) as file:
                self.values = json.load(file)

    def put(self, name, value):
        self.values[name] = round(value, 6) if isinstance(value, float) else value

    def get(self, name):
        return self.values.get(name)

    def keep(self):
        with open(self.PATH, "w") as file:
            json.dump(self.values, file, indent=1, sort_keys=True)
            file.write("\n")


def verdict(value, most):
    """`reached`, or by how much it is missed."""
    if value is None:
        return "-"
    return "reached" if value <= most else f"missed, {value / most:.1f}x"
