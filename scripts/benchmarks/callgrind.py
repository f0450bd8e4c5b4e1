"""What a file of callgrind says: instructions of each function itself, and calls between them."""

import collections
import re
import subprocess


class Profile:
    def __init__(self, path):
        self.own = collections.Counter()
        self.calls = collections.Counter()
        names = {}

        def name(text):
            number, _, rest = text.rstrip("\n").partition(" ")
            if rest:
                names[number] = rest
            return names[number]

        caller = callee = None
        # The line below `calls=` is what the call cost, which is not the caller's own.
        skips = False
        with open(path, errors="replace") as file:
            for line in file:
                if line.startswith("fn="):
                    caller = name(line[3:])
                elif line.startswith("cfn="):
                    callee = name(line[4:])
                elif line.startswith("calls="):
                    self.calls[caller, callee] += int(line[6:].split()[0])
                    skips = True
                elif line[:1].isdigit() or line[:1] in "+-*":
                    words = line.split()
                    if not skips and len(words) > 1:
                        self.own[caller] += int(words[1])
                    skips = False


def demangled(names):
    names = sorted(set(names))
    told = subprocess.run(["swift", "demangle", "--simplified", "--compact"], input="\n".join(names),
                          capture_output=True, text=True, check=True)
    return dict(zip(names, told.stdout.split("\n")))


def module(symbol):
    found = re.match(r"\$s\d+(Wire|NetStack|NetSim|NetScript|NetLab)", symbol)
    return found.group(1) if found else None
