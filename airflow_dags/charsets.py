"""Tells Chinese text in GB18030 from Western text in Cp1252, which nearly any bytes are. Pure; imports no framework.

Chinese Excel saves CSV in GBK, of which GB18030 is the superset. That bytes are valid GB18030 isn't enough: a letter
with an accent in Cp1252 mostly makes some Chinese character together with the byte after it, as "ölf" or "ße" does.
Those are rare characters; Chinese text consists of common ones.
"""

from __future__ import annotations

import re

GB18030 = "gb18030"
_ENDS = range(0xA1, 0xFF)
#: Punctuation, signs and full-width forms; the 3,755 common characters (level 1 of GB 2312).
_STARTS = (*range(0xA1, 0xA4), *range(0xB0, 0xD8))
_COMMON = re.compile(
    "[" + bytes(byte for start in _STARTS for end in _ENDS for byte in (start, end)).decode(GB18030) + "]"
)
_ASCII = re.compile(r"[\x00-\x7f]+")


def is_chinese(text: str) -> bool:
    """Whether ``text``, decoded as GB18030 from bytes that aren't UTF-8, reads as Chinese: common characters are at
    least half of what is not ASCII."""
    beyond = _ASCII.sub("", text)
    rare = _COMMON.sub("", beyond)
    return len(rare) * 2 <= len(beyond) != 0
