"""What every platform's folder must have; a new folder is tested by being there."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import airflow_dags.platforms as folder
from airflow_dags.contracts import SQL_TYPES
from airflow_dags.provider import get_provider_info
from airflow_dags.registry import platforms
from airflow_dags.streams import Platform, PullStream, ReportStream

ALL = list(platforms().values())
STREAMS = [(platform, stream) for platform in ALL for stream in platform.streams.values()]


def home(platform: Platform) -> Path:
    return Path(folder.__path__[0]) / platform.name


@pytest.mark.parametrize("platform", ALL, ids=lambda platform: platform.name)
class TestPlatform:
    def test_its_folder_has_its_name(self, platform: Platform) -> None:
        assert home(platform).is_dir()
        assert platform.settings["platform"] == platform.name

    def test_its_readme_names_every_stream_and_its_login(self, platform: Platform) -> None:
        text = (home(platform) / "README.md").read_text(encoding="utf-8")
        assert [name for name in platform.streams if f"`{name}`" not in text] == []
        assert "## Connection" in text
        assert "## Sources" in text

    def test_its_facts_have_sources_and_dates_or_say_that_nobody_checked(self, platform: Platform) -> None:
        for fact in platform.settings.get("facts", []):
            assert fact["fact"]
            assert str(fact["source"]).startswith("https://")
            is_read = isinstance(fact.get("read"), date)
            assert is_read != (fact.get("verified") is False), "a fact was read on a day, or it says that it wasn't"

    def test_its_connection_form_has_an_account_id_and_masks_secrets(self, platform: Platform) -> None:
        types = {kind["connection-type"]: kind for kind in get_provider_info()["connection-types"]}
        fields = types[platform.name]["conn-fields"]
        assert "account_id" in fields
        for name, field in fields.items():
            is_secret = any(part in name for part in ("secret", "token", "password", "url"))
            assert (field["schema"].get("format") == "password") == is_secret, name


@pytest.mark.parametrize(("platform", "stream"), STREAMS, ids=lambda item: getattr(item, "name", ""))
class TestStream:
    def test_its_contract_is_its_own(self, platform: Platform, stream: ReportStream | PullStream) -> None:
        assert stream.contract.platform == platform.name
        assert platform.streams[stream.name] is stream
        assert stream.contract.report_name
        assert {column.type for column in stream.contract.columns} <= set(SQL_TYPES)

    def test_its_unique_columns_begin_with_what_loads_search_by(
        self, platform: Platform, stream: ReportStream | PullStream
    ) -> None:
        contract = stream.contract
        assert contract.unique[0] == (contract.window_column or contract.key[0])

    def test_money_is_never_a_float(self, platform: Platform, stream: ReportStream | PullStream) -> None:
        for column in stream.contract.columns:
            if any(word in column.name for word in ("price", "cost", "sales", "amount", "tax", "discount")):
                assert column.type == "numeric" or column.type == "text", column.name

    def test_its_windows_are_positive(self, platform: Platform, stream: ReportStream | PullStream) -> None:
        settings = stream.settings
        assert 1 <= settings.request_days <= 400
        assert 1 <= settings.trailing_days <= settings.initial_days


def test_hooks_exist_for_every_connection_type() -> None:
    from airflow_dags import hooks

    for kind in get_provider_info()["connection-types"]:
        hook = getattr(hooks, kind["hook-class-name"].rsplit(".", 1)[1])
        assert hook.conn_type == kind["connection-type"]
        assert hook.hook_name == kind["hook-name"]
