"""What the error of a load says about its cause. Pure; imports no framework."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

#: What platforms say when a login, a key or a permission is at fault, and not the data.
_REFUSED = re.compile(
    r"\b40[13]\b|unauthori[sz]ed|forbidden|permission|access.?denied|not.?allowed|invalid.?(?:grant|client|token|key)|"
    r"(?:token|key|secret|credential|password|login|grant)\w*\W+(?:\w+\W+){0,3}?(?:expired|revoked|refused|wrong|invalid|"
    r"missing)|refused\W+(?:\w+\W+){0,2}?(?:login|credentials?|token)|LoginRefused|authenticat",
    re.IGNORECASE,
)


def is_refused(stream: Mapping[str, Any]) -> bool:
    """Whether a failed stream's error says that the platform refuses who asks."""
    return stream["state"] == "failed" and bool(_REFUSED.search(stream["last_error"] or ""))
