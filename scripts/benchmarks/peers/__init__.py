"""What others do the same work with: built when it is asked for, kept below .build."""

import os
import shutil
import subprocess

from benchmarks.measuring import KEPT, install, say

HERE = os.path.dirname(os.path.abspath(__file__))
NS3 = ["applications", "internet", "bridge", "csma", "point-to-point", "traffic-control", "network",
       "stats", "core"]


def compiled(name, source, compiler, flags, libraries, header, packages):
    """The program of a source here; none where it cannot be built."""
    program = os.path.join(KEPT, name)
    source = os.path.join(HERE, source)
    if os.path.exists(program) and os.path.getmtime(program) > os.path.getmtime(source):
        return program
    if not os.path.exists(header) or not shutil.which(compiler):
        install(*packages)
    os.makedirs(KEPT, exist_ok=True)
    if shutil.which(compiler):
        words = [compiler, *flags, source, "-o", program, *libraries]
        if subprocess.run(words, stderr=subprocess.PIPE).returncode == 0:
            return program
    say(f"{name} cannot be built here; its rows stay empty (Debian: apt-get install "
        f"{' '.join(packages)})")
    return None


def ns3():
    """As Debian has it: with its logging compiled in. Without, it needs 0.6 to 0.7 of the time."""
    flags = ["-O3", "-DNDEBUG", "-std=c++17", "-DNS3_LOG_ENABLE", "-DNS3_BUILD_PROFILE_RELEASE"]
    return compiled("ns3", "ns3.cc", "g++", flags, [f"-lns3-{module}" for module in NS3],
                    "/usr/include/ns3", ["libns3-dev", "g++"])


def ns2():
    if not shutil.which("ns"):
        install("ns2")
    return ["ns", os.path.join(HERE, "ns2.tcl")] if shutil.which("ns") else None


def lwip():
    return compiled("lwip", "lwip.c", "gcc", ["-O2", "-I/usr/include/lwip"], ["-llwip", "-lpthread"],
                    "/usr/include/lwip", ["liblwip-dev", "gcc"])
