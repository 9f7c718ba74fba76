"""Writes the KPI glossary in English and Chinese: docs/glossary.en.md, docs/glossary.zh.md.

``python -m sql.tools.glossary`` writes them, ``--check`` exits with 1 where they are not what the definitions say.
A test compares them with kpi_catalogue too, which the plugin shows.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sql.tools.definitions import PROJECT, Definition, definitions

DOCS = PROJECT.parent / "docs"
DOMAINS = {
    "sales": ("Sales", "销售"),
    "traffic": ("Traffic", "流量"),
    "ads": ("Advertising", "广告"),
    "inventory": ("Inventory", "库存"),
    "product": ("Product", "商品"),
    "fulfilment": ("Fulfilment", "履约"),
    "service": ("Customer service", "客服"),
    "account_health": ("Account health", "店铺健康"),
    "finance": ("Finance", "财务"),
    "people": ("People", "人员"),
}
UNITS = {
    "money": ("money", "金额"),
    "count": ("count", "数量"),
    "ratio": ("ratio", "比率"),
    "days": ("days", "天"),
    "hours": ("hours", "小时"),
    "score": ("score", "分值"),
    "rank": ("rank", "排名"),
}
DIRECTIONS = {
    "higher": ("higher is better", "越高越好"),
    "lower": ("lower is better", "越低越好"),
    "band": ("best within a band", "区间内最佳"),
}
KINDS = {
    "company": "公司",
    "platform": "平台",
    "account": "店铺",
    "category": "品类",
    "sku": "SKU",
    "team": "团队",
    "person": "人员",
    "campaign": "广告活动",
    "ad_group": "广告组",
}
WORDS = {
    "title": ("KPI glossary", "KPI 词汇表"),
    "intro": (
        "Made of the metrics in `sql/models/kpis/` by `make glossary`; `kpi_catalogue` has the same texts.",
        "由 `make glossary` 根据 `sql/models/kpis/` 中的指标定义生成；文字与 `kpi_catalogue` 一致。",
    ),
    "formula": ("Formula", "公式"),
    "unit": ("Unit", "单位"),
    "for": ("For", "适用对象"),
    "drivers": ("Drivers", "驱动指标"),
    "counter": ("Watch beside it", "对冲指标"),
    "source": ("Source", "数据来源"),
    "settled": ("Settled after", "数据定稿"),
    "owner": ("Owner", "负责角色"),
    "playbook": ("When it is off target", "偏离目标时"),
}


def write(language: int) -> str:
    """The whole glossary: 0 English, 1 Chinese."""
    by_domain: dict[str, list[Definition]] = {}
    for one in definitions():
        by_domain.setdefault(one.meta["domain"], []).append(one)
    names = {one.kpi_id: one.meta["name_zh"] if language else one.name for one in definitions()}
    lines = [f"# {WORDS['title'][language]}", "", WORDS["intro"][language], ""]
    for domain in sorted(by_domain, key=lambda name: list(DOMAINS).index(name) if name in DOMAINS else len(DOMAINS)):
        lines += [f"## {DOMAINS.get(domain, (domain, domain))[language]}", ""]
        for one in by_domain[domain]:
            lines += _entry(one, names, language)
    return "\n".join(lines).rstrip("\n") + "\n"


def _entry(one: Definition, names: dict[str, str], language: int) -> list[str]:
    meta = one.meta
    kinds = [KINDS[kind] if language else kind.replace("_", " ") for kind in meta["entity_kinds"]]
    comma = "、" if language else ", "
    settled = f"{meta['days_until_settled']} 天后" if language else f"{meta['days_until_settled']} days"

    def linked(ids: list[str]) -> str:
        return comma.join(f"[{names[kpi]}](#{kpi})" for kpi in ids) or "–"

    facts = [
        ("formula", meta["formula_zh"] if language else meta["formula_en"]),
        ("unit", f"{UNITS[meta['unit']][language]}{comma}{DIRECTIONS[meta['direction']][language]}"),
        ("for", comma.join(kinds)),
        ("drivers", linked(meta["drivers"])),
        ("counter", linked(meta["counter_kpis"])),
        ("source", str(meta["source"]).replace(",", comma)),
        ("settled", settled),
        ("owner", str(meta["owner_role"])),
    ]
    playbook = meta.get("playbook_zh") if language else meta.get("playbook")
    if playbook:
        facts.append(("playbook", playbook))
    description = meta["description_zh"] if language else one.description
    return [
        f'### <a id="{one.kpi_id}"></a>{names[one.kpi_id]} (`{one.kpi_id}`)',
        "",
        description,
        "",
        *(f"- **{WORDS[word][language]}**{'：' if language else ': '}{text}" for word, text in facts),
        "",
    ]


def pages() -> dict[Path, str]:
    return {DOCS / "glossary.en.md": write(0), DOCS / "glossary.zh.md": write(1)}


def main(arguments: list[str]) -> int:
    stale = [path for path, text in pages().items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    if "--check" in arguments:
        for path in stale:
            sys.stdout.write(f"{path.name} is not what the definitions say; run make glossary\n")
        return 1 if stale else 0
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{len(definitions())} KPIs written to {', '.join(path.name for path in pages())}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
