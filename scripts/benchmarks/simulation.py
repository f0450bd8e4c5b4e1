"""The simulator beside others: w1 to w4 of examples/bench, ten thousand hosts, the wedged seed.

Both sides do the same: octets, segments of 1460, delayed ACKs, no SACK, no timestamps, nothing lost. A
packet is a frame on a wire, data or ACK. Where a figure is of two lengths, what both have in common
(start, set-up, slow start) is not in it.
"""

import os
from dataclasses import dataclass, field

from benchmarks import measuring, peers
from benchmarks.measuring import BENCH, NETSH, SEED, instructions, least, run, say, table, verdict

LIMITS = ["--limit", "cpu=3000s", "--limit", "events=20000000000"]


def ours(script, *words, **sets):
    chosen = [word for name, value in sets.items() for word in ("--set", f"{name}={value}")]
    return [NETSH, "run", "--no-strict", *LIMITS, *chosen, *words, os.path.join(BENCH, script)]


@dataclass
class Work:
    """A workload by the commands that do it. `shorter` is taken off `whole`, where it is given;
    instructions are those of `more` without `less`."""

    whole: list
    more: list = None
    less: list = None
    shorter: list = None
    # How often it is timed: none that takes a minute is timed five times.
    runs: int = 3
    # What counts the packets of `whole`, where that does not.
    count: list = field(default_factory=list)


def programs(options):
    """Who is here, by name, and how each is called with a workload's words."""
    found = {}
    if options.ours:
        return found
    if (program := peers.ns3()) is not None:
        found["ns-3"] = [program]
    if (program := peers.ns2()) is not None:
        found["ns-2"] = program
    if (program := peers.lwip()) is not None:
        found["lwIP"] = [program]
    return found


def transfers(there):
    """w1 and w2: cost of a packet over the whole run, its start in it."""
    works = {("w1", "ours"): Work(ours("w1.ns", size="1GB"), ours("w1.ns", size="12MB"),
                                  ours("w1.ns", size="2MB")),
             ("w2", "ours"): Work(ours("w2.ns", length="10min"), ours("w2.ns", length="8s"),
                                  ours("w2.ns", length="2s"))}
    if ns3 := there.get("ns-3"):
        def bulk(octets, *words): return [*ns3, "w1", f"--octets={octets}", *words]
        def lan(seconds, *words): return [*ns3, "w2", f"--seconds={seconds}", *words]
        works["w1", "ns-3"] = Work(bulk(10**9), bulk(12 * 10**6, "--count"),
                                   bulk(2 * 10**6, "--count"), runs=2, count=[bulk(10**9, "--count")])
        works["w2", "ns-3"] = Work(lan(600), lan(8, "--count"), lan(2, "--count"), runs=2,
                                   count=[lan(600, "--count")])
    if ns2 := there.get("ns-2"):
        works["w1", "ns-2"] = Work([*ns2, "w1", "1000000000"], [*ns2, "w1", "12000000"],
                                   [*ns2, "w1", "2000000"])
    if lwip := there.get("lwIP"):
        works["w1", "lwIP"] = Work([*lwip, "1000000000"], [*lwip, "12000000"], [*lwip, "2000000"])
    return works


# Flows, and for how long; long enough that each link is full, short enough to be waited for.
FLOWS = {10: 20, 100: 4, 1000: 0.6}


def hubs(there):
    """w3: what a packet more costs, once all flows are under way. ns-3 counts while it is timed, which
    is a fiftieth of its time and saves half of ours."""
    works = {}
    for flows, seconds in FLOWS.items():
        name = f"w3, {flows} flows"

        def hub(share):
            return ours("w3.ns", flows=flows, length=f"{int(1000 * seconds * share)}ms")
        works[name, "ours"] = Work(hub(1), shorter=hub(0.5))
        if ns3 := there.get("ns-3"):
            def star(share):
                return [*ns3, "w3", f"--flows={flows}", f"--seconds={seconds * share}", "--count"]
            works[name, "ns-3"] = Work(star(1), shorter=star(0.5), runs=1)
        if ns2 := there.get("ns-2"):
            def tcl(share): return [*ns2, "w3", str(seconds * share), str(flows)]
            works[name, "ns-2"] = Work(tcl(1), shorter=tcl(0.5))
    return works


def packets(told):
    """Of a run; of lwIP, which counts no ACKs, the segments."""
    return told.number("packets") or told.number("segments")


def cost(work):
    """CPU seconds of the whole run, packets of it, and seconds a packet."""
    whole = least(work.whole, work.runs)
    counted = [packets(run(command)) for command in work.count] or [packets(whole)]
    if not work.shorter:
        return whole.cpu, counted[0], whole.cpu / counted[0]
    shorter = least(work.shorter, work.runs)
    return whole.cpu, counted[0], (whole.cpu - shorter.cpu) / (counted[0] - packets(shorter))


def compare(figures, works, options):
    """Rows for all who do a workload, the ratio of each to ours."""
    rows = [["workload", "who", "CPU s", "packets", "us/packet", "x ours", "instructions/packet"]]
    own = {}
    for (name, who), work in works.items():
        seconds, sent, each = cost(work)
        if who == "ours":
            own[name] = seconds, each
        count = None
        if options.instructions and work.more:
            more, told = instructions(work.more)
            less, fewer = instructions(work.less)
            count = (more - less) / (packets(told) - packets(fewer))
        figures.put(f"{name}.{who}.seconds", seconds)
        figures.put(f"{name}.{who}.packets", int(sent))
        figures.put(f"{name}.{who}.us", each * 1e6)
        if count is not None:
            figures.put(f"{name}.{who}.instructions", int(count))
        rows.append([name, who, f"{seconds:.2f}", f"{int(sent):,}", f"{each * 1e6:.2f}",
                     # A segment of lwIP is a packet and a half of the others.
                     f"{seconds / own[name][0] if who == 'lwIP' else each / own[name][1]:.2f}",
                     f"{count:,.0f}" if count is not None else "-"])
    table(rows)


def idle(figures, there, options):
    """w4, whole runs: what is measured is that nothing is done."""
    commands = {"ours": ours("w4.ns")}
    if "ns-3" in there:
        commands["ns-3"] = [*there["ns-3"], "w4", "--seconds=57600"]
    if "ns-2" in there:
        commands["ns-2"] = [*there["ns-2"], "w4", "57600"]
    rows = [["w4: 16 h idle", "CPU ms"]]
    for who, command in commands.items():
        taken = least(command, 10).cpu
        figures.put(f"w4.{who}.seconds", taken)
        rows.append([who, f"{taken * 1e3:.0f}"])
    # As people are given it: without 20 shared libraries to look for.
    alone = least([options.static, *commands["ours"][1:]], 10).cpu if options.static else None
    if alone is not None:
        figures.put("w4.static.seconds", alone)
        rows.append(["ours, one executable", f"{alone * 1e3:.0f}"])
    table(rows)


def received(told):
    """Of a run of hosts.ns: what its report says last."""
    lines = told.output.splitlines()
    place = next(i for i, line in enumerate(lines) if line.split() == ["hosts", "frames", "received"])
    return int(lines[place + 1].split()[2])


def reception(hosts, seconds, per_lan=100, runs=2):
    """What one broadcast received costs, without set-up and end; KiB at most, and the run's."""
    whole, half = [least(ours("hosts.ns", hosts=hosts, per_lan=per_lan, length=f"{length}s"), runs)
                   for length in (seconds, seconds / 2)]
    each = (whole.cpu - half.cpu) / (received(whole) - received(half))
    return each, whole.memory, half


def crowd(figures, options):
    """Ten hosts and ten thousand: memory, and what a broadcast received costs."""
    rows = [["hosts", "us/reception", "idle MiB", "MiB"]]
    for hosts, seconds in ((10, 40000), (100, 4000), (10000, 40)):
        idle = run(ours("hosts.ns", hosts=hosts, length="0s"), check=False)
        each, memory, _ = reception(hosts, seconds)
        figures.put(f"hosts.{hosts}.us", each * 1e6)
        figures.put(f"hosts.{hosts}.idle", idle.memory / 1024)
        figures.put(f"hosts.{hosts}.memory", memory / 1024)
        rows.append([f"{hosts:,}", f"{each * 1e6:.2f}", f"{idle.memory / 1024:.0f}",
                     f"{memory / 1024:.0f}"])
    table(rows)


def wedge(figures, options):
    """The seed for 16 hours: as it is, and with the chatter stopped once it is wedged."""
    seed = [NETSH, "run", *LIMITS, "--case", "*baseline*", SEED]
    rows = [["the seed wedged for 16 h", "CPU s", "events"]]
    # It is wedged after 82 ms; by 10 s the ring has lost frames, as its script expects.
    stop = ["-e", "at 10s { windows.stop() }"]
    for name, words in (("as it is", []), ("quiet once wedged", stop)):
        told = least(seed[:2] + words + seed[2:], 2)
        figures.put(f"wedge.{name}.seconds", told.cpu)
        figures.put(f"wedge.{name}.events", int(told.number("events")))
        rows.append([name, f"{told.cpu:.2f}", f"{int(told.number('events')):,}"])
    table(rows)


def reaches(figures):
    """What performance is to reach, and whether it is."""
    get = figures.get

    def ratio(above, below): return get(above) / get(below) if get(above) and get(below) else None
    rows = [("w1, us a packet", get("w1.ours.us"), 0.6),
            ("w1, instructions a packet", get("w1.ours.instructions"), 5000),
            ("w2, CPU s", get("w2.ours.seconds"), 1.0),
            ("w3, a packet of 1000 flows to one of 10",
             ratio("w3, 1000 flows.ours.us", "w3, 10 flows.ours.us"), 1.5),
            ("w4, CPU ms", 1e3 * (get("w4.static.seconds") or get("w4.ours.seconds") or 0) or None, 20),
            ("16 h wedged, CPU s", get("wedge.as it is.seconds"), 3.0),
            ("16 h wedged and quiet, CPU s", get("wedge.quiet once wedged.seconds"), 0.1),
            ("10,000 idle hosts, MiB", get("hosts.10000.idle"), 1024),
            ("a reception with 10,000 hosts to one with 10",
             ratio("hosts.10000.us", "hosts.10.us"), 2.0)]
    return [(what, value, most, verdict(value, most)) for what, value, most in rows]


def simulation(options):
    measuring.build()
    if options.instructions and not measuring.need("valgrind", "valgrind"):
        return 2
    options.static = measuring.static() if options.keep else None
    figures = measuring.Figures()
    there = programs(options)
    parts = {"w1": lambda: compare(figures, only(transfers(there), "w1"), options),
             "w2": lambda: compare(figures, only(transfers(there), "w2"), options),
             "w3": lambda: compare(figures, hubs(there), options),
             "w4": lambda: idle(figures, there, options),
             "hosts": lambda: crowd(figures, options), "wedge": lambda: wedge(figures, options)}
    for name in options.names or parts:
        if name not in parts:
            say(f"there is no {name}; there are {' '.join(parts)}")
            return 2
        parts[name]()
        print()
        if options.keep:
            figures.keep()
    rows = [[what, f"{value:,.2f}" if value else "-", f"{most:,}", told]
            for what, value, most, told in reaches(figures)]
    table([["what", "now", "at most", ""], *rows])
    return 0


def only(works, name):
    return {key: work for key, work in works.items() if key[0] == name}
