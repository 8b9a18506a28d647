"""Sources: what files and vendors call things, in which units, and how that becomes our rows. Pure: no input or output.

A source is a module of this package (or of a package below it); the origins that it declares as `ORIGINS` are found by
listing the modules, so that adding one means adding one file.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil

from sugeup.records import Origin
from sugeup.sources.vendor import Vendor


@functools.cache
def origins() -> dict[str, Origin]:
    """Every declared origin by name, in alphabetical order; ValueError when two modules declare the same name."""
    found: dict[str, Origin] = {}
    for module in pkgutil.walk_packages(__path__, prefix=f"{__name__}."):
        for origin in getattr(importlib.import_module(module.name), "ORIGINS", ()):
            if found.setdefault(origin.name, origin) is not origin:
                raise ValueError(f"origin {origin.name!r} is declared twice")
    return dict(sorted(found.items()))


@functools.cache
def vendors() -> dict[str, Vendor]:
    """Every vendor that can be asked, by name: those that a package declares as `VENDOR`, in alphabetical order."""
    modules = (importlib.import_module(f"{__name__}.{one.name}") for one in pkgutil.iter_modules(__path__))
    found = [module.VENDOR for module in modules if hasattr(module, "VENDOR")]
    return {one.name: one for one in sorted(found, key=lambda one: str(one.name))}
