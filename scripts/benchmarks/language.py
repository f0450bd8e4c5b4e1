"""The scripts of examples/bench/lang beside Lua and Python."""

import os
import sys

from benchmarks.measuring import BENCH, NETSH, Figures, build, instructions, least, need, table

LANG = os.path.join(BENCH, "lang")

# What each program is measured by. Lua copies the whole text at every `..`, and grows its tables of
# strings slowly: there Python is the one to reach.
GAUGES = {"fib": "lua5.4", "iloop": "lua5.4", "floop": "lua5.4", "calls": "lua5.4",
          "list": "lua5.4", "strj": "lua5.4", "map": "python3.11", "str": "python3.11"}
# A million keys need more than the 64 MiB that a script may have.
HEAP = ["--limit", "heap=512MiB"]


def language(options):
    build()
    figures = Figures()
    peers = {"lua5.4": os.path.join(LANG, "peers.lua"), "python3.11": os.path.join(LANG, "peers.py")}
    packages = {"lua5.4": "lua5.4", "python3.11": "python3.11"}
    peers = {name: file for name, file in peers.items() if need(name, packages[name])}
    runs = 1 if options.instructions else options.runs

    def cheapest(who, name):
        if who == "netsh":
            command = [NETSH, "run"] + HEAP + [os.path.join(LANG, name + ".ns")]
        else:
            command = [who, peers[who], name]
        # A quadratic peer is shown, not waited for again and again.
        count = 1 if (who, name) == ("lua5.4", "str") else runs
        if options.instructions:
            taken, told = instructions(command)
            return taken, told.output
        taken = least(command, count)
        return taken.cpu, taken.output

    everybody = ["netsh"] + list(peers)
    start = {who: cheapest(who, "empty")[0] for who in everybody}
    unit = "M instructions" if options.instructions else "CPU ms"
    scale = 1e-6 if options.instructions else 1e3
    head = [unit, "ours"]
    for who in peers:
        head += [who, "ratio"]
    rows = [head + ["reach"]]
    missed = []
    for name in options.names or GAUGES:
        answers, cost = {}, {}
        for who in everybody:
            if options.instructions and (who, name) == ("lua5.4", "str"):
                continue
            taken, answers[who] = cheapest(who, name)
            cost[who] = max(taken - start[who], 0)
        if len(set(answers.values())) != 1:
            sys.exit(f"bench: {name} gives different results: {answers}")
        if not options.instructions:
            for who in cost:
                figures.put(f"{name}.{who}.ms", cost[who] * 1e3)
        row = [name, f"{cost['netsh'] * scale:.1f}"]
        for who in peers:
            known = who in cost and cost[who] > 0
            row += [f"{cost[who] * scale:.1f}" if known else "-",
                    f"{cost['netsh'] / cost[who]:.2f}" if known else "-"]
        gauge = GAUGES[name]
        if cost.get(gauge, 0) > 0:
            reached = cost["netsh"] <= cost[gauge]
            row.append(f"{'<=' if reached else ' >'} {gauge}")
            missed += [] if reached else [name]
        else:
            row.append("-")
        rows.append(row)
    table(rows)
    if options.keep:
        figures.keep()
    return 1 if missed else 0
