"""Chinese of the diagnosis' sentences; the key is the English sentence as it stands in the code."""

from __future__ import annotations

MESSAGES: dict[str, str] = {
    # sources
    "Nothing has been loaded here.": "此处尚未加载任何数据。",
    "Connect the account in the orchestrator and run its load, or upload its report files.": (
        "请在调度平台连接该账号并运行加载，或上传其报表文件。"
    ),
    "Streams whose login or permission the platform refuses: {count}.": "平台拒绝登录或权限的数据流：{count} 个。",
    "Renew the credentials or grant the permission in the orchestrator's connection, then load again.": (
        "请在调度平台的连接中更新凭证或授予权限，然后重新加载。"
    ),
    "Streams whose last load failed: {count}.": "最近一次加载失败的数据流：{count} 个。",
    "Read the reason, mend it and run the load again; what was loaded before is still served.": (
        "查看原因并修复后重新加载；此前已加载的数据仍可使用。"
    ),
    "Streams that were never loaded: {count}.": "从未加载过的数据流：{count} 个。",
    "Switch the stream's load on in the orchestrator, or upload its report files.": (
        "请在调度平台启用该数据流的加载，或上传其报表文件。"
    ),
    "Streams that are late: {count} of {all}.": "延迟的数据流：{count} / {all}。",
    "See whether the orchestrator's runs are waiting or paused; until then the latest days are missing.": (
        "请检查调度任务是否在等待或已暂停；在此之前缺少最近几天的数据。"
    ),
    "data through {day}": "数据截至 {day}",
    "no data": "无数据",
    "This warehouse does not tell how many rows were set aside: run a build of this version.": (
        "此数据仓库未提供被隔离的行数：请用当前版本运行一次构建。"
    ),
    "{count} rows": "{count} 行",
    "Rows that the last loads set aside because they can't be right: {count}.": (
        "最近加载中因不符合约定而被隔离的行数：{count}。"
    ),
    "Look the reasons up in the quarantine; mend the report or the contract and load the window again.": (
        "请在隔离区查看原因；修正报表或约定后重新加载该时间段。"
    ),
    "No day is final yet: the sources may still restate all of them.": "尚无已定稿的日期：数据源仍可能修订所有数据。",
    "Final through {day}; later days, up to {last}, are provisional.": (
        "{day} 及之前已定稿；之后至 {last} 为暂定数据。"
    ),
    "{kpi} is not measured for {entity}: it has no values of this kind.": (
        "{kpi} 不适用于 {entity}：此类对象没有该指标。"
    ),
    "Choose one of the kinds that the glossary names.": "请选择指标词典中列出的对象类型。",
    "{kpi} has no value for {entity} in any month.": "{entity} 的 {kpi} 在任何月份都没有数值。",
    "The latest month of {kpi} for {entity} is {month}.": "{entity} 的 {kpi} 最近有数值的月份是 {month}。",
    "{kpi} has values for {entity}.": "{entity} 有 {kpi} 的数值。",
    "A missing input or a zero denominator is no value: see the formula and the streams that feed it.": (
        "缺少输入或分母为零时没有数值：请查看公式及其数据来源。"
    ),
    "This warehouse does not compare platform and ERP.": "此数据仓库未进行平台与 ERP 的对账。",
    "Differences beyond tolerance since {month}: {count}, of which {waiting} are not signed off.": (
        "自 {month} 起超出容差的差异：{count} 项，其中 {waiting} 项未签核。"
    ),
    "Explain or sign off each difference, or have it booked; figures of money may change by it.": (
        "请逐项说明或签核差异，或补记账；金额类数据可能因此变化。"
    ),
    "Sales": "销售",
    "Refunds": "退款",
    "Fees": "费用",
    "Settled sales": "已结算销售",
    "Payouts": "打款",
    # targets
    "There is no target here for the running week, month, quarter or year.": "当前周、月、季度或年度没有目标。",
    "Set one, or let the set-up guide propose some from forecast or history.": (
        "请设定目标，或由设置向导根据预测或历史数据提出建议。"
    ),
    "Targets of the running periods: {count}. The month before had {gone} that this one lacks.": (
        "当前周期的目标：{count} 个。上月有而本月缺少的：{gone} 个。"
    ),
    "Copy them from the month before, or let the forecast propose them.": "请从上月复制，或由预测提出建议。",
    "Targets that wait for their approval: {count}, of which {fresh} have no approved version yet.": (
        "等待批准的目标：{count} 个，其中 {fresh} 个尚无已批准的版本。"
    ),
    "Propose, accept and approve them: until then the version before counts, or none.": (
        "请提交、接受并批准；在此之前以之前的版本为准，或没有目标。"
    ),
    "Nothing has been published yet.": "尚未发布任何目标。",
    "The approved targets are published.": "已批准的目标均已发布。",
    "The last publication failed.": "最近一次发布失败。",
    "Publish again from the targets page; until then dashboards judge by the targets before.": (
        "请在目标页面重新发布；在此之前看板仍按原目标判断。"
    ),
    "Doubts about the targets: {count} ({waived} more are waived).": (
        "目标中的疑点：{count} 项（另有 {waived} 项已豁免）。"
    ),
    "Mend them with one click or waive them with a reason, in the checks of the targets page.": (
        "请在目标页面的检查中一键修正，或注明原因予以豁免。"
    ),
    "The forecast says nothing about this target.": "预测无法评估此目标。",
    "Targets that the forecast finds out of reach (below 10 %) or certain (above 95 %): {count}.": (
        "按预测难以达成（低于 10 %）或必然达成（高于 95 %）的目标：{count} 个。"
    ),
    "Choose a value between: the forecast proposes floor, target and stretch.": (
        "请选择介于两者之间的值：预测会给出保底、目标与挑战值。"
    ),
    "Targets that no alert rule watches: {count} of {all}.": "没有预警规则监控的目标：{count} / {all}。",
    "Switch a rule on, or a pack of rules: else nobody is told when a limit is crossed.": (
        "请启用预警规则或规则包；否则超出限值时无人收到通知。"
    ),
    # owners
    "Targets that nobody owns: {count}.": "没有负责人的目标：{count} 个。",
    "Name an owner: the checks of the targets page take over the entity's own with one click.": (
        "请指定负责人：目标页面的检查可一键采用该对象的负责人。"
    ),
    "Targets whose owner has no user or no access to them: {count}.": "负责人没有用户或无权访问的目标：{count} 个。",
    "Give the owner a user and a scope that reaches the target, or name another owner.": (
        "请为负责人创建用户并授予覆盖该目标的数据权限，或更换负责人。"
    ),
    "{owner}, since {day}": "{owner}，自 {day} 起",
    "Targets that were put forward and not accepted for a day or more: {count}.": (
        "提交后一天以上未被接受的目标：{count} 个。"
    ),
    "Remind the owner, or counter: a target that nobody accepted is nobody's.": (
        "请提醒负责人或提出还价：无人接受的目标就无人负责。"
    ),
    "Alerts that fire for a day or more and that nobody acknowledged: {count}.": (
        "触发一天以上且无人确认的预警：{count} 条。"
    ),
    "Acknowledge or assign them in the inbox; a rule's escalation can ask the next person by itself.": (
        "请在预警中心确认或指派；规则的升级机制可自动通知下一位负责人。"
    ),
    "{count} times: {reason}": "{count} 次：{reason}",
    "Messages that reached nobody in the last two weeks: {count}.": "近两周未送达的消息：{count} 条。",
    "Mend the channel or the owner's address in superset_config.py; the doctor checks both.": (
        "请在 superset_config.py 中修正渠道或负责人的地址；doctor 命令会检查两者。"
    ),
    # reviews
    "Open alerts: {all}; of these nobody has in hand and nobody said a word about: {count}.": (
        "未关闭的预警：{all} 条；其中无人处理且无人备注：{count} 条。"
    ),
    "Assign each to somebody, and write down the cause and what is done about it.": "请逐条指派，并记录原因与措施。",
    "Reports that wait for their release for a day or more: {count}.": "等待发布一天以上的报告：{count} 份。",
    "Read, comment and release them, or discard them: until then nobody gets them.": (
        "请阅读、点评并发布，或予以作废；在此之前无人会收到报告。"
    ),
    "Nobody did anything about this in the last two weeks, though alerts are open.": (
        "尽管有未关闭的预警，近两周无人采取行动。"
    ),
    "Take the oldest alert in hand: acknowledge it, say what the cause is, change what has to change.": (
        "请从最早的预警开始：确认、说明原因并采取改进措施。"
    ),
    "What people did in the last two weeks: {count} actions by {people} people.": (
        "近两周的行动：{people} 人共 {count} 项。"
    ),
}
