"""Records: every dataset declared once, by the module of its family."""

from __future__ import annotations

import functools
import importlib
import pkgutil

from sugeup.records.origins import Origin, Standing
from sugeup.records.schema import Column, Dataset, Kind, Partition

__all__ = ["Column", "Dataset", "Kind", "Origin", "Partition", "Standing", "dataset", "datasets"]


@functools.cache
def datasets() -> dict[str, Dataset]:
    """Every dataset by name, found by listing the modules of this package."""
    found: dict[str, Dataset] = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda listed: listed.name):
        declared = getattr(importlib.import_module(f"{__name__}.{module.name}"), "DATASETS", ())
        for one in declared:
            found[one.name] = one
    return dict(sorted(found.items()))


def dataset(name: str) -> Dataset:
    """The dataset of that name; KeyError names those that exist."""
    try:
        return datasets()[name]
    except KeyError:
        raise KeyError(f"no dataset {name!r}; there are: {', '.join(datasets())}") from None
