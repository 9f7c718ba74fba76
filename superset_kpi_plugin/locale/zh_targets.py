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
    "The parameter {name} must be an instant such as 2026-11-01T09:00:00Z.": (
        "参数 {name} 必须是时刻，例如 2026-11-01T09:00:00Z。"
    ),
}
