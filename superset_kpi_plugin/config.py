"""Every setting of the plugin: its name, default and meaning.

They are ordinary names in ``superset_config.py``; ``register(globals())`` fills in what the site leaves out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Setting:
    """One name in superset_config.py."""

    name: str
    default: Any
    meaning: str
    is_secret: bool = False


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "KPI_WAREHOUSE_DATABASE",
        "KPI warehouse",
        "Name or uuid of the Superset database connection through which the plugin reads the contract (schema kpi). "
        "Its account needs SELECT on the schemas kpi and marts, and nothing more.",
    ),
    Setting(
        "KPI_PUBLISHER_URI",
        None,
        "SQLAlchemy URI of the account that publishes targets: it reads kpi.* and writes kpi.kpi_targets and "
        "kpi.kpi_manual_* only. Without it targets can be approved, not published.",
        is_secret=True,
    ),
    Setting(
        "KPI_CHANNELS",
        {},
        "Channels for alert messages: a name for each apprise URL, e.g. {'mail': 'mailto://...'}; a list of URLs for "
        "several recipients, or {'url': ..., 'locale': 'zh'} for a channel's own language.",
        is_secret=True,
    ),
    Setting(
        "KPI_ROUTES",
        [],
        "Further channels for alerts by what they are about: a list of {'channels': [...]} with any of 'owner', "
        "'team', 'severity', 'kpi' and 'within' (an entity and all below it), and a 'digest' ({'at': '08:00', "
        "'time_zone': 'Asia/Shanghai', 'days': ['mon', ...]}): one message at that hour instead of each at once.",
    ),
    Setting(
        "KPI_GROUP_ABOVE",
        3,
        "When one evaluation of a rule has more alerts than this for a recipient about one owner's entities, they are "
        "one message with the worst of them; a rule's group_above goes before it. None never groups.",
    ),
    Setting(
        "KPI_OWNERS",
        {},
        "How to reach the people who answer for KPIs, by the owner that targets name: {'e003': {'email': ..., "
        "'user': their Superset user, 'locale': 'zh', 'next': 'e001' (asked when they don't answer)}}.",
    ),
    Setting(
        "KPI_ALLOW_INTERNAL_WEBHOOKS",
        False,
        "Whether channels may lead to loopback and private addresses (a chat server of the company's own, the demo).",
    ),
    Setting(
        "KPI_PUBLIC_URL",
        "",
        "Address under which people reach this Superset (https://bi.example.com); used for links in messages.",
    ),
    Setting(
        "KPI_STATEMENT_TIMEOUT",
        20,
        "Seconds after which a statement on the warehouse is cancelled.",
    ),
    Setting(
        "KPI_UPLOAD_DIR",
        None,
        "Folder that the pipeline watches for report files (the same KPI_UPLOAD_DIR as Airflow's, on a disk that both "
        "reach). Without it the upload page is not offered.",
    ),
    Setting(
        "KPI_UPLOAD_MAX_MB",
        50,
        "Largest file, in MB, that the upload page takes; larger ones go into the folder or through `kpi load`.",
    ),
    Setting(
        "KPI_MAX_ROWS_PER_REQUEST",
        10_000,
        "Most targets that one request may save, approve or discard.",
    ),
    Setting(
        "KPI_MAX_IMPORT_ROWS",
        100_000,
        "Most targets that a file may bring in at once.",
    ),
    Setting(
        "KPI_FOUR_EYES",
        True,
        "Whether a target must be agreed on by two people: who wrote or proposed it can approve it only after somebody "
        "else accepted it.",
    ),
    Setting(
        "KPI_OWNER_REQUIRED",
        True,
        "Whether a target needs an owner before it is approved. New ones get their entity's, where the data names one.",
    ),
    Setting(
        "KPI_DEFAULT_SCOPE",
        "all",
        'What people reach whom no scope names: "all" that their role allows, or "none".',
    ),
)

DEFAULTS: dict[str, Any] = {setting.name: setting.default for setting in SETTINGS}


def fill_defaults(config: dict[str, Any]) -> None:
    """Add to ``config`` (superset_config's globals) every setting that the site left out."""
    for setting in SETTINGS:
        default = setting.default
        config.setdefault(setting.name, dict(default) if isinstance(default, dict) else default)


def setting(name: str) -> Any:
    """The value of a setting in the running app."""
    from flask import current_app

    return current_app.config.get(name, DEFAULTS[name])
