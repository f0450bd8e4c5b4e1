"""As somebody in front of it waits: for the first prompt, for Tab, for Ctrl-C, for the way back."""

import os
import pty
import select
import subprocess
import sys
import tempfile
import time

from benchmarks.measuring import NETSH, SEED, Figures, build, static, table

# What somebody does after 16 hours, and how long he may wait for it, in seconds.
SESSION = [("run for 16h", None), (":back", None), (":back", 0.010), (":back", 0.010), ("step", 0.010),
           ("step", 0.010), (":goto 8h", None), (":goto 57600s", None),
           (":last server.pool.exhausted", 1.0), (":back", 0.010), (":back", 0.010),
           (":goto 57600s", None), (":last server.pool.clusters.free", 1.0)]


class Typist:
    """Somebody at a terminal, with a home of his own."""

    def __init__(self, netsh, words=()):
        self.home = tempfile.TemporaryDirectory()
        settings = {"HOME": self.home.name, "PATH": os.environ["PATH"], "TERM": "xterm"}
        self.begun = time.monotonic()
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execve(netsh, [netsh, *words], settings)

    def type(self, text):
        self.begun = time.monotonic()
        os.write(self.terminal, text.encode())

    def wait(self, text, most=60):
        """Seconds from what was typed last to this text."""
        seen = b""
        while text.encode() not in seen:
            if not select.select([self.terminal], [], [], most)[0]:
                sys.exit(f"bench: waited for {text!r}, and saw {seen[-200:]!r}")
            seen += os.read(self.terminal, 65536)
        return time.monotonic() - self.begun

    def resident(self):
        with open(f"/proc/{self.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

    def close(self):
        os.close(self.terminal)
        os.waitpid(self.pid, 0)
        self.home.cleanup()


def start(netsh):
    """The least time to the first prompt, and what an idle session holds."""
    times, memory = [], 0
    for _ in range(20):
        typist = Typist(netsh)
        times.append(typist.wait("0s > "))
        memory = typist.resident()
        typist.close()
    return min(times), memory


def tab():
    """The longest of what Tab takes to list, with 1,000 hosts."""
    with tempfile.NamedTemporaryFile("w", suffix=".ns") as script:
        for floor in range(1, 6):
            script.write(f"lan l{floor} {{ rate = 10Mbps }}\n")
            for i in range(200 * floor, 200 * floor + 200):
                script.write(f"host peer{i} {{ nic eth0 {{ lan = l{floor} }} }}\n")
        script.write("host server { nic eth0 { lan = l1 } }\nrun for 1s\n")
        script.flush()
        typist = Typist(NETSH, ["-i", script.name])
        typist.wait("0s > ")
        longest = 0
        for text, seen in [("print server.tcp.", "keepidle"), ("peer277.eth0.", "rx"), ("on ser", "ver."),
                           ("run for 10", "min"), ("print se", "server"), ("print pe", "er"),
                           ("print ", "possibilities")]:
            typist.type(text)
            typist.wait(text)
            typist.type("\t\t")
            longest = max(longest, typist.wait(seen))
            time.sleep(0.2)
            typist.type("\x03")
            typist.wait("0s > ")
        typist.close()
        return longest


def interrupt(line):
    """From Ctrl-C, while this is under way, to what is told of it."""
    typist = Typist(NETSH, ["-i", SEED])
    typist.wait("0s > ")
    typist.type(line + "\r")
    typist.wait("\n")
    time.sleep(0.5)
    typist.type("\x03")
    taken = typist.wait("halted at ")
    typist.close()
    return taken


def prompt(options):
    build()
    alone = static()
    figures = Figures()
    rows, missed, longest = [["what", "ms", "at most"]], [], {}

    def tell(what, taken, most):
        # A line that is said again: the longest of those that have a limit.
        if most is not None:
            longest[what] = max(taken, longest.get(what, 0))
        figures.put(f"prompt.{what}.ms", longest.get(what, taken) * 1e3)
        rows.append([what, f"{taken * 1e3:.1f}", "-" if most is None else f"{most * 1e3:.0f}"])
        if most is not None and taken > most:
            missed.append(what)

    first, idle = start(alone)
    tell("first prompt, one executable", first, 0.020)
    tell("first prompt, shared libraries", start(NETSH)[0], None)
    tell("Tab among 1,000 hosts", tab(), 0.050)
    tell("Ctrl-C in `run for 100000h`", interrupt("run for 100000h"), 0.100)
    peak = travel(tell)
    table(rows)
    print(f"memory of an idle session {idle / 1024:.0f} MiB (50), at most {peak / 1024:.0f} MiB (256)")
    if options.keep:
        figures.keep()
    return 1 if missed or idle > 50 << 10 or peak > 256 << 10 else 0


def travel(tell):
    """What SESSION takes, line by line; gives the memory it took."""
    child = subprocess.Popen(
        [NETSH, "-i", SEED],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def ask(line):
        before = time.monotonic()
        child.stdin.write(line + '\nprint "-done-"\n')
        child.stdin.flush()
        while child.stdout.readline().strip() != "-done-":
            if child.poll() is not None:
                sys.exit(f"bench: netsh ended at {line}")
        return time.monotonic() - before

    ask("print 1")
    for line, most in SESSION:
        tell(line, ask(line), most)
    with open(f"/proc/{child.pid}/status") as status:
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    child.stdin.close()
    child.wait()
    return peak
