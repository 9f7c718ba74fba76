"""Chinese of the targets' sentences: agreement, scopes, planning, import, checks. `zh` joins them with the others."""

from __future__ import annotations

MESSAGES: dict[str, str] = {
    # scopes
    "Must be user or role.": "必须是 user 或 role。",
    "This scope exists already; delete it first to change it.": "该权限范围已存在；如需修改请先删除。",
    "There is no scope {id}.": "权限范围 {id} 不存在。",
    "{entity} lies outside what you may change.": "{entity} 不在您可修改的范围内。",
    "You may not do this with some of these targets. Nothing was changed.": (
        "您无权对其中部分目标执行此操作。未做任何更改。"
    ),
    # idempotency
    "The first request with this Idempotency-Key has not ended; try again in a moment.": (
        "使用此 Idempotency-Key 的首个请求尚未结束；请稍后重试。"
    ),
    "This Idempotency-Key was used for another request. Nothing was changed; use a new key.": (
        "此 Idempotency-Key 已用于另一请求。未做任何更改；请使用新的键。"
    ),
    "The first request with this Idempotency-Key has not ended, or was interrupted. Nothing was changed by "
    "this one; read what is there before you send it again with a new key.": (
        "使用此 Idempotency-Key 的首个请求尚未结束或已中断。本次未做任何更改；请先查看现有数据，再使用新的键重新发送。"
    ),
    "The header {name} must be a text of 1 to 100 printable characters.": "请求头 {name} 须为 1 到 100 个可打印字符。",
    # agreement
    "Target {id} is locked; unlock it first.": "目标 {id} 已锁定；请先解锁。",
    "Target {id} is {state}: this step can't be taken.": "目标 {id} 当前为 {state}，无法执行此步骤。",
    "Target {id} was approved before: say why it changes.": "目标 {id} 曾获批准：请说明变更原因。",
    "Target {id} must be accepted by somebody else than who put it forward.": "目标 {id} 须由提出者以外的人接受。",
    "Target {id} must be approved by somebody else than who wrote or proposed it.": (
        "目标 {id} 须由编写或提出者以外的人批准。"
    ),
    "Target {id} can be locked once it is approved and has no open draft.": "目标 {id} 须已批准且无草稿才能锁定。",
    "Target {id} is not locked.": "目标 {id} 未锁定。",
    "Say why target {id} is unlocked.": "请说明解锁目标 {id} 的原因。",
    "Only what is proposed or accepted can be countered.": "只能对已提出或已接受的目标提出反议。",
    "Counter with other values, or accept these.": "请以不同的数值反议，或接受现有数值。",
    "The header If-Match goes with a request for one target; give each row its etag instead.": (
        "请求头 If-Match 仅适用于单个目标的请求；请为每行提供 etag。"
    ),
    # planning
    "The parameter {name} is missing.": "缺少参数 {name}。",
    "The parameter {name} must be a number.": "参数 {name} 必须是数字。",
    "The parameter {name} must be the first day of a period.": "参数 {name} 必须是周期的第一天。",
    "The parameter tree must be business or people.": "参数 tree 必须是 business 或 people。",
    "The parameters from and to must name at least one period, in order.": "参数 from 和 to 须依次包含至少一个周期。",
    "This would be {count} cells; at most {limit} open at once. Ask for fewer nodes or periods.": (
        "将有 {count} 个单元格；一次最多打开 {limit} 个。请减少节点或周期。"
    ),
    "Must be business or people.": "必须是 business 或 people。",
    "Must be even, last_year, forecast or season.": "必须是 even、last_year、forecast 或 season。",
    "Must be entities or periods.": "必须是 entities 或 periods。",
    "Must be place or keep.": "必须是 place 或 keep。",
    "Must be a whole number from 0 to 6.": "必须是 0 到 6 的整数。",
    "Must be the first day of a period.": "必须是周期的第一天。",
    "There is no forecast for this period: too little history, or it is too far away.": (
        "此周期没有预测：历史数据不足，或周期过远。"
    ),
    "Only KPIs that add up can be split; {kpi} is none.": "只有可累加的 KPI 才能拆分；{kpi} 不可累加。",
    "The target has no value yet: say which amount is to be split.": "该目标尚无数值：请说明要拆分的数额。",
    "A {grain} can't be split into smaller periods like this.": "周期（{grain}）不能这样拆分为更小的周期。",
    "{entity} has nothing below it over which to split.": "{entity} 之下没有可拆分的对象。",
    "The parts have other currencies than the whole: set them by hand.": "各部分与整体的币种不同：请手动设置。",
    "Nothing is known to split by; the amount was split evenly.": "没有可依据的数据；已平均拆分。",
    "The targets below add up to {total}, more than this one, and {count} have none yet.": (
        "下级目标合计 {total}，已超过本目标，且还有 {count} 个下级没有目标。"
    ),
    "Target {id} has no owner: name who answers for it.": "目标 {id} 没有负责人：请指定由谁负责。",
    "{count} parts get nothing, because nothing is known of them.": "有 {count} 个部分因无数据而未分得数额。",
    "The locked cells hold more than the amount.": "已锁定单元格的数额超过总额。",
    "There is nothing to split over.": "没有可拆分的对象。",
    # checks
    "{owner} has {count} core KPIs; more than {limit} are nobody's priority.": (
        "{owner} 有 {count} 个核心 KPI；超过 {limit} 个就没有重点。"
    ),
    "{owner} would have {count} core KPIs, more than 15: take some away, weigh them 0, or have it waived.": (
        "{owner} 将有 {count} 个核心 KPI，超过 15 个：请减少、将权重设为 0，或申请豁免。"
    ),
    "This is {percent} % more than last year, without a budget or people planned beside it.": (
        "比去年高 {percent} %，但未规划预算或人员。"
    ),
    "By the forecast this is attained with a probability of {percent} %.": "按预测，达成概率为 {percent} %。",
    "The targets below add up to {total}, which leaves {residual}.": "下级目标合计为 {total}，差额为 {residual}。",
    "Its counter-KPI {counters} has no target here, so it can be met the wrong way.": (
        "其制衡指标 {counters} 在此没有目标，可能以错误的方式达成。"
    ),
    "This is peak season, but the limits are those of the period before.": "现在是旺季，但预警线与红线仍沿用上一周期。",
    "Nobody owns this target.": "此目标没有负责人。",
    "{owner} owns this target and has no user here.": "{owner} 负责此目标，但没有本系统账号。",
    "{owner} owns this target and can't see it: the scopes don't reach there.": (
        "{owner} 负责此目标，但权限范围不包含它，因此无法查看。"
    ),
    "This is waived already.": "已豁免。",
    "There is no waiver {id}.": "豁免 {id} 不存在。",
    "Must not lie in the past.": "不能早于今天。",
    # objectives
    "There is no objective {id}.": "目标项 {id} 不存在。",
    # scorecards
    "The parameter by must be owner or entity.": "参数 by 必须是 owner 或 entity。",
    "The request must name grain and period_start.": "请求须包含 grain 和 period_start。",
    "This period is closed already.": "该周期已关闭。",
    "There is nothing to close: no target of this period is published.": "无可关闭的内容：该周期没有已发布的目标。",
    "The role {role} has {count} core KPIs; more than {limit} are nobody's priority.": (
        "角色 {role} 有 {count} 个核心指标；超过 {limit} 个便无重点。"
    ),
    "Say in which currency the budget is.": "请说明预算的币种。",
    "Must be a currency's three letters, such as USD.": "必须是三位币种代码，例如 USD。",
    "This target has no version {version}.": "该目标没有版本 {version}。",
    # files
    "The parameter format must be xlsx or csv.": "参数 format 必须是 xlsx 或 csv。",
    "The file has more than {max_mb} MB. Split it.": "文件超过 {max_mb} MB。请拆分。",
    "The mapping must be a JSON object: the field by the name of the column.": (
        "mapping 须为 JSON 对象：以列名对应字段。"
    ),
    "The file holds no targets.": "文件中没有目标。",
    "The file is empty.": "文件为空。",
    "The file has too many rows.": "文件行数过多。",
    "The file is neither Excel nor CSV in UTF-8 or GB18030 (GBK).": (
        "文件既不是 Excel，也不是 UTF-8 或 GB18030（GBK）编码的 CSV。"
    ),
    "The file is too large once it is unpacked.": "文件解压后过大。",
    "The Excel file can't be read: it is damaged or protected.": "无法读取该 Excel 文件：文件已损坏或受保护。",
    "This column is missing.": "缺少此列。",
    "The parameter {name} must be an instant such as 2026-11-01T09:00:00Z.": (
        "参数 {name} 必须是时刻，例如 2026-11-01T09:00:00Z。"
    ),
}
