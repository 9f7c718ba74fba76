"""All measures of Amazon's streams: each module of this folder that is named measures_<subject> has some."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

MEASURES: dict[tuple[str, str], str] = {
    key: query
    for module in iter_modules(import_module(__package__ or "").__path__)
    if module.name.startswith("measures_")
    for key, query in import_module(f"{__package__}.{module.name}").MEASURES.items()
}
