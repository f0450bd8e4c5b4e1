"""Where the instructions of a packet go: by module, and the dearest functions."""

import os
import tempfile

from benchmarks import measuring
from benchmarks.callgrind import Profile, demangled, module
from benchmarks.measuring import BENCH, NETSH, Figures, instructions, need, table

WORKS = {"w1": ("w1.ns", "size", "2MB", "6MB"), "w2": ("w2.ns", "length", "2s", "5s")}
# Beside the modules: what is linked from elsewhere.
OTHERS = {"mem": "copying (libc)", "swift_": "Swift's runtime"}
MOST = 16


def place(symbol):
    if (own := module(symbol)) is not None:
        return own
    return next((text for start, text in OTHERS.items() if symbol.lstrip("_").startswith(start)), "else")


def measured(name):
    """Instructions of each function itself, a packet."""
    script, parameter, *sizes = WORKS[name]
    own, sent = [], []
    for size in sizes:
        with tempfile.NamedTemporaryFile() as out:
            _, told = instructions([NETSH, "run", "--set", f"{parameter}={size}",
                                    os.path.join(BENCH, script)], out=out.name)
            own.append(Profile(out.name).own)
            sent.append(told.number("packets"))
    return {symbol: (count - own[0][symbol]) / (sent[1] - sent[0]) for symbol, count in own[1].items()}


def profile(options):
    if not need("valgrind", "valgrind"):
        return 2
    measuring.build()
    figures = Figures()
    for name in options.names or WORKS:
        each = measured(name)
        modules = {}
        for symbol, count in each.items():
            modules[place(symbol)] = modules.get(place(symbol), 0) + count
        names = demangled(each)
        functions = {}
        for symbol, count in each.items():
            key = f"{place(symbol)}: {names[symbol]}"
            functions[key] = functions.get(key, 0) + count
        whole = sum(each.values())
        rows = [[f"{name}, instructions a packet", f"{whole:,.0f}", ""]]
        by_module = sorted(modules.items(), key=lambda one: -one[1])
        dearest = sorted(functions.items(), key=lambda one: -one[1])[:MOST]
        rows += [[text, f"{count:,.0f}", f"{count / whole:.0%}"] for text, count in by_module]
        rows += [[f"  {text}", f"{count:,.0f}", f"{count / whole:.0%}"] for text, count in dearest]
        table(rows)
        print()
        figures.put(f"profile.{name}.modules", [[text, round(count)] for text, count in by_module])
        figures.put(f"profile.{name}.functions", [[text, round(count)] for text, count in dearest])
    if options.keep:
        figures.keep()
    return 0
