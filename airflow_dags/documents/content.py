"""The bytes of a document: where they come from, gzip, character sets."""

from __future__ import annotations

import codecs
import hashlib
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from airflow_dags.charsets import GB18030, is_chinese
from airflow_dags.documents.limits import FREE_OF_RATIO, MAX_BYTES, MAX_RATIO, MAX_WHOLE_BYTES, MIB
from airflow_dags.errors import ConfigurationError, DocumentBroken

GZIP = b"\x1f\x8b"
ZIP = b"PK\x03\x04"
CHUNK = 4 * MIB
SLICE = MIB // 4
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
UTF8_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Document:
    """The bytes of one report as delivered, with its name for messages and, if the server said so, its character
    set."""

    name: str
    content: bytes
    charset: str | None = None

    @property
    def checksum(self) -> str:
        """Of the content as delivered, uncompressed if it is gzip, so that zipping a file makes no new document of
        it."""
        return self.looked_through.checksum

    @cached_property
    def looked_through(self) -> Look:
        """What one pass over the content tells; it raises what is wrong with its compression."""
        return _look(self)

    def chunks(self) -> Iterator[bytes]:
        """The decompressed content, some MiB at a time."""
        if self.content[:2] == GZIP:
            yield from gunzip_chunks(self.content, self.name)
            return
        for start in range(0, len(self.content), CHUNK):
            yield self.content[start : start + CHUNK]

    def start(self, size: int = 64) -> bytes:
        """The first bytes of the decompressed content, without the white space before them."""
        begun = b""
        for chunk in self.chunks():
            begun = (begun + chunk).lstrip()
            if len(begun) >= size:
                break
        return begun[:size]

    def plain(self) -> bytes:
        """The decompressed content as a whole."""
        if self.content[:2] == GZIP:
            return gunzip(self.content, self.name, MAX_WHOLE_BYTES)
        if len(self.content) > MAX_WHOLE_BYTES:
            raise _too_large(self.name, MAX_WHOLE_BYTES)
        return self.content

    @classmethod
    def from_file(cls, path: Path) -> Document:
        try:
            if path.stat().st_size > MAX_BYTES:
                raise _too_large(path.name, MAX_BYTES)
            return cls(path.name, path.read_bytes())
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise ConfigurationError(f"{path.name} can't be read ({reason}); nothing was changed") from None


@dataclass(frozen=True)
class Look:
    """``encoding`` is what the text is read as; ``has_nul`` that it holds NUL, which no table takes."""

    checksum: str
    encoding: str
    has_nul: bool


def gunzip(content: bytes, name: str, limit: int = MAX_BYTES) -> bytes:
    """Decompress; a stream that ends early is an error here, not a shorter document."""
    return b"".join(gunzip_chunks(content, name, limit))


def gunzip_chunks(content: bytes, name: str, limit: int = MAX_BYTES) -> Iterator[bytes]:
    """Decompress some MiB at a time; several members one after the other are one document."""
    source, size = memoryview(content), 0
    place, rest = 0, b""
    while place < len(source) or rest:
        unzip = zlib.decompressobj(wbits=31)
        while not unzip.eof:
            if not rest:
                if place >= len(source):
                    raise DocumentBroken(
                        f"{name} is truncated: the gzip stream ends early; nothing was changed; download it again"
                    )
                # In small slices, because zlib copies what it leaves over.
                rest = bytes(source[place : place + SLICE])
                place += len(rest)
            try:
                chunk = unzip.decompress(rest, CHUNK)
            except zlib.error:
                raise DocumentBroken(f"{name} is damaged (gzip); nothing was changed; download it again") from None
            rest = unzip.unconsumed_tail
            size += len(chunk)
            _refuse_growth(name, size, place - len(rest), limit)
            if chunk:
                yield chunk
        rest = unzip.unused_data.lstrip(b"\x00")
        if (rest + bytes(source[place : place + 2]))[:2] != GZIP:
            break


def _refuse_growth(name: str, size: int, consumed: int, limit: int) -> None:
    """``consumed`` is the compressed part that ``size`` came of: a bomb is known by its first stretch."""
    if size > limit:
        raise DocumentBroken(
            f"{name} grows beyond {limit} bytes when decompressed; nothing was changed; ask for fewer days at a time"
        )
    if size > FREE_OF_RATIO and size > MAX_RATIO * consumed:
        raise DocumentBroken(
            f"{name} grows to more than {MAX_RATIO} times its size when decompressed, as no report does; nothing was "
            "changed; download it again"
        )


def _too_large(name: str, limit: int) -> DocumentBroken:
    return DocumentBroken(
        f"{name} is larger than {limit // MIB} MiB, which is read as a whole; nothing was changed; ask for fewer days "
        "at a time"
    )


# Character sets


class NotUtf8(Exception):  # noqa: N818 (a turn that reading takes, no failure)
    """Text that was taken for UTF-8 isn't; what was read of it so far doesn't count."""


class _Looking:
    """One pass over the content, chunk by chunk."""

    def __init__(self) -> None:
        self.digest, self.decoder = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")()
        self.start, self.is_utf8, self.has_nul = b"", True, False

    def add(self, chunk: bytes) -> None:
        self.start = self.start or chunk[:4]
        self.digest.update(chunk)
        self.has_nul = self.has_nul or b"\x00" in chunk
        # Most text is ASCII, which is quicker to see than to decode; the decoder may hold the half of a character.
        if self.is_utf8 and not (chunk.isascii() and not self.decoder.getstate()[0]):
            self.is_utf8 = self._decodes(chunk)

    def _decodes(self, chunk: bytes, final: bool = False) -> bool:
        try:
            self.decoder.decode(chunk, final)
        except UnicodeDecodeError:
            return False
        return True

    def end(self, document: Document) -> Look:
        is_utf8 = self.is_utf8 and self._decodes(b"", final=True)
        is_utf16 = self.start[:2] in UTF16_MARKS
        encoding = "utf-16" if is_utf16 else ("utf-8" if is_utf8 else _other_encoding(document))
        return Look("sha256:" + self.digest.hexdigest(), encoding, self.has_nul)


def _look(document: Document, chunks: Iterable[bytes] | None = None) -> Look:
    looking = _Looking()
    for chunk in chunks or document.chunks():
        looking.add(chunk)
    return looking.end(document)


def _other_encoding(document: Document) -> str:
    """Flat files come as UTF-8 or Cp1252 and often don't say which: valid UTF-8 is taken as such, because text in
    Cp1252 that happens to be valid UTF-8 is practically always ASCII. A charset that the server names is tried next,
    then GB18030, as Chinese Excel saves CSV. What is none of them is read byte by byte: the cells then tell that
    something is wrong with them."""
    for candidate in (document.charset, GB18030, "cp1252"):
        try:
            if candidate is None or not codecs.lookup(candidate)._is_text_encoding:
                continue
            decoder = codecs.getincrementaldecoder(candidate)()
            is_likely = candidate != GB18030 or candidate == document.charset
            for chunk in document.chunks():
                text = decoder.decode(chunk)
                # Some encodings give halves of characters, which no table takes.
                text.encode()
                is_likely = is_likely or is_chinese(text)
            decoder.decode(b"", final=True)
        except (UnicodeError, LookupError, TypeError):
            continue
        if is_likely:
            return candidate
    return "latin-1"


def text_chunks(document: Document) -> Iterator[bytes]:
    """The document's text as UTF-8 without a byte order mark and without NUL, some MiB at a time."""
    look = document.looked_through
    if look.encoding == "utf-8":
        chunks = document.chunks()
        yield _without_nul(next(chunks, b"").removeprefix(UTF8_MARK), look)
        for chunk in chunks:
            yield _without_nul(chunk, look)
        return
    errors = "strict" if look.encoding not in ("utf-16", "latin-1") else "replace"
    decoder = codecs.getincrementaldecoder(look.encoding)(errors)
    for chunk in document.chunks():
        yield _without_nul(decoder.decode(chunk).encode("utf-8", "replace"), look)
    yield _without_nul(decoder.decode(b"", final=True).encode("utf-8", "replace"), look)


def utf8_chunks(document: Document) -> Iterator[bytes]:
    """Like `text_chunks`, but without a pass beforehand: what a look tells is known with the last chunk. Raises
    NotUtf8."""
    if "looked_through" in document.__dict__:
        if document.looked_through.encoding != "utf-8":
            raise NotUtf8
        yield from text_chunks(document)
        return
    looking = _Looking()
    for chunk in document.chunks():
        is_first = not looking.start
        looking.add(chunk)
        if not looking.is_utf8:
            raise NotUtf8
        text = chunk.removeprefix(UTF8_MARK) if is_first else chunk
        yield text.replace(b"\x00", b"") if looking.has_nul else text
    look = looking.end(document)
    document.__dict__["looked_through"] = look
    if look.encoding != "utf-8":
        raise NotUtf8


def _without_nul(chunk: bytes, look: Look) -> bytes:
    return chunk.replace(b"\x00", b"") if look.has_nul else chunk


def text_of(document: Document) -> bytes:
    """All of the document's text; raises what is too large to be held."""
    plain = document.plain()
    if "looked_through" not in document.__dict__:
        # What was decompressed for its text needn't be decompressed once more for the look.
        document.__dict__["looked_through"] = _look(
            document, (plain[place : place + CHUNK] for place in range(0, len(plain), CHUNK))
        )
    look = document.looked_through
    if look.encoding == "utf-8":
        return _without_nul(plain.removeprefix(UTF8_MARK), look)
    del plain
    parts, size = [], 0
    for chunk in text_chunks(document):
        size += len(chunk)
        if size > MAX_WHOLE_BYTES:
            raise _too_large(document.name, MAX_WHOLE_BYTES)
        parts.append(chunk)
    return b"".join(parts)
