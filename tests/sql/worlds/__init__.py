"""Small hand-made businesses, a module for each domain, with the values that they must give, worked out by hand.

A module has ``fill(warehouse)``, which loads its rows into accounts of its own, and ``EXPECTED``: tuples of KPI,
entity, grain, first day of the period, and the value as text, or None where there must be none.
"""

from __future__ import annotations

import importlib
import pkgutil

WORLDS = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
