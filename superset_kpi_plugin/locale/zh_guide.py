"""Chinese of the set-up guide's and the manual KPIs' sentences. `zh` joins them with the others."""

from __future__ import annotations

MESSAGES: dict[str, str] = {
    # manual KPIs
    "There is a manual KPI {kpi} already.": "手工指标 {kpi} 已存在。",
    "The KPI {kpi} is computed; choose another id.": "指标 {kpi} 由系统计算；请使用其他编号。",
    "There is no manual KPI {kpi}.": "没有手工指标 {kpi}。",
    "This value stands in the request twice.": "请求中此数值重复。",
    "This period has not begun.": "该周期尚未开始。",
    "There is no value {id}.": "没有数值 {id}。",
    "There is no such kind of entity.": "没有此类对象。",
    "There is no such unit.": "没有此单位。",
    "Must be higher, lower or band.": "必须是 higher、lower 或 band。",
    "Must be week, month, quarter or year.": "必须是 week、month、quarter 或 year。",
    "Must be 2 to 63 small letters, digits and underscores, a letter first.": (
        "必须为 2 到 63 个小写字母、数字或下划线，且以字母开头。"
    ),
    # the set-up guide
    "Must be basic or full.": "必须是 basic 或 full。",
    "There is no such variant.": "没有该行业版本。",
    "There is no such problem in the list.": "问题清单中没有该项。",
    "People and teams come from the ERP: connect it, or load its files of staff, teams and product assignments on the "
    "page Uploads.": "人员与团队来自 ERP：请连接 ERP，或在“文件上传”页面上传员工、团队与商品分配文件。",
    "An appraisal scheme comes in as a file of targets: export the template of persons, fill in target, weight and "
    "owner, and import it; it becomes drafts.": (
        "现有考核方案以目标文件导入：导出人员模板，填写目标、权重与负责人后导入，即成为草稿。"
    ),
    "No people are known, so no target can be handed on to a person.": "没有人员数据，目标无法分解到人。",
    "No teams are known.": "没有团队数据。",
    "{count} products have no owner, so nobody answers for them.": "{count} 个商品没有负责人，无人对其负责。",
    "{count} people have no user here, so they can't accept their targets.": (
        "{count} 名人员在此没有用户账号，无法接受目标。"
    ),
    "{count} accounts have sales in fewer than {months} whole months: their targets have little to go by.": (
        "{count} 个店铺有销售的完整月份少于 {months} 个：设定目标的依据不足。"
    ),
    "{count} accounts sell products whose cost is not known: the ERP's unit costs are missing.": (
        "{count} 个店铺销售的商品成本未知：缺少 ERP 的单位成本。"
    ),
    "{count} streams are not up to date; what they feed is incomplete.": "{count} 个数据流未及时更新，相关数据不完整。",
    "{count} KPIs of the packs have no value in these months: their data is not loaded.": (
        "指标包中有 {count} 个指标在这些月份没有数值：数据尚未加载。"
    ),
    "There is no forecast yet: targets come from the last three months, without a probability.": (
        "尚无预测：目标取自最近三个月，没有达成概率。"
    ),
    "By the forecast: attained with a probability of 80, 50 and 20 %.": "依据预测：达成概率分别为 80%、50% 和 20%。",
    "Worst, median and best of the months {first} to {last}; the forecast does not reach this.": (
        "取自 {first} 至 {last} 各月的最差值、中位数与最好值；没有相应预测。"
    ),
    "Worst, median and best of the months {first} to {last}, times {factor}: so much was this month above these a year "
    "ago. The forecast does not reach this.": (
        "取自 {first} 至 {last} 各月的最差值、中位数与最好值，乘以 {factor}：去年该月与这些月份之比。没有相应预测。"
    ),
    "Only {count} of the last {months} months have a value: too little for a target.": (
        "最近 {months} 个月中只有 {count} 个月有数值：不足以设定目标。"
    ),
}
