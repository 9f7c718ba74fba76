"""A mail server for the demo and the tests: accepts every message on 127.0.0.1 and keeps it as an .eml file.

``python -m demo.mail_sink --port P --folder F``; the files are named in the order of their arrival. The envelope's
recipients stand in the header ``X-Envelope-To`` of the kept file. Nothing is relayed anywhere.
"""

from __future__ import annotations

import argparse
import itertools
import os
import re
import socketserver
from collections.abc import Callable
from pathlib import Path

LONGEST_MESSAGE = 10 * 1024 * 1024
IDLE_SECONDS = 30
ADDRESS = re.compile(r"<([^<>]*)>")


class MailSink(socketserver.ThreadingTCPServer):
    """Keeps what it receives in ``folder``; ``refuse`` may answer a recipient with an SMTP error line instead."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int, folder: Path, refuse: Callable[[str], str | None] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.refuse = refuse or (lambda recipient: None)
        self._numbers = itertools.count(sum(1 for _ in folder.glob("*.eml")) + 1)
        super().__init__(("127.0.0.1", port), _Conversation)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def keep(self, recipients: list[str], message: bytes) -> None:
        """Write a message so that a reader of the folder never sees half of it."""
        name = f"{next(self._numbers):06d}.eml"
        part = self.folder / f"{name}.part"
        part.write_bytes(f"X-Envelope-To: {', '.join(recipients)}\r\n".encode() + message)
        os.replace(part, self.folder / name)


class _Conversation(socketserver.StreamRequestHandler):
    """One SMTP connection (RFC 5321, the commands that a sender needs)."""

    timeout = IDLE_SECONDS
    server: MailSink

    def handle(self) -> None:
        self._recipients: list[str] = []
        self._say("220 mail sink")
        try:
            while line := self.rfile.readline(4096):
                if not self._answer(line.decode("utf-8", "replace").strip()):
                    return
        except (TimeoutError, ConnectionError):
            return

    def _answer(self, line: str) -> bool:
        """Handle one command; False ends the connection."""
        verb = line.split(" ", 1)[0].upper()
        if verb == "QUIT":
            self._say("221 bye")
            return False
        if verb == "EHLO":
            self._say(f"250-mail sink\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE {LONGEST_MESSAGE}")
        elif verb == "RCPT":
            self._recipient(line)
        elif verb == "DATA":
            self._data()
        elif verb in ("HELO", "MAIL", "RSET", "NOOP"):
            self._recipients = []
            self._say("250 ok")
        else:
            self._say("502 not implemented")
        return True

    def _recipient(self, line: str) -> None:
        found = ADDRESS.search(line)
        recipient = found.group(1) if found else line.partition(":")[2].strip()
        refusal = self.server.refuse(recipient)
        if refusal is None:
            self._recipients.append(recipient)
        self._say(refusal or "250 ok")

    def _data(self) -> None:
        if not self._recipients:
            self._say("503 no recipient")
            return
        self._say("354 end with a line that holds a single dot")
        lines, size = [], 0
        while (line := self.rfile.readline(65536)) not in (b".\r\n", b".\n", b""):
            size += len(line)
            if size <= LONGEST_MESSAGE:
                lines.append(line[1:] if line.startswith(b"..") else line)
        if size > LONGEST_MESSAGE:
            self._say("552 too long")
        elif line:  # otherwise the sender left in the middle of its message
            self.server.keep(self._recipients, b"".join(lines))
            self._say("250 kept")

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    arguments = parser.parse_args()
    with MailSink(arguments.port, arguments.folder) as sink:
        sink.serve_forever()


if __name__ == "__main__":
    main()
