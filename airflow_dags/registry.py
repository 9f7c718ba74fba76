"""Finds the platforms: every folder under ``platforms/`` that defines PLATFORM. Nothing here names one."""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache

from airflow_dags import platforms as folder
from airflow_dags.contracts import Contract
from airflow_dags.errors import ConfigurationError
from airflow_dags.streams import Platform


@lru_cache(maxsize=1)
def platforms() -> dict[str, Platform]:
    """All platforms by name."""
    found = {}
    for module in pkgutil.iter_modules(folder.__path__):
        if module.ispkg:
            platform: Platform = importlib.import_module(f"{folder.__name__}.{module.name}").PLATFORM
            found[platform.name] = platform
    return dict(sorted(found.items()))


def platform_of(name: str) -> Platform:
    try:
        return platforms()[name]
    except KeyError:
        raise ConfigurationError(f"there is no platform {name!r}; there are {', '.join(platforms())}") from None


def contracts() -> list[Contract]:
    """The contracts of all streams."""
    return [stream.contract for platform in platforms().values() for stream in platform.streams.values()]
