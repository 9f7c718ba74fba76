"""Chat channels against a local server that answers as the services do: what goes over the wire, and no secret told."""

from __future__ import annotations

import datetime
import ipaddress
import json
import logging
import re
import ssl
import threading
from collections.abc import Iterator
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

CANARY = "canary0a1b2c3d4e5f60718293"
ANSWERS = {
    "dingtalk": {"errcode": 0, "errmsg": "ok"},
    "wecom": {"errcode": 0, "errmsg": "ok"},
    "feishu": {"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"},
    "lark": {"code": 0, "msg": "success"},
    "telegram": {"ok": True, "result": {"message_id": 1}},
}
#: A workflow of Teams takes a message and says nothing of it.
STATUS = {"teams": 202}
TEXTS = {"discord": b"", "mattermost": b"ok", "slack": b"ok", "teams": b""}


class Service:
    """A chat service: keeps what was posted and answers in the service's own form."""

    def __init__(self, name: str) -> None:
        self.posted: list[tuple[str, dict[str, Any]]] = []
        self.is_refusing = False
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                service.posted.append((self.path, json.loads(body)))
                answer = json.dumps(ANSWERS[name]).encode() if name in ANSWERS else TEXTS[name]
                self.send_response(500 if service.is_refusing else STATUS.get(name, 200))
                self.send_header("Content-Type", "application/json" if name in ANSWERS else "text/plain")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def use_tls(self, folder: Path) -> None:
        """Where a service's plugin knows no other way; the certificate is the server's own."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate(folder))
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)


def certificate(folder: Path) -> Path:
    """A certificate of 127.0.0.1 by nobody, with its key, in one file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.timezone.utc)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    day = datetime.timedelta(days=1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - day, now + day)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = builder.add_extension(address, critical=False).sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "certificate.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def of_card(body: dict[str, Any]) -> str:
    """The text of the one adaptive card of a Teams message."""
    assert body["type"] == "message"
    (attachment,) = body["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert attachment["content"]["type"] == "AdaptiveCard"
    title, text = attachment["content"]["body"]  # no picture from anywhere
    assert {title["type"], text["type"]} == {"TextBlock"}
    return str(text["text"])


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
    "lark": (
        f"lark://{CANARY}", ("lark.NotifyLark", "notify_url", "{url}/open-apis/bot/v2/hook/"),
        f"/open-apis/bot/v2/hook/{CANARY}", lambda body: body["content"]["text"],
    ),
    "discord": (
        f"discord://123456789012345678/{CANARY}", ("discord.NotifyDiscord", "notify_url", "{url}/api/webhooks"),
        f"/api/webhooks/123456789012345678/{CANARY}",
        lambda body: body.get("content", "") + "".join(one["description"] for one in body.get("embeds", ())),
    ),
    "mattermost": (
        f"mmosts://127.0.0.1:{{port}}/{CANARY}/?verify=no", None, f"/hooks/{CANARY}", lambda body: body["text"],
    ),
    "wecom": (
        f"wecombot://{CANARY}", ("wecombot.NotifyWeComBot", "notify_url", "{url}/cgi-bin/webhook/send?key={{key}}"),
        f"/cgi-bin/webhook/send?key={CANARY}", lambda body: body["text"]["content"],
    ),
    "telegram": (
        f"tgram://123456789:{CANARY}/12315544", ("telegram.NotifyTelegram", "notify_url", "{url}/bot"),
        f"/bot123456789:{CANARY}/sendMessage", lambda body: body["text"],
    ),
    "teams": (
        f"workflows://127.0.0.1:{{port}}/643e69f83c8944/{CANARY}/?verify=no", None,
        "/workflows/643e69f83c8944/triggers/manual/paths/invoke?"
        f"api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={CANARY}", of_card,
    ),
}  # fmt: skip


@pytest.fixture(params=sorted(CHANNELS))
def service(request: Any, tmp_path: Path) -> Iterator[tuple[str, Service]]:
    found = Service(request.param)
    if CHANNELS[request.param][1] is None:
        found.use_tls(tmp_path)
    thread = threading.Thread(target=found.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield request.param, found
    found.server.shutdown()
    found.server.server_close()


def point(site: Any, name: str, local: Service, monkeypatch: pytest.MonkeyPatch) -> tuple[str, Any]:
    """Make a channel of the service at this machine; the path that it posts to, and where the text is."""
    from importlib import import_module

    address, place, path, text_of = CHANNELS[name]
    if place is not None:
        # The service's host is fixed in the plugin; only here it is this machine.
        plugin, attribute, value = place
        module, _, class_name = plugin.partition(".")
        kind = getattr(import_module(f"apprise.plugins.{module}"), class_name)
        monkeypatch.setattr(kind, attribute, value.format(url=local.url))
    # The pace that the library keeps to is for the service's sake; some of its plugins wait before their first request.
    monkeypatch.setattr("apprise.plugins.base.NotifyBase.request_rate_per_sec", 0.0)
    site.channels(chat=address.format(port=local.port))
    return path, text_of


def test_a_channel_speaks_its_services_own_format(
    site: Any, service: tuple[str, Service], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    name, local = service
    path, text_of = point(site, name, local, monkeypatch)
    caplog.set_level(logging.DEBUG)
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


def test_a_service_that_refuses_tells_no_secret_and_is_tried_again(
    site: Any, service: tuple[str, Service], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    name, local = service
    point(site, name, local, monkeypatch)
    local.is_refusing = True
    caplog.set_level(logging.DEBUG)
    site.plant_breach()
    site.rule(severity="critical", channels=["chat"])
    site.evaluate()
    assert site.deliver() == {"sent": 0, "failed": 0, "pending": 1}
    assert local.posted
    assert CANARY not in caplog.text
    assert CANARY not in str(site.outbox())
    local.is_refusing = False
    assert site.deliver(24 * 60)["sent"] == 1


def test_a_card_reads_as_the_text_does_and_names_are_no_links() -> None:
    from superset_kpi_plugin.alerts.channels.dialects import as_markdown

    hostile = (
        "Best *seller* [sale](http://evil.test/a(b)) <at>everyone</at>\n\nOpen: http://kpi.test/alerts/?id=1&a=b_c"
    )
    assert as_markdown(hostile) == (
        "Best \\*seller\\* \\[sale\\]([http://evil.test/a(b))](http://evil.test/a%28b%29%29) ‹at›everyone‹/at›\n\n"
        "Open: [http://kpi.test/alerts/?id=1&a=b\\_c](http://kpi.test/alerts/?id=1&a=b_c)"
    )


#: What a name can hold that some service takes for markup, a link or a call.
NAMED = (
    'Shop *b* _i_ `c` [x](http://evil.test/a) <b>y</b> <at user_id="all">all</at> @everyone ＠all '
    "<!channel> <@U1> &lt; ~s~ |p|"
)
CALLS = re.compile(r"[@＠]\w|<[!@/]|<at")
#: Those that read Markdown; a character that they take for markup is shown as it is behind a backslash.
MARKDOWN = ("discord", "mattermost", "teams")


@pytest.mark.parametrize("asked", ["", "format=markdown", "format=html"])
def test_names_are_shown_as_they_are_and_call_nobody(
    site: Any, service: tuple[str, Service], monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    name, local = service
    _, text_of = point(site, name, local, monkeypatch)
    [address] = site.app.config["KPI_CHANNELS"].values()
    if asked:
        address += ("&" if "?" in address else "/?") + asked
    site.channels(chat=address)
    site.plant_breach()
    site.warehouse.execute(
        "update kpi.kpi_entities set entity_name = %s where entity_id = 'account:borealis_us'", (NAMED,)
    )
    site.rule(name=NAMED, severity="critical", channels=["chat"])
    site.evaluate()
    assert site.deliver() == {"sent": 1, "failed": 0, "pending": 0}
    ((_, body),) = local.posted
    text = text_of(body)
    if name == "telegram":
        assert body["parse_mode"] == "HTML"
        assert set(re.findall(r"<[^>]*>", text)) <= {"<b>", "</b>"}  # the title's own
        assert text.count("<b>") == text.count("</b>") <= 1
        text = unescape(text)
        assert "<b>y</b> <at user_id=" in text
        text = text.replace("<", "‹")
    assert not CALLS.search(text), text
    shown = re.sub(r"https?://[^\s<>()\]]+", "", text)
    if name in MARKDOWN:
        assert not re.search(r"(?<!\\)[*_`~|]", shown), shown
        shown = re.sub(r"\\([^A-Za-z0-9\s])", r"\1", shown)
    if name != "slack":  # there the whole attachment was looked at
        assert "‹b›y‹/b›" in shown.replace(">", "›")
    for part in ("Shop *b* _i_ `c` [x]", "\u2060everyone", "~s~ |p|"):
        assert part in shown
