"""Chat channels against a local server that answers as the services do: what goes over the wire, and no secret told."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

CANARY = "canary0a1b2c3d4e5f60718293"
ANSWERS = {
    "dingtalk": {"errcode": 0, "errmsg": "ok"},
    "wecom": {"errcode": 0, "errmsg": "ok"},
    "feishu": {"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"},
    "telegram": {"ok": True, "result": {"message_id": 1}},
}


class Service:
    """A chat service: keeps what was posted and answers in the service's own form."""

    def __init__(self, name: str) -> None:
        self.posted: list[tuple[str, dict[str, Any]]] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                service.posted.append((self.path, json.loads(body)))
                answer = json.dumps(ANSWERS[name]).encode() if name in ANSWERS else b"ok"
                self.send_response(200)
                self.send_header("Content-Type", "application/json" if name in ANSWERS else "text/plain")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


# name -> (address, the plugin's class attribute that holds the service's host, its value here, where the text is)
CHANNELS = {
    "slack": (
        f"slack://T1JJ3T3L2/A1BRTD4JD/{CANARY}", ("slack.NotifySlack", "webhook_url", "{url}/services"),
        f"/services/T1JJ3T3L2/A1BRTD4JD/{CANARY}", lambda body: json.dumps(body["attachments"], ensure_ascii=False),
    ),
    "dingtalk": (
        f"dingtalk://{CANARY}", ("dingtalk.NotifyDingTalk", "notify_url", "{url}/robot/send?access_token={{token}}"),
        f"/robot/send?access_token={CANARY}", lambda body: json.dumps(body, ensure_ascii=False),
    ),
    "feishu": (
        f"feishu://{CANARY}", ("feishu.NotifyFeishu", "notify_url", "{url}/open-apis/bot/v2/hook/{{token}}/"),
        f"/open-apis/bot/v2/hook/{CANARY}/", lambda body: body["content"]["text"],
    ),
    "wecom": (
        f"wecombot://{CANARY}", ("wecombot.NotifyWeComBot", "notify_url", "{url}/cgi-bin/webhook/send?key={{key}}"),
        f"/cgi-bin/webhook/send?key={CANARY}", lambda body: body["text"]["content"],
    ),
    "telegram": (
        f"tgram://123456789:{CANARY}/12315544", ("telegram.NotifyTelegram", "notify_url", "{url}/bot"),
        f"/bot123456789:{CANARY}/sendMessage", lambda body: body["text"],
    ),
}  # fmt: skip


@pytest.fixture(params=sorted(CHANNELS))
def service(request: Any) -> Iterator[tuple[str, Service]]:
    found = Service(request.param)
    thread = threading.Thread(target=found.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield request.param, found
    found.server.shutdown()
    found.server.server_close()


def test_a_channel_speaks_its_services_own_format(
    site: Any, service: tuple[str, Service], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from importlib import import_module

    name, local = service
    address, (plugin, attribute, value), path, text_of = CHANNELS[name]
    module, _, class_name = plugin.partition(".")
    kind = getattr(import_module(f"apprise.plugins.{module}"), class_name)
    # The services' hosts are fixed in the plugins; only here they are this machine.
    monkeypatch.setattr(kind, attribute, value.format(url=local.url))
    caplog.set_level(logging.DEBUG)
    site.channels(chat=address)
    site.plant_breach()
    site.rule(name="GMV under its pace", severity="critical", channels=["chat"])
    site.evaluate()
    assert site.deliver() == {"sent": 1, "failed": 0, "pending": 0}
    ((posted, body),) = local.posted
    assert posted == path
    text = text_of(body)
    for part in ("Borealis US", "$12,000", "$17,000", "Jon Ek", "/kpi/alerts/?id="):
        assert part in text
    assert CANARY not in json.dumps(body)
    assert CANARY not in caplog.text
    assert CANARY not in str(site.outbox())
