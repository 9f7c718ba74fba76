"""Some 500 texts that somewhere are more than text, made by families x variations; the same every time.

``READABLE`` are texts as people may type them: whatever takes one in keeps and shows it as it is, or refuses it.
``UNREADABLE`` are no text (NUL, halves of characters) and are refused with the field's name. ``OVERLONG`` are refused,
or fit.
"""

from __future__ import annotations

import itertools

FAMILIES: dict[str, tuple[str, ...]] = {
    "sql": (
        "'; drop table kpi_target; --", '" or 1=1 --', "') or ('1'='1", "1; select pg_sleep(9)", "\\'; select 1",
        "%' escape '!", "$$; select 1; $$", "/* */ union select null --", ":name", "%(owner)s", "'||pg_sleep(9)||'",
    ),
    "jinja": (
        "{{ 7*7 }}", "{% raw %}", "{{ config }}", "{{ ''.__class__.__mro__ }}", "{# x #}", "{{ current_username() }}",
        "{% for a in range(9) %}{% endfor %}", "{{ url_param('x') }}", "${7*7}", "#{7*7}", "<%= 7*7 %>",
    ),
    "html": (
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</textarea><script>alert(1)</script>",
        "<svg onload=alert(1)>", "<svg><animate onbegin=alert(1) attributeName=x>",
        "<iframe srcdoc='<script>alert(1)'>",
        "<a href=javascript:alert(1)>x</a>", "\" onmouseover=alert(1) x=\"", "' onfocus=alert(1) autofocus='",
        "<style>*{display:none}</style>", "<!--", "]]>", "</title><script>alert(1)</script>",
        "&lt;b&gt;", "&#60;b&#62;",
        "<base href=//evil.test>", "<meta http-equiv=refresh content=0>", "javascript:alert(1)", "<b>bold</b>",
        "＜script＞alert(1)＜/script＞",
    ),
    "formula": (
        "=1+1", "+1+1", "-1+2", "@SUM(A1)", "|calc", "%0", "=HYPERLINK(\"http://evil.test\",\"x\")",
        "=cmd|'/c calc'!A1", "＝1+1", "＋1+1", "－1+2", "＠SUM(A1)", "\u200b=1+1", "\ufeff=1+1", "\u202e=1+1",
        "\u00a0=1+1", "\u3000=1+1", "\u2060@SUM(A1)", "﹦1+1", "'=1+1", "\u3164=1+1",
    ),
    "separators": (",", ";", "\"", "\"\"", "'", "a,b;c", "a\"b,c", "\\", "\\\\n", "a|b", "\u2028", "\u2029", "\u0085"),
    "markdown": (
        "**bold**", "_i_", "`c`", "[x](http://evil.test)", "![x](http://evil.test/x.png)", "# h", "> q", "~~s~~",
        "|a|b|", "<http://evil.test>", "||spoiler||", "[x]: http://evil.test", "http://evil.test/?a=1&b=2",
    ),
    "mentions": (
        "@everyone", "@here", "@all", "@channel", "<!channel>", "<!here|here>", "<@U024BE7LH>", "<at>everyone</at>",
        "<at user_id=\"all\">all</at>", "<at id=all></at>", "＠all", "<@&1>", "<users/all>", "@owner", "@<b>",
    ),
    "bidi": ("\u202egnp.exe", "\u2066x\u2069", "\u200f", "\u061c", "a\u202eb\u202c", "\u200d", "\u00ad", "e\u0301" * 9),
    "placeholders": (
        "{0}", "{owner}", "{", "}", "{}", "{0.__class__}", "{0!r:>{1}}", "%s", "%d", "%n", "%(x)s",
        "{count, plural, one",
        "'{name}'", "$1", "\\1", "%%",
    ),
    "paths": ("../../etc/passwd", "..\\..\\x", "/etc/passwd", "%2e%2e%2f", "C:\\x",
        "file:///etc/passwd", "CON", ".", "~"),
    "headers": ("x%0d%0aBcc: evil@evil.test", "\"; filename=x.html", "=?utf-8?q?x?=", "evil@evil.test>", "a: b"),
    "emoji": ("🎯", "👩‍👩‍👧‍👦", "🇨🇳", "李明", "ﷺ", "Ⅷ", "ｱ", "İ", "ß", "𝕏", "\U0010ffff", "\ue000", "\uffff"),
    "literals": ("null", "undefined", "NaN", "Infinity", "true", "0", "-0", "1e999", "00",
        "[]", "__proto__", "constructor"),
}  # fmt: skip
#: How a text is hidden in another one.
VARIATIONS = ("{}", "Shop {}", "{} Shop", "{}{}", "\u200b{}", "李{}🎯")


def _made() -> list[str]:
    """Each text as it is, then varied in turn until there are 500."""
    plain = [text for texts in FAMILIES.values() for text in texts]
    varied = (
        variation.replace("{}", text)
        for turn in range(1, len(VARIATIONS))
        for text, variation in zip(plain, itertools.islice(itertools.cycle(VARIATIONS[1:]), turn, None), strict=False)
    )
    found = dict.fromkeys(plain)
    for text in varied:
        if len(found) == 500:
            break
        found[text] = None
    return list(found)


READABLE = _made()
UNREADABLE = ("\x00", "a\x00b", "\ud800", "x\udfff", "\udc00\ud800")
OVERLONG = tuple(letter * size for letter in ("n", "🎯", "'") for size in (201, 256, 301, 501, 2001, 20_001))
