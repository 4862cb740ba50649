"""The data of the demo CAE."""

from pathlib import Path

from . import paths
from .ui import Problem

FOLDER = paths.ROOT / "tests" / "data" / "cae-demo"
# Data sets of cae.exchange in loading order, and the name of each one's file.
DATASETS = {
    "schemes": "baremes.csv",
    "entrepreneurs": "entrepreneurs.csv",
    "activities": "activites.csv",
    "customers": "clients.csv",
    "opening": "ouvertures.csv",
    "invoices": "factures.csv",
    "bills": "achats.csv",
    "payments": "reglements.csv",
}
MONTHS = [f"2026-{month:02}" for month in range(1, 11)]


def files(folder: Path = FOLDER, only: str | None = None) -> list[tuple[str, Path]]:
    """``(dataset, path)`` of the files of a folder, in loading order.

    :raises Problem: when there are none
    """
    found = [
        (dataset, folder / name)
        for dataset, name in DATASETS.items()
        if (folder / name).is_file() and only in (None, dataset)
    ]
    if not found:
        expected = DATASETS[only] if only else ", ".join(DATASETS.values())
        raise Problem(f"nothing to load in {folder}", f"Expected: {expected}")
    return found
