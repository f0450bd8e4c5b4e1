"""How cost grows with the work: one curve each for flows, hosts, LANs, time, hooks and sessions.

What is shown is the cost of one unit of the same work; flat is what it should be. A point is the
difference of two runs, so that set-up is not in it.
"""

from benchmarks import measuring
from benchmarks.measuring import NETSH, SEED, Figures, least, say, table
from benchmarks.simulation import LIMITS, ours, packets, received

# Each curve: what grows, what one unit costs, in what.
CURVES = {
    "flows": ("flows to one host (w3)", "us a packet"),
    "hosts": ("hosts, 100 to a LAN", "us a reception"),
    "lans": ("LANs of 10 hosts", "us a reception"),
    "time": ("simulated hours of the wedged seed", "ms an hour"),
    "hooks": ("`always` over what is not touched (w1)", "us a packet"),
    "touched": ("`always` over what each packet touches (w1)", "ns each, a packet"),
    "sessions": ("hours behind a prompt that goes back", "ms a `:back`"),
    "memory": ("hours behind a prompt, 40 moments kept", "MiB"),
}


def difference(whole, part, count, runs=3):
    """Seconds for each of what `count` counts in the output."""
    more, less = least(whole, runs), least(part, runs)
    return (more.cpu - less.cpu) / (count(more) - count(less)), more.memory


def flows():
    for flows, seconds in ((1, 60), (10, 12), (100, 2), (1000, 0.6)):
        def hub(share):
            return ours("w3.ns", flows=flows, length=f"{int(1000 * seconds * share)}ms")
        yield flows, difference(hub(1), hub(0.5), packets)[0] * 1e6


def hosts():
    for hosts, seconds in ((10, 20000), (100, 2000), (1000, 200), (10000, 20)):
        def crowd(share): return ours("hosts.ns", hosts=hosts, length=f"{seconds * share:g}s")
        yield hosts, difference(crowd(1), crowd(0.5), received, 1 if hosts > 999 else 2)[0] * 1e6


def lans():
    for count, seconds in ((1, 20000), (10, 2000), (100, 200), (1000, 20)):
        def crowd(share):
            return ours("hosts.ns", hosts=10 * count, per_lan=10, length=f"{seconds * share:g}s")
        yield count, difference(crowd(1), crowd(0.5), received, 1 if count > 99 else 2)[0] * 1e6


def time():
    seed = [NETSH, "run", *LIMITS, "--case", "*baseline*", "-e"]
    start = least([*seed, "at 0s { stop }", SEED]).cpu
    for hours in (1, 4, 16):
        yield hours, (least([*seed, f"at {hours}h {{ stop }}", SEED]).cpu - start) / hours * 1e3


def watched(expectation, count):
    """Seconds a packet, with so many expectations."""
    words = ["-e", "host idle { }"]
    if count:
        words += ["-e", f"for i in 1..{count} {{ expect always {expectation} }}"]

    def transfer(size): return ours("w1.ns", *words, size=size)
    sizes = ("150MB", "50MB") if count < 100 else ("30MB", "10MB")
    return difference(*(transfer(size) for size in sizes), packets)[0]


def hooks():
    for count in (0, 1, 10, 100):
        yield count, watched("idle.pool.clusters.free > 0", count) * 1e6


def touched():
    bare = watched("true", 0)
    for count in (1, 10, 100):
        each = (watched("sender.pool.clusters.free >= 0", count) - bare) / count
        yield count, each * 1e9


def sessions():
    """Milliseconds of a way back, and MiB, after so many hours in front of a prompt."""
    times = 50
    for hours in (1, 4, 16):
        line = f"run for {hours}h\n"
        there = least([NETSH, "-i", SEED], 1, line)
        back = least([NETSH, "-i", SEED], 1, line + ":back\n" * times)
        yield hours, max(back.cpu - there.cpu, 0) / times * 1e3, back.memory / 1024


def growth(options):
    measuring.build()
    figures = Figures()
    parts = {"flows": flows, "hosts": hosts, "lans": lans, "time": time,
             "hooks": hooks, "touched": touched, "sessions": sessions}
    for name in options.names or parts:
        if name not in parts:
            say(f"there is no {name}; there are {' '.join(parts)}")
            return 2
        points = [tuple(point) for point in parts[name]()]
        figures.put(f"growth.{name}", [[at, round(value, 4)] for at, value, *_ in points])
        if name == "sessions":
            figures.put("growth.memory", [[at, round(memory, 1)] for at, _, memory in points])
        what, unit = CURVES[name]
        table([[what, unit], *([f"{at:,}", f"{value:.3g}"] for at, value, *_ in points)])
        print()
        if options.keep:
            figures.keep()
    return 0
