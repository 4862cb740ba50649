"""Parts of benchmarks: each runs in a process of its own and tells figures."""

import contextlib
import json

from . import databases, odoo
from .ui import Step


@contextlib.contextmanager
def database(template, name):
    """A copy of a template, as long as it is measured."""
    databases.drop(name)
    databases.clone(template, name)
    try:
        yield name
    finally:
        databases.drop(name)


def in_turn(module, template, count, *names):
    """Run parts one after the other in a database of their own.

    :return: what the last one measured
    """
    with database(template, f"cae_bench_{names[-1]}") as base:
        return [part(module, base, count, name) for name in names][-1]


def part(module, base, count, name, *arguments, env=None):
    """What one part measured in a database that is there."""
    with Step(f"{name}: {count} activities"):
        log = odoo.run_inside(
            *(module, base, name, count, *arguments),
            log=f"bench-{name}",
            what="The benchmark",
            env=env,
        )
    lines = log.read_text(encoding="utf-8").splitlines()
    return json.loads(next(line for line in lines if line.startswith("> "))[2:])
