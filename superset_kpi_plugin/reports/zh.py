"""Chinese of the reports' sentences; the key is the English sentence as it stands in the code."""

from __future__ import annotations

MESSAGES: dict[str, str] = {
    "Reports": "报告",
    "There is no report plan {id}.": "没有报告计划 {id}。",
    "There is no report {id}.": "没有报告 {id}。",
    "There is no report template {id}.": "没有报告模板 {id}。",
    "The template fails: {reason}": "模板出错：{reason}",
    "The template writes too much: more than two million characters.": "模板输出过多：超过两百万个字符。",
    "A template needs a name of at most 200 characters.": "模板需要名称，最多 200 个字符。",
    "A template needs a body of at most {most} characters.": "模板需要正文，最多 {most} 个字符。",
    "There is a template of this name already.": "已有同名模板。",
    "There is no such template.": "没有这个模板。",
    "A report plan uses this template; choose another one there first.": (
        "有报告计划正在使用此模板，请先在那里另选模板。"
    ),
    "The commentary must be a text of at most {most} characters.": "分析说明必须是文本，最多 {most} 个字符。",
    "This report is out already; it can't be changed.": "此报告已发出，不能再修改。",
    "Nothing is loaded into the warehouse yet, so there is nothing to report.": "数据仓库中还没有数据，无法生成报告。",
    "The channel is not in KPI_CHANNELS any more.": "KPI_CHANNELS 中已没有此渠道。",
    "Its recipient may not see what the report is about.": "该渠道的收件人无权查看报告对象。",
    "This must be a list of channels.": "必须是渠道列表。",
    "The parameter format must be html, pdf or xlsx.": "参数 format 必须是 html、pdf 或 xlsx。",
}
