"""Chinese for the backend's messages; the key is the English sentence as it stands in the code."""

MESSAGES: dict[str, str] = {
    # Menu
    "KPI": "KPI",
    "Targets": "目标管理",
    "Alerts": "预警中心",
    "KPI overview": "KPI 总览",
    # errors.py
    "Something went wrong in the KPI plugin.": "KPI 插件发生错误。",
    "Nothing was saved: some values can't be accepted.": "未保存任何内容：部分数值无法接受。",
    "The request could not be read.": "无法读取请求。",
    "Please log in first.": "请先登录。",
    "Your roles don't allow this.": "您的角色无权执行此操作。",
    "Not found.": "未找到。",
    "This can't be done in the present state.": "当前状态下无法执行此操作。",
    "Nothing was saved: somebody changed this in the meantime.": "未保存任何内容：其他人刚刚修改了此项。",
    "The request was refused: its CSRF token is missing or has expired. Reload the page and try again.": (
        "请求被拒绝：CSRF 令牌缺失或已过期。请刷新页面后重试。"
    ),
    "The warehouse does not answer. Nothing was lost; try again later.": "数据仓库没有响应。数据没有丢失，请稍后重试。",
    "The warehouse lacks a part of the KPI contract. Run the build, then `superset kpi doctor`.": (
        "数据仓库缺少 KPI 合约的一部分。请先运行构建，再运行 `superset kpi doctor`。"
    ),
    "The KPI plugin is not set up: run `superset kpi upgrade`.": "KPI 插件尚未设置：请运行 `superset kpi upgrade`。",
}
