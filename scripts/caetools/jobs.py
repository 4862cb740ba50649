"""Work that runs beside each other, one job for each core, the longest first."""

import contextlib
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Job:
    """A part of the tests, or some of its files.

    :param seconds: about what it takes, by which jobs are put in order
    :param after: names of jobs that prepare what this one needs
    """

    part: str
    files: tuple[str, ...] = ()
    seconds: int = 0
    after: tuple[str, ...] = ()
    number: int = 0

    @property
    def name(self) -> str:
        """``addons-2``, ``e2e-test_demo``: also what its files are called."""
        if self.number:
            return f"{self.part}-{self.number}"
        return "-".join([self.part, *(Path(file).stem for file in self.files)])


def run_at_once(
    jobs: Iterable[Job], work: Callable, *arguments
) -> Iterator[tuple[Job, object]]:
    """Run ``work(job, *arguments)`` in processes of their own.

    :return: each job with what came of it, as they end; ``send(True)`` after one of
        them leaves out the jobs of its part that have not begun
    """
    left = sorted(jobs, key=lambda job: -job.seconds)
    running = {}
    with workers() as pool:
        while left or running:
            for job in _next(left, list(running.values())):
                left.remove(job)
                running[pool.submit(work, job, *arguments)] = job
            for task in wait(running, return_when=FIRST_COMPLETED).done:
                job = running.pop(task)
                if (yield job, task.result()):
                    left = [other for other in left if other.part != job.part]


def _next(left: list[Job], running: list[Job]) -> list[Job]:
    """Jobs that begin now: as many as cores are free, none that waits for another."""
    unfinished = {job.name for job in left + running}
    ready = [job for job in left if not unfinished.intersection(job.after)]
    return ready[: cores() - len(running)]


def cores() -> int:
    """How many jobs run at once."""
    return os.cpu_count() or 1


@contextlib.contextmanager
def workers():
    """Processes that work beside each other, one for each core, and end with us."""
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(cores(), fork) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in multiprocessing.active_children():
                child.terminate()
            raise


def share(weights: dict[str, int], number: int) -> list[tuple[str, ...]]:
    """Cut files into lots of about the same weight; no lot is empty."""
    lots: list[list[str]] = [[] for _lot in range(max(1, min(number, len(weights))))]
    loads = [0] * len(lots)
    for name in sorted(weights, key=lambda name: (-weights[name], name)):
        lightest = loads.index(min(loads))
        lots[lightest].append(name)
        loads[lightest] += weights[name]
    return [tuple(sorted(lot)) for lot in lots]
