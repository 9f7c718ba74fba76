"""Chinese for what the alerts' API says; the key is the English sentence as it stands in the code."""

MESSAGES: dict[str, str] = {
    "Minutes must be a whole number from 0 to {most}.": "分钟数必须是 0 到 {most} 之间的整数。",
    "Nobody of this name may see the alert.": "没有可查看此预警的该名用户。",
    "This alert is not firing, so there is nothing to do about it.": "此预警当前未触发，无需处理。",
    "This must be a list of names of rules of the pack.": "必须是该规则包中规则名称的列表。",
    "There is no rule pack {name}.": "没有名为 {name} 的规则包。",
    "Nothing was saved: the file is too large for a file of rules.": "未保存任何内容：规则文件过大。",
    "Nothing was saved: the file is not valid YAML (line {line}).": (
        "未保存任何内容：文件不是有效的 YAML（第 {line} 行）。"
    ),
    "Nothing was saved: the file must hold a list named rules, each rule with a name.": (
        "未保存任何内容：文件必须包含名为 rules 的列表，且每条规则都有名称。"
    ),
    "Nothing was saved: the file names a rule twice: {names}.": "未保存任何内容：文件中有重名规则：{names}。",
    "The rule {name} can't be accepted: {reasons}": "规则 {name} 无法接受：{reasons}",
    "The rule depends on seasons, and kpi_calendar can't be read.": "该规则依赖季节日历，但无法读取 kpi_calendar。",
    "This must be an object of parameters.": "必须是由参数组成的对象。",
    "The condition {condition} has no such parameter.": "条件 {condition} 没有此参数。",
    "This must be a share from 0 to 1.": "必须是 0 到 1 之间的比例。",
    "This must be a text of at most {most} characters.": "必须是文本，最多 {most} 个字符。",
    "This must be a list of texts.": "必须是文本列表。",
    "This must be a number from {low} to {high}.": "必须是 {low} 到 {high} 之间的数值。",
    "This must be null, or only or except with a list of events of kpi_calendar.": (
        "必须为 null，或 only / except 加 kpi_calendar 中的事件列表。"
    ),
    "This must be a list of at most {most} steps, each with after_minutes (rising) and channels.": (
        "必须是最多 {most} 级的列表，每级含递增的 after_minutes 和 channels。"
    ),
    "This must be null, or at (08:00), and if wanted time_zone and days (mon to sun).": (
        "必须为 null，或包含 at（如 08:00），可选 time_zone 与 days（mon 至 sun）。"
    ),
    "The rule can't be written as an alert of Superset: {text} would be read as a template.": (
        "该规则无法写成 Superset 原生预警：{text} 会被当作模板解析。"
    ),
    "This must be a number above 0.": "必须是大于 0 的数值。",
    "This counts the cases of minimum_volume, which is not set.": (
        "此项用于统计 minimum_volume 的样本数，但未设置 minimum_volume。"
    ),
    "The condition {condition} judges no cases.": "条件 {condition} 不按样本判断。",
    "The KPI {kpi} has no denominator: name the KPI that counts its cases.": (
        "指标 {kpi} 没有分母：请指定统计其样本数的指标。"
    ),
    "This alert has never fired, so there is nothing to vote on.": "此预警从未触发，无可评价。",
    "A backtest needs a rule or a rule_id.": "回测需要提供 rule 或 rule_id。",
    "A backtest spans from 1 to {most} days.": "回测区间为 1 到 {most} 天。",
    "The rule can't be tested: some values can't be accepted.": "无法回测该规则：部分值无法接受。",
    "This must be a date such as 2026-11-01.": "必须是日期，例如 2026-11-01。",
    "The warehouse keeps no history of what the condition {condition} looks at, so it can't be replayed.": (
        "数据仓库未保留条件 {condition} 所需的历史数据，因此无法回放。"
    ),
    "Values, targets and owners are those that stand today, corrections included.": (
        "数值、目标和负责人均以当前为准，已包含更正。"
    ),
    "What a firing parent, a silence or a snooze would have held back is counted.": (
        "本应被上级预警、静默或暂缓压下的触发也计算在内。"
    ),
    "A firing that ended within {days} days counts as noise.": "{days} 天内结束的触发计为噪音。",
    "Only whole, settled periods are replayed; within a running period the rule may fire earlier.": (
        "仅回放完整且已结算的周期；在进行中的周期内规则可能更早触发。"
    ),
    "There is no silence {id}.": "没有编号为 {id} 的静默。",
    "A silence must name a KPI, an entity, a rule or a severity.": "静默必须指定指标、对象、规则或严重程度之一。",
    "A silence needs a reason of at most {most} characters.": "静默必须填写原因，最多 {most} 个字符。",
    "A silence ends after it starts, in the future, and within a year.": (
        "静默的结束时间必须晚于开始时间和当前时间，且不超过一年。"
    ),
    "This must be an instant such as 2026-11-01T08:00:00Z.": "必须是时刻，例如 2026-11-01T08:00:00Z。",
    "You can only silence an entity that you may see.": "只能静默您可查看的对象。",
    "The parameter order must be one of: {allowed}.": "参数 order 只能是：{allowed}。",
}
