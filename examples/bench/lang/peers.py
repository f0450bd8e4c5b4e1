"""The work of the scripts beside this file, in Python: `python3 peers.py fib` prints the result."""

import sys


def fib(n=30):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def iloop():
    s = 0
    for i in range(10_000_000):
        s = (s + i * 3) % 16_777_216
    return s


def floop():
    s = 0.0
    i = 0
    while i < 10_000_000:
        s = s + i * 0.5
        i = i + 1
    return s


def f3(x):
    return x + 1


def f2(x):
    return f3(x) + 1


def f1(x):
    return f2(x) + 1


def calls():
    s = 0
    for i in range(1_000_000):
        s = s + f1(i)
    return s


def list_():
    a = []
    for i in range(1_000_000):
        a.append(i)
    s = 0
    for x in a:
        s = s + x
    return s


def map_():
    m = {}
    for i in range(1_000_000):
        m["k" + str(i)] = i
    s = 0
    for i in range(1_000_000):
        s = s + m["k" + str(i)]
    return s


def str_():
    s = ""
    for i in range(100_000):
        s += "piece" + str(i) + ";"
    return len(s)


def strj():
    p = []
    for i in range(100_000):
        p.append("piece" + str(i) + ";")
    return len("".join(p))


def empty():
    return 0


work = {"fib": fib, "iloop": iloop, "floop": floop, "calls": calls, "list": list_, "map": map_,
        "str": str_, "strj": strj, "empty": empty}
print(work[sys.argv[1]]())
