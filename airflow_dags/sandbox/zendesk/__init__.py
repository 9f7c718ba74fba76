"""The simulated Zendesk of the seller's one desk."""

from __future__ import annotations

from typing import Any

from airflow_dags.sandbox.business.support import DESK_ID, DESK_NAME, DESK_TIME_ZONE
from airflow_dags.sandbox.platforms import SandboxPlatform
from airflow_dags.sandbox.state import SandboxState
from airflow_dags.sandbox.zendesk.api import blueprint
from airflow_dags.sandbox.zendesk.auth import EMAIL, api_token
from airflow_dags.sandbox.zendesk.auth import PLATFORM as NAME
from airflow_dags.sandbox.zendesk.objects import ACCOUNT_FIELD, ORDER_FIELD, TOPIC_FIELD
from airflow_dags.sandbox.zendesk.truth import totals


def _connections(state: SandboxState) -> dict[str, dict[str, Any]]:
    return {
        f"{NAME}_{DESK_ID}": {
            "conn_type": NAME,
            "password": api_token(state),
            "extra": {
                "account_id": DESK_ID,
                "account_name": DESK_NAME,
                "subdomain": "northlight",
                "email": EMAIL,
                "account_field_id": str(ACCOUNT_FIELD),
                "order_field_id": str(ORDER_FIELD),
                "topic_field_id": str(TOPIC_FIELD),
                "messages_path": "/exports/messages.json",
                "currency": "USD",
                "time_zone": DESK_TIME_ZONE,
                "endpoint": f"{state.base_url}/{NAME}",
            },
        }
    }


PLATFORM = SandboxPlatform(NAME, blueprint, _connections, totals)
