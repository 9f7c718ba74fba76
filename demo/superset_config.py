"""Superset's configuration in the demo. A customer's own file looks like this, with secrets from their own store."""

import os

SECRET_KEY = os.environ["KPI_DEMO_SECRET_KEY"]
SQLALCHEMY_DATABASE_URI = os.environ["KPI_DEMO_SUPERSET_URI"]
SUPERSET_WEBSERVER_PORT = int(os.environ["KPI_DEMO_SUPERSET_PORT"])
LANGUAGES = {"en": {"flag": "us", "name": "English"}, "zh": {"flag": "cn", "name": "简体中文"}}
# The pages are served over plain HTTP on loopback only.
SESSION_COOKIE_SECURE = False
TALISMAN_ENABLED = True
TALISMAN_CONFIG_FORCE_HTTPS = False
RATELIMIT_ENABLED = False
FAB_API_SWAGGER_UI = True

KPI_WAREHOUSE_DATABASE = "KPI warehouse"
KPI_PUBLISHER_URI = os.environ["KPI_DEMO_PUBLISHER_URI"]
KPI_PUBLIC_URL = os.environ["KPI_DEMO_SUPERSET_URL"]
KPI_CHANNELS = {
    "operations-mail": os.environ["KPI_DEMO_MAIL_CHANNEL"],
    "operations-webhook": os.environ["KPI_DEMO_WEBHOOK_CHANNEL"],
}
# The employee whom targets and the warehouse call e001 is the user owner; without an address, alerts and reports go to
# the channels alone.
KPI_OWNERS = {"e001": {"user": "owner"}}
# Watched by the DAG kpi_uploads.
KPI_UPLOAD_DIR = os.environ["KPI_DEMO_UPLOAD_DIR"]
# The sinks for messages run on this machine.
KPI_ALLOW_INTERNAL_WEBHOOKS = True

from superset_kpi_plugin.plugin import register  # noqa: E402 (the plugin reads what stands above)

register(globals())
