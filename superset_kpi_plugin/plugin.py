"""Registration in a Superset: one line at the end of superset_config.py.

    from superset_kpi_plugin.plugin import register; register(globals())

It fills in the defaults and chains two hooks of Superset: FLASK_APP_MUTATOR (adds pages, APIs and menu) and
APP_INITIALIZER (refuses to start when the first hook was lost, e.g. because a later line set it again). The site's
own hooks are called first.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from superset_kpi_plugin.config import fill_defaults

EXTENSION = "superset_kpi"
#: Packages with a ``register(appbuilder)`` that adds their APIs.
SLICES = (
    "access",
    "catalogue",
    "targets",
    "manual",
    "alerts",
    "uploads",
    "reports",
    "guide",
    "reconciliation",
    "home",
    "diagnosis",
)
#: Routes without which the plugin is not whole; the boot assertion looks for them.
REQUIRED_ENDPOINTS = (
    "superset_kpi.static",
    "KpiHomePage.show",
    "KpiTargetsPage.show",
    "KpiAlertsPage.show",
    "KpiUploadsPage.show",
    "KpiReportsPage.show",
    "KpiGlossaryPage.show",
    "KpiReconciliationPage.show",
    "KpiReconciliationApi.sign",
    "KpiScopesPage.show",
    "KpiDiagnosisPage.show",
    "KpiDiagnosisApi.get_diagnosis",
    "KpiCatalogueApi.get_catalogue",
    "KpiTargetsApi.get_list",
    "KpiAgreementApi.approve",
    "KpiAlertsApi.get_list",
    "KpiUploadsApi.submit",
    "KpiReportsApi.release",
    "KpiScopesApi.add",
)


class NotRegistered(RuntimeError):  # noqa: N818
    """Superset was configured with the plugin, and started without it."""


def register(config: dict[str, Any]) -> None:
    """Add the plugin to ``config``, the globals of superset_config.py. Harmless when called twice."""
    fill_defaults(config)
    mutator = config.get("FLASK_APP_MUTATOR")
    if not getattr(mutator, "is_kpi_hook", False):
        config["FLASK_APP_MUTATOR"] = _chained_mutator(mutator)
    initializer = config.get("APP_INITIALIZER")
    if not getattr(initializer, "is_kpi_hook", False):
        config["APP_INITIALIZER"] = _chained_initializer(initializer)


def _chained_mutator(own: Callable[[Any], None] | None) -> Callable[[Any], None]:
    def mutate(app: Any) -> None:
        if own is not None:
            own(app)
        add_to_app(app)

    mutate.is_kpi_hook = True  # type: ignore[attr-defined]
    return mutate


def _chained_initializer(own: Callable[[Any], Any] | None) -> Callable[[Any], Any]:
    def initializer(app: Any) -> Any:
        from superset.initialization import SupersetAppInitializer

        instance = (own or SupersetAppInitializer)(app)
        post_init = instance.post_init

        def checked() -> None:
            post_init()
            assert_registered(app)
            with app.app_context():
                move_menu_last()

        instance.post_init = checked
        return instance

    initializer.is_kpi_hook = True  # type: ignore[attr-defined]
    return initializer


def assert_registered(app: Any) -> None:
    """Refuse to start a Superset that was told to have the plugin and doesn't.

    :raises NotRegistered: naming what is missing.
    """
    if EXTENSION not in app.extensions:
        raise NotRegistered(
            "The KPI plugin is configured, but was not registered: FLASK_APP_MUTATOR was set again after "
            "register(globals()). Make register(globals()) the last line of superset_config.py."
        )
    missing = [name for name in REQUIRED_ENDPOINTS if name not in app.view_functions]
    if missing:
        raise NotRegistered(f"The KPI plugin is not whole: {', '.join(missing)} did not register. See the log above.")


def move_menu_last() -> None:
    """Put the category after Superset's own: the hook runs before theirs are added, so it would stand first."""
    from superset.extensions import appbuilder

    from superset_kpi_plugin.access.table import MENU

    items = appbuilder.menu.menu
    items.sort(key=lambda item: item.name == MENU)


def add_to_app(app: Any) -> None:
    """Add pages, APIs, menu and error shape. Runs in Superset's start-up, after FAB, before Superset's own views."""
    from superset.extensions import appbuilder

    from superset_kpi_plugin import views
    from superset_kpi_plugin.access.sync import guard_builtin_roles
    from superset_kpi_plugin.api import install_error_shape
    from superset_kpi_plugin.menu import add_menu

    guard_builtin_roles(appbuilder.sm)
    app.register_blueprint(views.assets)
    install_error_shape(app)
    for name in SLICES:
        import_module(f"superset_kpi_plugin.{name}").register(appbuilder)
    add_menu(appbuilder)
    app.extensions[EXTENSION] = True
