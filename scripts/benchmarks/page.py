"""Writes the tables of docs/performance.md anew, from the figures that are kept.

What stands between `<!-- name -->` and `<!-- end -->` is written here; the rest is written by people.
"""

import datetime
import os
import platform
import re

from benchmarks import language, plot
from benchmarks.growth import CURVES
from benchmarks.measuring import ROOT, Figures
from benchmarks.simulation import reaches

PATH = os.path.join(ROOT, "docs", "performance.md")
PEERS = ["ours", "ns-3", "ns-2", "lwIP"]
WORKS = {"w1": "1 GB over one connection", "w2": "the LAN for 10 min", "w3, 10 flows": "",
         "w3, 100 flows": "", "w3, 1000 flows": ""}


def shown(value, digits=3):
    if value is None:
        return "–"
    if value >= 1000:
        return f"{value:,.0f}"
    text = f"{value:.{digits}g}"
    return f"{value:.0f}" if "e" in text else text


def rows_of(head, rows):
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    return lines + ["| " + " | ".join(row) + " |" for row in rows]


def machine():
    """What ran it, as it tells of itself."""
    model = platform.processor() or platform.machine()
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}"


def reach(figures):
    """Every row of what is to be reached."""
    get = figures.get
    rows = [(what, value, most) for what, value, most, _ in reaches(figures)]
    rows += [("event queue, 10,000 pending: ns for pop, push and half a cancelled one",
              get("core.events.10000.ns"), 45),
             ("checkpoint of 10 hosts, us", get("core.checkpoint.us"), 150),
             ("step back, ms", get("prompt.:back.ms"), 10),
             ("checkpointing, % of a run", get("core.keeping"), 6)]
    for name, gauge in language.GAUGES.items():
        own, other = get(f"{name}.netsh.ms"), get(f"{name}.{gauge}.ms")
        rows.append((f"language: {name}, of {gauge}'s time", own / other if own and other else None, 1))
    rows += [("10 `always` over what is not touched, % of a run", get("core.hooks.untouched"), 3),
             ("an `always` looked at, ns beyond its expression", get("core.hooks.touched"), 100),
             ("first prompt, ms", get("prompt.first prompt, one executable.ms"), 20),
             ("`netsh run` of an empty case, ms", get("core.start.one executable.ms"), 15),
             ("a case in a sweep, ms", get("core.case.ms"), 1)]
    lines = [[what, shown(value), f"≤ {most:,}", judged(value, most)] for what, value, most in rows]
    sweep = get("core.sweep")
    lines.append(["a sweep: two cores, of one", shown(sweep), "≥ 1.9",
                  "–" if sweep is None else "reached" if sweep >= 1.9 else "**missed**"])
    return rows_of(["what", "now", "to reach", ""], lines)


def judged(value, most):
    if value is None:
        return "–"
    return "reached" if value <= most else "**missed**"


def peers(figures):
    """The transfers, by who does them."""
    rows = []
    for name in WORKS:
        for who in PEERS:
            each = figures.get(f"{name}.{who}.us")
            if each is None:
                continue
            # A segment of lwIP is a packet and a half of the others: there the whole is compared.
            key = "seconds" if who == "lwIP" else "us"
            own = figures.get(f"{name}.ours.{key}")
            rows.append([name, who, shown(figures.get(f"{name}.{who}.seconds")),
                         shown(figures.get(f"{name}.{who}.packets")), shown(each),
                         shown(figures.get(f"{name}.{who}.{key}") / own, 2) if own else "–",
                         shown(figures.get(f"{name}.{who}.instructions"))])
    for who, key in (("ours, one executable", "static"), ("ours, shared libraries", "ours"),
                     ("ns-3", "ns-3"), ("ns-2", "ns-2")):
        if (seconds := figures.get(f"w4.{key}.seconds")) is not None:
            rows.append(["w4", who, shown(seconds), "", "", "", ""])
    return rows_of(["workload", "who", "CPU s", "packets", "us a packet", "times ours",
                    "instructions a packet"], rows)


def speech(figures):
    rows = []
    for name, gauge in language.GAUGES.items():
        values = [figures.get(f"{name}.{who}.ms") for who in ("netsh", "lua5.4", "python3.11")]
        rows.append([name, *map(shown, values), gauge])
    return rows_of(["CPU ms", "ours", "lua5.4", "python3.11", "to reach"], rows)


def growth(figures):
    lines = []
    for name, (what, unit) in CURVES.items():
        points = figures.get(f"growth.{name}")
        if points:
            lines.append([what, unit, " · ".join(f"{at:,}: {shown(value)}" for at, value in points)])
    return rows_of(["what grows", "what one costs", "at: cost"], lines)


def hosts(figures):
    rows = []
    for count in (10, 100, 10000):
        rows.append([f"{count:,}"] + [shown(figures.get(f"hosts.{count}.{key}"))
                                      for key in ("idle", "memory", "us")])
    return rows_of(["hosts", "MiB before anything happens", "MiB with chatter", "us a reception"], rows)


def profile(figures):
    lines = []
    for work in ("w1", "w2"):
        modules = figures.get(f"profile.{work}.modules") or []
        whole = sum(count for _, count in modules) or 1
        text = " · ".join(f"{name} {count:,} ({count / whole:.0%})" for name, count in modules
                          if count >= whole / 200)
        lines.append([work, f"{whole:,}", text])
    found = rows_of(["workload", "instructions a packet", "of them"], lines)
    functions = figures.get("profile.w1.functions") or []
    return found + ["", "The dearest functions of w1, by themselves:", ""] + rows_of(
        ["function", "instructions a packet"],
        [[f"`{name.split(': ', 1)[1]}` ({name.split(': ', 1)[0]})", f"{count:,}"]
         for name, count in functions])


def date(figures):
    return [f"Measured {figures.get('date') or '–'} on {figures.get('machine') or '–'}."]


PARTS = {"date": date, "reach": reach, "peers": peers, "language": speech, "growth": growth,
         "hosts": hosts, "profile": profile}


def write(measured=False):
    """With `measured` the figures are of today and of this machine."""
    figures = Figures()
    if measured:
        figures.put("date", datetime.date.today().isoformat())
        figures.put("machine", machine())
        figures.keep()
    with open(PATH) as file:
        text = file.read()
    for name, part in PARTS.items():
        body = "\n".join(part(figures))
        text, count = re.subn(rf"(<!-- {name} -->\n).*?(<!-- end -->)",
                              lambda found: f"{found[1]}{body}\n{found[2]}", text, flags=re.DOTALL)
        assert count == 1, f"docs/performance.md has no place for {name}"
    with open(PATH, "w") as file:
        file.write(text)
    plot.draw(figures)
