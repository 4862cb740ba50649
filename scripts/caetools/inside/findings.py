"""Plugin of pytest: what Odoo logs while the addon tests run, in a file.

Lines have the form of Odoo's own log, so that the script reads both alike.
"""

import logging
import os
from pathlib import Path

FORMAT = "%(asctime)s %(process)d %(levelname)s %(test)s %(name)s: %(message)s"


class Findings(logging.FileHandler):
    """Warnings and errors, each with the test that was running."""

    def __init__(self, path: Path):
        super().__init__(path, mode="w", encoding="utf-8")
        self.setLevel(logging.WARNING)
        self.setFormatter(logging.Formatter(FORMAT))

    def emit(self, record):
        test = os.environ.get("PYTEST_CURRENT_TEST", "-")
        record.test = test.partition(" ")[0]
        super().emit(record)


def pytest_sessionstart():
    """Listen to all loggers."""
    logging.getLogger().addHandler(Findings(Path(os.environ["CAE_FINDINGS"])))
