"""docs/performance.md."""


def write():
    """Not yet."""
