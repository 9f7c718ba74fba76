"""Chinese for the backend's messages; the key is the English sentence as it stands in the code."""

from superset_kpi_plugin.locale.zh_guide import MESSAGES as GUIDE
from superset_kpi_plugin.locale.zh_targets import MESSAGES as TARGETS

MESSAGES: dict[str, str] = {
    # Menu
    "KPI": "KPI",
    "Home": "首页",
    "Targets": "目标管理",
    "Alerts": "预警中心",
    "Uploads": "文件上传",
    "Glossary": "指标词典",
    "Diagnosis": "诊断",
    "Differences": "对账差异",
    "Scopes": "数据权限",
    "Set-up": "初始设置",
    "KPI overview": "KPI 总览",
    "Sales and traffic": "销售与流量",
    "Advertising": "广告",
    "Inventory": "库存",
    "Fulfilment and account health": "履约与账号健康",
    "Customer service": "客户服务",
    "Finance": "财务",
    "Reconciliation": "对账",
    "Team scorecard": "团队记分卡",
    "Data health": "数据健康",
    # assets/
    "What the KPIs mean: {links}": "指标释义：{links}",
    "All KPIs": "全部指标",
    # reconciliation/
    "There is no such difference.": "没有此差异。",
    "There is no difference here that anybody has to answer for.": "此处没有需要处理的差异。",
    "There is no sign-off {id}.": "没有编号为 {id} 的签核。",
    "This sign-off was taken back already.": "此签核已被撤回。",
    "Nothing was signed: the amounts have changed since. Look at the difference again.": (
        "未签核：金额已发生变化，请重新查看该差异。"
    ),
    "Must be one of the reasons.": "必须是所列原因之一。",
    "Must lie within a year.": "必须在一年之内。",
    "The parameter {name} must be one of: {allowed}.": "参数 {name} 只能是：{allowed}。",
    "Differences by day need from and to, at most {days} days apart.": (
        "按天查看差异需要 from 和 to，最多相隔 {days} 天。"
    ),
    # home/
    "This edition of the home page is not for you.": "您无权查看此版本的首页。",
    "The parameter edition must be own, boss or owner.": "参数 edition 只能是 own、boss 或 owner。",
    # errors.py
    "Something went wrong in the KPI plugin.": "KPI 插件发生错误。",
    "Nothing was saved: some values can't be accepted.": "未保存任何内容：部分数值无法接受。",
    "The request could not be read.": "无法读取请求。",
    "Please log in first.": "请先登录。",
    "Your roles don't allow this.": "您的角色无权执行此操作。",
    "Not found.": "未找到。",
    "This can't be done in the present state.": "当前状态下无法执行此操作。",
    "Nothing was saved: somebody changed this in the meantime.": "未保存任何内容：其他人刚刚修改了此项。",
    "Nothing was saved: {field} holds a character that is no text (NUL, or half of a character). "
    "Remove it, or type the text again.": (
        "未保存任何内容：{field} 含有无法作为文本保存的字符（NUL 或半个字符）。请删除该字符，或重新输入文本。"
    ),
    "The file's name has more than {most} characters. Give it a shorter one.": (
        "文件名超过 {most} 个字符，请缩短文件名。"
    ),
    "The request was refused: its CSRF token is missing or has expired. Reload the page and try again.": (
        "请求被拒绝：CSRF 令牌缺失或已过期。请刷新页面后重试。"
    ),
    "The warehouse does not answer. Nothing was lost; try again later.": "数据仓库没有响应。数据没有丢失，请稍后重试。",
    "The warehouse lacks a part of the KPI contract. Run the build, then `superset kpi doctor`.": (
        "数据仓库缺少 KPI 合约的一部分。请先运行构建，再运行 `superset kpi doctor`。"
    ),
    "The KPI plugin is not set up: run `superset kpi upgrade`.": "KPI 插件尚未设置：请运行 `superset kpi upgrade`。",
    "This address doesn't know that method.": "此地址不支持该方法。",
    "Too many requests; wait a little and try again.": "请求过多，请稍后重试。",
    # api.py
    "The request could not be read: its body is not valid JSON.": "无法读取请求：正文不是有效的 JSON。",
    "The request could not be read: its body must be a JSON object.": "无法读取请求：正文必须是 JSON 对象。",
    "The parameter {name} must be a whole number from {low} to {high}.": (
        "参数 {name} 必须是 {low} 到 {high} 之间的整数。"
    ),
    "The parameter {name} must be a date such as 2026-11-01.": "参数 {name} 必须是日期，例如 2026-11-01。",
    # uploads
    "Say which platform and stream the file is of.": "请选择文件所属的平台和数据流。",
    "{refused} of {rows} rows are refused, so nothing was loaded. Mend the file and upload it again.": (
        "{rows} 行中有 {refused} 行被拒绝，因此未加载任何内容。请修正文件后重新上传。"
    ),
    "Uploads are not set up: KPI_UPLOAD_DIR must name a folder that the pipeline watches.": (
        "尚未设置文件上传：KPI_UPLOAD_DIR 必须指向数据管道监视的文件夹。"
    ),
    "The request holds no file.": "请求中没有文件。",
    "Say whose file it is: an account id has lower case letters, digits and _, as aurora_us.": (
        "请指明文件属于哪个账户：账户 ID 由小写字母、数字和 _ 组成，例如 aurora_us。"
    ),
    "There is no such platform or stream.": "没有这样的平台或数据流。",
    "The file has more than {max_mb} MB. Load it with `kpi load`.": "文件超过 {max_mb} MB。请用 `kpi load` 加载。",
    "The file takes longer than {seconds} s to read; nothing was changed. Split it.": (
        "读取文件超过 {seconds} 秒；未更改任何内容。请拆分文件。"
    ),
    "The file can't be read: reading it failed; nothing was changed.": "无法读取文件：读取失败；未更改任何内容。",
    "The file is refused: {reason}": "文件被拒绝：{reason}",
    # migrations
    "Superset's own tables are missing. Run `superset db upgrade` and `superset init` first.": (
        "缺少 Superset 自身的数据表。请先运行 `superset db upgrade` 和 `superset init`。"
    ),
    # warehouse.py
    "Superset has no database connection named {name}. Create it, or set KPI_WAREHOUSE_DATABASE.": (
        "Superset 中没有名为 {name} 的数据库连接。请创建该连接，或设置 KPI_WAREHOUSE_DATABASE。"
    ),
    "Publishing is not set up: KPI_PUBLISHER_URI is missing in superset_config.py.": (
        "尚未设置发布：superset_config.py 中缺少 KPI_PUBLISHER_URI。"
    ),
    "Publishing is not set up: KPI_PUBLISHER_URI is not a usable address.": (
        "尚未设置发布：KPI_PUBLISHER_URI 不是可用的地址。"
    ),
    "The warehouse did not answer in time. Nothing was lost; try again later.": (
        "数据仓库未能及时响应。数据没有丢失，请稍后重试。"
    ),
    "The warehouse refused a part of the KPI contract: {reason}. Run the build, then `superset kpi doctor`.": (
        "数据仓库拒绝了 KPI 合约的一部分：{reason}。请先运行构建，再运行 `superset kpi doctor`。"
    ),
    "The warehouse refused the user or the password of its connection.": "数据仓库拒绝了连接的用户名或密码。",
    # targets
    "There is no target {id}.": "目标 {id} 不存在。",
    "Target {id} has no draft.": "目标 {id} 没有草稿。",
    "The request holds no targets.": "请求中没有目标。",
    "The request holds {count} targets; at most {limit} go at once.": "请求包含 {count} 个目标；一次最多 {limit} 个。",
    "The request must hold a list of target ids.": "请求必须包含目标 ID 列表。",
    "This target stands in the request twice.": "同一目标在请求中出现了两次。",
    "It was interrupted before it ended. Nothing was lost; publish again.": (
        "发布中途被中断。数据没有丢失，请重新发布。"
    ),
    "An unexpected error; the server's log has it. The targets stay approved.": (
        "发生意外错误，详情见服务器日志。目标仍为已批准状态。"
    ),
    "The parameter grain must be day, week, month, quarter or year.": (
        "参数 grain 必须是 day、week、month、quarter 或 year。"
    ),
    "The parameter period_start must be the first day of a period.": "参数 period_start 必须是周期的第一天。",
    "The parameter include knows only candidates.": "参数 include 只支持 candidates。",
    "The parameter include=candidates needs entity_kind.": "参数 include=candidates 需要 entity_kind。",
    # targets: fields
    "Required.": "必填。",
    "Must be a text.": "必须是文本。",
    "Must be an object.": "必须是对象。",
    "This field is not known.": "未知字段。",
    "Is too long.": "内容过长。",
    "Must not hold control characters.": "不能包含控制字符。",
    "Must be a date such as 2026-11-01.": "必须是日期，例如 2026-11-01。",
    "Must be a day from 1990-01-01 to 2199-12-31.": "必须是 1990-01-01 至 2199-12-31 之间的日期。",
    "Must be day, week, month, quarter or year.": "必须是 day、week、month、quarter 或 year。",
    "Must be a number.": "必须是数字。",
    "Must be a number, written with digits and at most one point.": "必须是数字，只能包含数字和一个小数点。",
    "Must be a finite number.": "必须是有限的数值。",
    "Has too many digits.": "位数过多。",
    "Has too many digits: at most 18 before the point and 6 after it.": "位数过多：小数点前最多 18 位，后最多 6 位。",
    "Must not be negative.": "不能为负数。",
    "Is a share: 0.05 means 5%. It must be below 1.": "这是比例：0.05 表示 5%，必须小于 1。",
    "Is not the first day of a {grain}; did you mean {first}?": "不是该周期（{grain}）的第一天；是否应为 {first}？",
    "There is no KPI {kpi}.": "KPI {kpi} 不存在。",
    "There is no entity {entity}.": "对象 {entity} 不存在。",
    "The KPI {kpi} is not measured per {kind}.": "KPI {kpi} 不按 {kind} 统计。",
    "The floor must not be above the target.": "保底值不能高于目标值。",
    "The floor must not be below the target (lower is better here).": "保底值不能低于目标值（此项越低越好）。",
    "The stretch goal must not be below the target.": "挑战值不能低于目标值。",
    "The stretch goal must not be above the target (lower is better here).": "挑战值不能高于目标值（此项越低越好）。",
    "The warning limit must not be below the breach limit.": "预警线不能低于红线。",
    "The warning limit must not be above the breach limit (lower is better here).": (
        "预警线不能高于红线（此项越低越好）。"
    ),
    "The warning limit must not be above the target.": "预警线不能高于目标值。",
    "The warning limit must not be below the target (lower is better here).": "预警线不能低于目标值（此项越低越好）。",
    "The breach limit must not be above the target.": "红线不能高于目标值。",
    "The breach limit must not be below the target (lower is better here).": "红线不能低于目标值（此项越低越好）。",
    # alerts
    "There is no alert {id}.": "预警 {id} 不存在。",
    "There is no alert rule {id}.": "预警规则 {id} 不存在。",
    "The parameter state must be one of: {allowed}.": "参数 state 必须是以下之一：{allowed}。",
    "The parameter rule_id must be a whole number.": "参数 rule_id 必须是整数。",
    "This alert is not firing, so there is nothing to acknowledge.": "此预警未触发，无需确认。",
    "The KPI {kpi} has no values for {kind}. Possible: {kinds}.": "KPI {kpi} 没有 {kind} 的数值。可选：{kinds}。",
    "There is no KPI {name}.": "KPI {name} 不存在。",
    "The parameter kind must be user or role.": "参数 kind 必须是 user 或 role。",
    "There is no {kind} {name}.": "{kind} {name} 不存在。",
    "This is required.": "必填。",
    "A rule has no such field.": "规则没有此字段。",
    "This can't be changed; create another rule.": "此项不能修改；请新建规则。",
    "A name is a text of 1 to 200 characters.": "名称须为 1 到 200 个字符的文本。",
    "An owner is a text of at most 200 characters.": "负责人须为不超过 200 个字符的文本。",
    "This must be true or false.": "必须是 true 或 false。",
    "This must be null (every entity) or a list of entity ids.": "必须为 null（全部对象）或对象 ID 列表。",
    "This must be a list of different channel names.": "必须是不重复的渠道名称列表。",
    "There is no channel {name} in KPI_CHANNELS.": "KPI_CHANNELS 中没有渠道 {name}。",
    "A comment is a text of at most {most} characters.": "备注须为不超过 {most} 个字符的文本。",
    "There is another rule of this name.": "已存在同名规则。",
    "This must be one of: {allowed}.": "必须是以下之一：{allowed}。",
    "This must be a whole number of minutes from 0 to {most}.": "必须是 0 到 {most} 之间的整数分钟。",
    "This must be a text.": "必须是文本。",
    **TARGETS,
    **GUIDE,
}
