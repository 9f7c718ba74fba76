"""The fixed words of reports, in English and Chinese, and how figures are written. Imports no framework."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from superset_kpi_plugin.alerts.message import KINDS, format_value, period_label

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "title": "{cadence} report: {name}",
        "daily": "Daily",
        "weekly": "Weekly",
        "biweekly": "Two-week",
        "monthly": "Monthly",
        "span": "{start} to {end}",
        "failed": "Missing here",
        "failed_line": "The warehouse didn't answer when this report was made, so it goes without: {parts}.",
        "failed_trend": "the chart over time",
        "failed_causes": "what moved",
        "failed_parts": "where it came from",
        "failed_outlook": "the outlook",
        "commentary": "Commentary",
        "summary": "In short",
        "summary_line": "{total} targets of {month}: {breach} off target, {warn} at risk, {ok} on track, "
        "{rest} without a judgement.",
        "no_targets": "No targets are published for {month}.",
        "headlines": "Key figures",
        "trend": "{kpi} over time",
        "targets": "Targets of {month}",
        "causes": "What moved",
        "cause_line": "{kpi}, {entity}: {driver} moved by {change} against the month before "
        "({share} of its drivers' moves; arithmetic, not cause).",
        "cause_unknown": "{kpi}, {entity}: no driver is known that moved.",
        "parts": "Where it came from",
        "margin": "From sales to contribution",
        "outlook": "Outlook for {month}",
        "alerts": "Alerts",
        "actions": "What was done",
        "freshness": "Data",
        "kpi": "KPI",
        "entity": "For",
        "value": "Value",
        "before": "Period before",
        "last_year": "Last year",
        "change": "Change",
        "target": "Target",
        "attainment": "Attainment",
        "gap": "Gap",
        "status": "Status",
        "owner": "Owner",
        "pace": "Pace",
        "forecast": "Forecast (likely range)",
        "chance": "Chance",
        "when": "When (UTC)",
        "what": "What",
        "who": "Who",
        "limit": "Limit",
        "breach": "off target",
        "warn": "at risk",
        "ok": "on track",
        "no_data": "no data",
        "provisional": "provisional",
        "fired": "fired",
        "resolved": "resolved",
        "acknowledged": "acknowledged",
        "snoozed": "snoozed",
        "unsnoozed": "snooze ended",
        "assigned": "assigned",
        "commented": "commented",
        "critical": "critical",
        "warning": "warning",
        "info": "info",
        "nothing": "-",
        "none": "Nothing to tell.",
        "more": "{count} more are in the Excel file.",
        "is_provisional": "provisional",
        "provisional_note": "Figures marked * are provisional: platforms still restate them.",
        "covered": "All data reach {day}.",
        "late": "When this was made, these streams had not reached {day}, so figures may be incomplete: {streams}.",
        "made": "Made {instant} UTC from the KPI layer; the same figures as on the dashboards of that moment.",
        "open": "Open the report",
        "last_week_note": "Levels and medians of a two-week report are those of its last week.",
        "attached": "PDF and Excel are attached.",
        "points": "{number} pp",
        "colon": ": ",
    },
    "zh": {
        "title": "{name}{cadence}",
        "daily": "日报",
        "weekly": "周报",
        "biweekly": "双周报",
        "monthly": "月报",
        "span": "{start} 至 {end}",
        "failed": "缺少的部分",
        "failed_line": "生成此报告时数据仓库未应答，因此缺少：{parts}。",
        "failed_trend": "走势图",
        "failed_causes": "变动来源",
        "failed_parts": "构成",
        "failed_outlook": "展望",
        "commentary": "分析说明",
        "summary": "概要",
        "summary_line": "{month}共 {total} 个目标：{breach} 个未达标，{warn} 个有风险，{ok} 个达标，"
        "{rest} 个暂无判定。",
        "no_targets": "{month}没有已发布的目标。",
        "headlines": "关键指标",
        "trend": "{kpi}走势",
        "targets": "{month}目标",
        "causes": "变动来源",
        "cause_line": "{entity} 的{kpi}：{driver}较上月变动 {change}（占各驱动因素变动的 {share}；"
        "仅为算术分解，并非因果）。",
        "cause_unknown": "{entity} 的{kpi}：未发现有变动的驱动因素。",
        "parts": "构成",
        "margin": "从销售额到贡献利润",
        "outlook": "{month}展望",
        "alerts": "预警",
        "actions": "已采取的措施",
        "freshness": "数据",
        "kpi": "指标",
        "entity": "对象",
        "value": "当前值",
        "before": "上期",
        "last_year": "去年同期",
        "change": "变化",
        "target": "目标",
        "attainment": "达成率",
        "gap": "差距",
        "status": "状态",
        "owner": "负责人",
        "pace": "进度",
        "forecast": "预测（可能范围）",
        "chance": "达成概率",
        "when": "时间（UTC）",
        "what": "事项",
        "who": "人员",
        "limit": "限值",
        "breach": "未达标",
        "warn": "有风险",
        "ok": "达标",
        "no_data": "无数据",
        "provisional": "暂定",
        "fired": "触发",
        "resolved": "恢复",
        "acknowledged": "已确认",
        "snoozed": "已暂停提醒",
        "unsnoozed": "恢复提醒",
        "assigned": "已指派",
        "commented": "已评论",
        "critical": "严重",
        "warning": "警告",
        "info": "提示",
        "nothing": "-",
        "none": "无内容。",
        "more": "另有 {count} 项见 Excel 文件。",
        "is_provisional": "暂定",
        "provisional_note": "带 * 的数字为暂定值：平台仍可能更正。",
        "covered": "所有数据截至 {day}。",
        "late": "生成报告时，以下数据流尚未到 {day}，数字可能不完整：{streams}。",
        "made": "生成于 {instant} UTC，取自 KPI 层，与当时看板上的数字一致。",
        "open": "打开报告",
        "last_week_note": "双周报中的时点值和中位数取最后一周的数值。",
        "attached": "附件为 PDF 和 Excel。",
        "points": "{number} 个百分点",
        "colon": "：",
    },
}


class Wording:
    """Names and figures of a report's content in one language."""

    def __init__(self, locale: str) -> None:
        self.language = "zh" if locale.startswith("zh") else "en"
        self.words = WORDS[self.language]

    def word(self, key: Any, /, **values: Any) -> str:
        """The fixed word of that name; a name without one (a new kind of event) stands for itself."""
        text = self.words.get(str(key), str(key))
        return text.format(**values) if values else text

    def name(self, row: Mapping[str, Any]) -> str:
        """A KPI's name."""
        for key in ("kpi_name_", "name_"):
            for language in (self.language, "en"):
                if row.get(key + language):
                    return str(row[key + language])
        return str(row.get("kpi_id") or "")

    def entity(self, row: Mapping[str, Any]) -> str:
        """An entity's name with its kind, and its account where names repeat."""
        kind = str(row.get("entity_kind") or "")
        shown = KINDS.get(kind, (kind, kind))[self.language == "zh"]
        inside = row.get("account_name") if kind not in ("account", "") else None
        more = "，" if self.language == "zh" else ", "
        details = more.join(part for part in (shown, inside) if part)
        name = str(row.get("entity_name") or row.get("entity_id") or "")
        if not details:
            return name
        return f"{name}（{details}）" if self.language == "zh" else f"{name} ({details})"

    def number(self, row: Mapping[str, Any], key: str = "value") -> str:
        """A figure in the KPI's format with its currency; provisional ones end with an asterisk."""
        text = format_value(row.get(key), row)
        if text is None:
            return self.words["nothing"]
        return f"{text}*" if key == "value" and row.get("is_settled") is False else text

    def share(self, text: str | None, digits: int = 1, *, is_change: bool = False) -> str:
        """A share as a percentage; changes have a sign."""
        if text is None:
            return self.words["nothing"]
        number = Decimal(text) * 100
        return f"{number:+.{digits}f}%" if is_change else f"{number:.{digits}f}%"

    def change(self, row: Mapping[str, Any], key: str) -> str:
        """A change with its sign: of a ratio in percentage points, of everything else in percent."""
        if row.get(key) is None or row.get("unit") != "ratio":
            return self.share(row.get(key), is_change=True)
        return self.word("points", number=f"{Decimal(row[key]) * 100:+.1f}")

    def month(self, day: str) -> str:
        """The month of a day, in words."""
        return period_label({"period_start": day, "grain": "month"}, self.language)

    def point(self, cadence: str, day: str) -> str:
        """A period of a trend, short: 11-26, or 2026-11 for months."""
        return day[:7] if cadence == "monthly" else day[5:]

    def title(self, content: Mapping[str, Any]) -> str:
        """The report's title without its period."""
        cadence = self.words[content["window"]["cadence"]]
        return self.word("title", cadence=cadence, name=content["subject"]["entity_name"])

    def span(self, content: Mapping[str, Any]) -> str:
        """The report's period."""
        window = content["window"]
        if window["cadence"] == "monthly":
            return self.month(window["start"])
        if window["start"] == window["end"]:
            return str(date.fromisoformat(window["start"]))
        return self.word("span", start=window["start"], end=window["end"])

    def summary(self, content: Mapping[str, Any]) -> str:
        """How many targets of the month are in which state."""
        counts, month = content["statuses"], self.month(content["window"]["month"])
        total = sum(counts.values())
        if not total:
            return self.word("no_targets", month=month)
        known = {name: counts.get(name, 0) for name in ("breach", "warn", "ok")}
        return self.word("summary_line", month=month, total=total, rest=total - sum(known.values()), **known)

    def failed(self, content: Mapping[str, Any]) -> str:
        """The parts that could not be made, in one sentence; empty where there are none."""
        names = [self.words[f"failed_{name}"] for name in content.get("failed") or ()]
        return self.word("failed_line", parts=("、" if self.language == "zh" else ", ").join(names)) if names else ""

    def cause(self, row: Mapping[str, Any]) -> str:
        """What moved most behind a target that is off its line."""
        kpi, entity, driver = self.name(row), self.entity(row), row.get("driver")
        if not driver:
            return self.word("cause_unknown", kpi=kpi, entity=entity)
        change, share = self.share(driver["change"], is_change=True), self.share(driver["share"], 0)
        return self.word("cause_line", kpi=kpi, entity=entity, driver=self.name(driver), change=change, share=share)

    def data(self, content: Mapping[str, Any]) -> str:
        """How far the data reached."""
        fresh = content["freshness"]
        if not fresh["late"]:
            return self.word("covered", day=fresh["covered_through"] or self.words["nothing"])
        streams = ", ".join(f"{row['account_id']}/{row['stream']}" for row in fresh["late"])
        return self.word("late", day=content["window"]["end"], streams=streams)
