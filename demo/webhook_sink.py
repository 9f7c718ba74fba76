"""A webhook receiver for the demo and the tests: keeps every JSON body that is posted to it as a file.

``python -m demo.webhook_sink --port P --folder F``; the files are named in the order of their arrival.
"""

from __future__ import annotations

import argparse
import itertools
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


def make_handler(folder: Path) -> type[BaseHTTPRequestHandler]:
    """A request handler that writes bodies to ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = itertools.count(sum(1 for _ in folder.glob("*.json")) + 1)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            (folder / f"{next(numbers):06d}.json").write_bytes(body)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class's name)
            """Say nothing: bodies may hold business figures."""

    return Handler


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    arguments = parser.parse_args()
    ThreadingHTTPServer(("127.0.0.1", arguments.port), make_handler(arguments.folder)).serve_forever()


if __name__ == "__main__":
    main()
