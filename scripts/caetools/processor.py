"""Seconds that processes worked, from /proc.

They hardly depend on what else the machine does, as the clock does.
"""

import os
from pathlib import Path


def thread(process: int) -> float:
    """Of a process with one thread, as PostgreSQL's are; 0 of a server elsewhere."""
    precise = Path(f"/proc/{process}/schedstat")
    if precise.exists():  # nanoseconds
        return int(precise.read_text().split()[0]) / 1e9
    return whole(process)


def whole(process: int) -> float:
    """Of a process with all its threads, to a hundredth; 0 when it is not there."""
    stat = Path(f"/proc/{process}/stat")
    if not stat.exists():
        return 0.0
    # After the name in brackets: state, …, user and system time (proc(5)).
    times = stat.read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")
