"""The parts by themselves: the event queue, checkpoints, start, hooks, a sweep on one core and on two."""

import glob
import os
import shutil
import subprocess
import tempfile
import time

from benchmarks import measuring
from benchmarks.measuring import (BENCH, KEPT, NETSH, ROOT, SEED, Figures, instructions, least, run,
                                  say, table, verdict)

# Ten hosts of a stock RTEMS, all with something under way.
TEN = """import "std/presets"
lan office { rate = 10Mbps; delay = 50us }
for i in 1..10 { host pc[i] : presets.rtems46 { nic eth0 { lan = office } } }
bulk copy { from = pc[1]; to = pc[2] }
for i in 3..10 { ping probe[i] { from = pc[i]; to = pc[1]; interval = 100ms } }
run for 1min
"""
EMPTY = 'case "empty" { run for 0s }\n'
SMALL = 'case "small" { lan l { rate = 10Mbps }; host a { nic eth0 { lan = l } }; run for 1s }\n'
# A run of its own size: the sum of two pools changes with each event that is handled.
BOTH = "sender.pool.clusters.free + receiver.pool.clusters.free > 0"


def probe():
    """The program that looks at the engine's own types, linked with the objects of the release build.

    That build is where NETSH says, if it says so."""
    folder = os.path.dirname(os.path.realpath(NETSH))
    objects = [file for module in ("Wire", "NetStack", "NetSim", "NetScript", "NetLab")
               for file in glob.glob(os.path.join(folder, module + ".build", "*.o"))]
    if not objects:
        say(f"{folder} has no objects: no events, no checkpoints")
        return None
    os.makedirs(KEPT, exist_ok=True)
    program = os.path.join(KEPT, "probe")
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "probe.swift")
    if os.path.exists(program):
        os.remove(program)
    headers = os.path.join(ROOT, "Sources", "CPrefetch")
    subprocess.run(["swiftc", "-O", "-swift-version", "6", "-parse-as-library", "-I",
                    os.path.join(folder, "Modules"), "-I", headers, source, *objects, "-o", program])
    return program if os.path.exists(program) else None


class Core:
    def __init__(self):
        self.figures = Figures()
        self.rows = [["what", "now", "at most", ""]]

    def tell(self, name, text, value, most=None, unit=""):
        self.figures.put(name, value)
        self.rows.append([text, f"{value:,.3g} {unit}".strip() if value < 1000 else f"{value:,.0f} {unit}",
                          "-" if most is None else f"{most:g}",
                          "-" if most is None else verdict(value, most)])

    def events(self):
        program = probe()
        for pending, most in ((100, None), (10_000, 45), (1_000_000, None)) if program else ():
            price = min(run([program, "events", str(pending)]).number("ns") for _ in range(3))
            self.tell(f"core.events.{pending}.ns", f"event: pop and push, {pending:,} pending", price,
                      most, "ns")

    def checkpoint(self):
        if program := probe():
            with script(TEN) as ten:
                told = run([program, "checkpoint", ten])
            self.tell("core.checkpoint.us", "checkpoint of 10 hosts", told.number("keep"), 150, "us")
            self.tell("core.restore.us", "going back to it", told.number("restore"), None, "us")
            self.tell("core.copy.us", "100 events behind it copy what they touch",
                      told.number("copy"), None, "us")
        # In front of somebody moments are kept on the way; in a run none.
        start = least([NETSH, "-i", SEED], 5, "print 1\n").cpu
        kept = least([NETSH, "-i", SEED], 5, "run for 4h\n").cpu - start
        whole = [NETSH, "run", "--case", "*baseline*", "-e"]
        none = (least([*whole, "at 4h { stop }", SEED], 5).cpu
                - least([*whole, "at 0s { stop }", SEED], 5).cpu)
        self.tell("core.keeping", "checkpointing, of a run", 100 * (kept / none - 1), 6, "%")

    def start(self):
        alone = measuring.static()
        with script(EMPTY) as empty:
            for name, netsh, most in (("one executable", alone, 15), ("shared libraries", NETSH, None)):
                told = least([netsh, "run", empty], 20)
                self.tell(f"core.start.{name}.ms", f"an empty case, {name}", told.cpu * 1e3, most, "ms")

    def hooks(self):
        """By instructions where they can be counted: three in a hundred are less than times differ."""
        def transfer(size, *words):
            return [NETSH, "run", "--set", f"size={size}", *words, os.path.join(BENCH, "w1.ns")]

        def price(*words):
            if shutil.which("valgrind"):
                more, less = (instructions(transfer(size, *words), plain=True)[0]
                              for size in ("6MB", "2MB"))
                return more - less
            return (least(transfer("300MB", *words), 7).cpu - least(transfer("100MB", *words), 7).cpu)

        host = "host idle { }"
        ten = "for i in 1..10 { expect always idle.pool.clusters.free > 0 }"
        share = 100 * (price("-e", host, "-e", ten) / price("-e", host) - 1)
        self.tell("core.hooks.untouched", "10 `always` over what is not touched, of a run", share, 3, "%")
        told = least(transfer("100MB", "-e", f"expect always {BOTH}"), 5)
        bare = least(transfer("100MB"), 5)
        looked = (told.cpu - bare.cpu) / told.number("events")
        loop = f"var n = 0; for i in 1..100000 {{ if {BOTH} {{ n += 1 }} }}"
        with open(os.path.join(BENCH, "w1.ns")) as file:
            text = file.read().replace("    expect reader", f"    {loop}\n    expect reader", 1)
        with script(text) as extended:
            more = [NETSH, "run", "--set", "size=1MB", extended]
            expression = (least(more, 5).cpu - least(transfer("1MB"), 5).cpu) / 100000
        self.tell("core.hooks.expression", "such an expression in a script", expression * 1e9, None, "ns")
        self.tell("core.hooks.touched", "an `always` looked at, beyond its expression",
                  (looked - expression) * 1e9, 100, "ns")

    def sweep(self):
        with script(SMALL) as small:
            many = least([NETSH, "run", "--seed", "1..2000", small], 3).cpu
            self.tell("core.case.ms", "overhead of a case in a sweep",
                      (many - least([NETSH, "run", small], 5).cpu) / 1999 * 1e3, 1, "ms")
        if (os.cpu_count() or 1) < 2 or not shutil.which("taskset"):
            return say("a sweep on two cores needs two, and taskset")
        command = [NETSH, "run", "--set", "length=60s", "--seed", "1..24", os.path.join(BENCH, "w2.ns")]
        alone = least(["taskset", "-c", "0", *command], 2).cpu
        self.tell("core.sweep", "a sweep on two cores, of one (1.9 is to be reached)",
                  alone / min(busiest(["taskset", "-c", "0,1", *command]) for _ in range(2)), None, "x")


def busiest(command):
    """CPU seconds that the way to the end of a command takes when each of its threads has a core: of
    the thread that begins and of the busiest other. On a machine where others work, too, no clock can
    tell that."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    spent = {}
    while child.poll() is None:
        for file in glob.glob(f"/proc/{child.pid}/task/*/schedstat"):
            try:
                with open(file) as told:
                    spent[file] = int(told.read().split()[0]) / 1e9
            except (FileNotFoundError, ProcessLookupError, IndexError):
                pass
        time.sleep(0.002)
    first = spent.pop(f"/proc/{child.pid}/task/{child.pid}/schedstat", 0)
    return first + max(spent.values(), default=0)


class script:
    """A text as a file for as long as it is needed."""

    def __init__(self, text):
        self.file = tempfile.NamedTemporaryFile("w", suffix=".ns")
        self.file.write(text)
        self.file.flush()

    def __enter__(self):
        return self.file.name

    def __exit__(self, *_):
        self.file.close()


def core(options):
    measuring.build()
    bench = Core()
    parts = {name: getattr(bench, name) for name in ("events", "checkpoint", "start", "hooks", "sweep")}
    for name in options.names or parts:
        if name not in parts:
            say(f"there is no {name}; there are {' '.join(parts)}")
            return 2
        parts[name]()
    table(bench.rows)
    if options.keep:
        bench.figures.keep()
    return 0
