"""The diagnosis: what stands between a KPI and its owner, in the order sources, targets, owners, reviews; and a bundle
for support that holds no secret.

``steps`` is the answer's shape; ``sources``, ``plan``, ``people`` and ``reviews`` are the steps; ``actions`` is what
people did lately, over the KPI's series; ``survey`` puts them together; ``bundle`` writes the file.
"""

from __future__ import annotations

from typing import Any


def register(appbuilder: Any) -> None:
    """Add the slice's API."""
    from superset_kpi_plugin.diagnosis.api import KpiDiagnosisApi
    from superset_kpi_plugin.diagnosis.zh import MESSAGES
    from superset_kpi_plugin.locale import CATALOGUES

    CATALOGUES["zh"].update(MESSAGES)
    appbuilder.add_api(KpiDiagnosisApi)
