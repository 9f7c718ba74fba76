"""Takes secrets out of free text, such as the error of a load: pure, imports no framework.

What is structured is never redacted but chosen by allow-lists (see `diagnosis.bundle`). Free text can't be chosen, so
that here everything goes that may be a secret: addresses down to scheme, host and plain words of the path, what follows
a credential's name, tokens, keys, and e-mail addresses. Rather a harmless number too many than one password.
"""

from __future__ import annotations

import re

GONE = "***"
#: Longest text that is looked through; what stands behind is cut off.
LONGEST = 4_000

_NAMES = (
    r"pass(?:word|wd|phrase|code)?|pwd|secret|tokens?|api[_-]?key|access[_-]?key(?:[_-]?id)?|private[_-]?key|key|"
    r"credentials?|signature|sig|session(?:[_-]?id)?|auth|authorization|cookie|jwt|bearer|refresh|nonce|salt|dsn|"
    r"connection[_-]?string|webhook|auth[_-]?code|hmac|assertion|user(?:name|info)?"
)
#: A credential's name, maybe within a longer one (x-amz-access-token, clientSecret), quoted or not, and = or :.
_NAMED = re.compile(
    rf"""(?P<name>(?<![A-Za-z])[\w.\-]*?(?:{_NAMES})(?:[_\-][\w\-]*)?)(?P<mark>["']?\s*(?:=>|[=:])\s*)"""
    r"""(?P<value>"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[^\s;,]+)""",
    re.IGNORECASE,
)
#: password "x", passwd 'x': a name and a quoted value without a sign between them.
_QUOTED = re.compile(
    rf"""\b(?P<name>(?:{_NAMES})\s+(?:is\s+|was\s+)?)(?P<value>"[^"]*"|'[^']*'|`[^`]*`)""", re.IGNORECASE
)
_HEADER = re.compile(
    r"""(?P<name>(?:proxy-)?authorization|(?:set-)?cookie|x-[\w-]*(?:token|key|secret|signature)[\w-]*)"""
    r"""(?P<mark>["']?\s*[:=]\s*)(?P<value>"[^"]*"?|'[^']*'?|[^\r\n"']+)""",
    re.IGNORECASE,
)
_SCHEME = re.compile(
    r"\b(?P<name>bearer\s|(?:basic|digest|negotiate|token|apikey|aws4-hmac-sha256)\s(?=\s*(?:\S*\d|\S{12})))\s*"
    r"(?P<value>[^\s,;\"']+)",
    re.IGNORECASE,
)
_URL = re.compile(r"""(?P<scheme>[A-Za-z][A-Za-z0-9+.\-]*)://(?P<rest>[^\s"'<>`]+)""")
_USERINFO = re.compile(r"""[^\s/"'<>@:]+:[^\s"'<>]*@(?=[\w\[])""")
_MAIL = re.compile(r"[\w.+%\-]+@[\w\-]+(?:\.[\w\-]+)*")
_ARGUMENTS = re.compile(r"(?P<mark>[?&])[\w.\-%\[\]]+=[^\s\"'<>]*")
_PEM = re.compile(r"-----BEGIN[^-]*-----.*?(?:-----END[^-]*-----|\Z)", re.DOTALL)
_LONG = re.compile(r"[A-Za-z0-9+/_=~.\-]{12,}")
#: Parts of a path that say what was asked for and can't be a key: words, versions, days.
_PLAIN = re.compile(r"[a-z]{1,20}(?:[._\-][a-z]{1,20}){0,4}|v?\d{1,2}(?:\.\d{1,2})?|\d{4}-\d\d-\d\d")
_HOST = re.compile(r"(?:[a-z0-9\-]{1,40}\.){0,5}[a-z0-9\-]{1,40}(?::\d{1,5})?", re.IGNORECASE)
_CAMEL = re.compile(r"(?:[A-Z][a-z]{2,}){1,7}[A-Z]?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d)?")


def redact(text: str | None) -> str | None:
    """The text without what may be a secret; None stays None."""
    if text is None:
        return None
    found = str(text)
    if len(found) > LONGEST:
        # Not in the middle of a word: half a key might not read like one.
        found = found[:LONGEST].rpartition(" ")[0] + " ..."
    found = _PEM.sub(GONE, found)
    found = _URL.sub(_address, found)
    found = _HEADER.sub(_valued, found)
    found = _SCHEME.sub(lambda match: f"{match['name'].strip()} {GONE}", found)
    found = _USERINFO.sub(f"{GONE}@", found)
    found = _ARGUMENTS.sub(lambda match: f"{match['mark']}{GONE}", found)
    found = _NAMED.sub(_valued, found)
    found = _QUOTED.sub(lambda match: f"{match['name']}{GONE}", found)
    found = _MAIL.sub(_mail, found)
    return _LONG.sub(_long, found)


def _valued(match: re.Match[str]) -> str:
    return f"{match['name']}{match['mark']}{GONE}"


def _mail(match: re.Match[str]) -> str:
    return match[0] if match[0].startswith(f"{GONE}@") else f"{GONE}@{GONE}"


def _address(match: re.Match[str]) -> str:
    """Of a web address the host and the plain words of the path; of any other (mail, chat, database) the scheme."""
    scheme, rest = match["scheme"], match["rest"]
    if scheme.lower() not in ("http", "https"):
        return f"{scheme.partition('+')[0]}://{GONE}"
    path, mark, _ = re.match(r"([^?#;]*)([?#;]?)(.*)", rest, re.DOTALL).groups()  # type: ignore[union-attr]
    # A password may hold a slash or an @: only what follows the last @ can be a host.
    whole = path.rpartition("@")[2] if "@" in path else path
    host, *parts = whole.split("/")
    shown = [host if _HOST.fullmatch(host) and not _is_key(host.partition(":")[0]) else GONE]
    shown += [part if not part or _PLAIN.fullmatch(part) else GONE for part in (item.rstrip(".,)") for item in parts)]
    return f"{scheme}://{'/'.join(shown)}" + (f"{mark}{GONE}" if mark else "")


def _long(match: re.Match[str]) -> str:
    """A run of letters and digits; it goes whole where one of its pieces reads like a key."""
    pieces = re.split(r"[./=~+]+", match[0])
    return GONE if any(_is_key(piece) for piece in (match[0].strip("./=~+"), *pieces) if "/" not in piece) else match[0]


def _is_key(word: str) -> bool:
    """Whether a word reads like a key: letters with digits, long numbers, long words of mixed case that are no name."""
    bare = _DAY.sub("", word)
    if len(bare) < 12 or _CAMEL.fullmatch(bare):
        return False
    letters, digits = re.sub(r"[^A-Za-z]", "", bare), re.sub(r"\D", "", bare)
    if not letters:
        return len(digits) >= 12
    if digits:
        return len(digits) >= 3 or len(bare) >= 16
    is_mixed = letters != letters.lower() and letters != letters.upper()
    return is_mixed and len(bare) >= 16 and not re.fullmatch(r"(?:[A-Za-z]?[a-z]+[._\-]?)+", bare)
