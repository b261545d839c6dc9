"""What reaches a channel: on real sockets, with one id, and nothing remote in it that is alive."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from apprise.plugins.discord import NotifyDiscord
from apprise.plugins.slack import NotifySlack
from apprise.plugins.telegram import NotifyTelegram
from pydantic import SecretStr

from crawler.alerts import channels, wording
from crawler.alerts.channels import retry_after_s
from crawler.alerts.deciding import Due, Entry
from crawler.errors import ConfigError
from crawler.storage.alerts import Delivery
from tests.alerting import Receiver, ids_in, mailbox, receiving
from tests.core.storing import NOON

ID = "0a6f2c1e-5d1b-4f7c-9a44-1f3f7a7f9b10"
EVIL = (
    "Rapat <!channel> @everyone *tebal* [klik](https://jahat.example) <b>x</b> <https://jahat.example|sini>"
    " {{7*7}} %(a)s\r\nBcc: a@jahat.example\x1b]0;judul\x07\u202egnasap\u200b"
)
ALIVE = ("<!channel>", "@everyone", "*tebal*", "[klik]", "<b>x", "<https", "{{")
HIDDEN = ("\x1b", "\x07", "\r\nBcc", "\u202e")


def message(headline: str = EVIL, number: int = 1) -> Delivery:
    entries = tuple(
        Entry(
            key=f"k{each}",
            kind="new",
            at=NOON,
            ready_at=NOON,
            detail={
                "article": each,
                "revision": 1,
                "outlet": "kontan",
                "headline": headline,
                "url": "https://www.kontan.example/berita/(1)_[2]<3>",
                "published_at": NOON.isoformat(),
                "words": [],
            },
        )
        for each in range(number)
    )
    content = wording.content_of("meja", Due(id=ID, entries=entries, repeated=(), conditions=()))
    return Delivery(
        id=1, message_id=ID, rule="meja", channel="1 x", subject=wording.subject_of(content), content=content,
        made_at=NOON, state="sending", attempts=0, next_at=NOON, error=None, sent_at=None,
    )  # fmt: skip


def send(channel: str, delivery: Delivery | None = None, within_s: float = 5.0) -> channels.Answer:
    return channels.send(SecretStr(channel), delivery or message(), within_s=within_s)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def test_a_webhook_gets_values_the_id_and_all_that_was_written(receiver: Receiver) -> None:
    assert send(receiver.url).arrived
    [heard] = receiver.heard
    assert (heard.id, heard.told["id"], heard.told["rule"]) == (ID, ID, "meja")
    [item] = heard.told["sections"][0]["items"]
    assert item["text"].startswith("kontan: Rapat <!channel> @everyone *tebal*")
    assert not {"\x1b", "\r", "\u202e"} & set(heard.body)


def test_chats_get_nothing_that_is_alive(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    base = f"http://127.0.0.1:{receiver.port}"
    monkeypatch.setattr(NotifySlack, "webhook_url", f"{base}/slack")
    monkeypatch.setattr(NotifyTelegram, "notify_url", f"{base}/telegram/bot")
    monkeypatch.setattr(NotifyDiscord, "notify_url", f"{base}/discord")
    chats = (
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/",
        "tgram://123456789:abcdefg_hijklmnop/12315544",
        "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
        f"mmost://127.0.0.1:{receiver.port}/3ccdd113474722377935511fc85d3dd4",
    )
    for chat in chats:
        answer = send(chat)
        assert answer.arrived or chat.startswith("slack"), answer  # Slack answers a word, not JSON
    assert len(receiver.heard) == len(chats)
    for heard in receiver.heard:
        assert heard.id == ID
        said = json.loads(heard.body)
        [shown] = said.get("attachments") or [{"text": said.get("text") or said["content"]}]
        text = f"{shown.get('title')}\n{shown['text']}"
        assert ID in text
        assert "＠everyone" in text
        assert not [sign for sign in (*ALIVE, *HIDDEN) if sign in text], text


def test_mail_has_one_message_id_and_no_header_of_others() -> None:
    with mailbox() as post:
        assert send(post.url).arrived
        assert send(post.url).arrived
    first, second = post.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Message-ID"].startswith(f"<{ID}@")
    assert first.get_all("Message-ID") is not None
    assert len(first.get_all("Message-ID", [])) == 1
    assert first["Bcc"] is None
    assert "Rapat <!channel>" in first["Subject"]
    assert "https://www.kontan.example/berita/%281%29_%5B2%5D%3C3%3E" in first.get_content()
    assert ID in first.get_content()


def test_a_file_gets_each_message_once_also_after_a_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "keluar.jsonl"
    assert send(f"file://{path}").arrived
    assert send(f"file://{path}").arrived
    assert ids_in(path) == [ID]
    with path.open("ab") as file:
        file.write(b'{"id":"' + ID.replace("0a", "ff").encode())
    assert send(f"file://{path}").arrived
    assert ids_in(path) == [ID]
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("500", "the receiver answered 500"),
        ("redirect", "the receiver answered 302"),
        ("reset", "the connection was refused or broke off"),
        ("hang", "the receiver did not answer in time|no answer within 0.5 seconds"),
        ("drip", "no answer within 0.5 seconds"),
    ],
)
def test_what_went_wrong_is_said_without_the_secret(script: str, said: str) -> None:
    with receiving(script) as broken:
        channel = f"json://pengguna:rahasia4711@127.0.0.1:{broken.port}/jalan-rahasia"
        answer = send(channel, within_s=0.5)
    assert not answer.arrived
    assert answer.error in said.split("|")


@pytest.mark.parametrize(
    "channel", ["slack://rahasia4711", "tidak-ada://rahasia4711", "rahasia4711", "file:///"]
)
def test_an_address_that_is_none_is_refused_without_being_shown(channel: str) -> None:
    with pytest.raises(ConfigError) as raised:
        channels.check(SecretStr(channel))
    assert "rahasia4711" not in str(raised.value)
    answer = send(channel)
    assert not answer.arrived
    assert "rahasia4711" not in str(answer.error)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("120", 120.0),
        ("99999999", 86_400.0),
        ("segera", None),
        ("-5", None),
        ("Wed, 04 Mar 2026 05:02:00 GMT", 120.0),
        ("Wed, 04 Mar 2026 04:00:00 GMT", 0.0),
    ],
)
def test_what_retry_after_asks_for(header: str | None, seconds: float | None) -> None:
    assert retry_after_s(header, datetime(2026, 3, 4, 5, 0, tzinfo=UTC)) == seconds


def test_a_large_digest_is_cut_with_how_many_more() -> None:
    many = message("Judul " + "panjang " * 30, number=500)
    assert len(json.dumps(many.content)) < 20_000
    for most in (700, 2000, 12_000):
        text = wording.text_of(many.content, message_id=ID, most_chars=most, chat=True)
        assert len(text) <= most
        shown = text.count("\n- kontan")
        assert f"and {500 - shown} more: see `pantau alerts show {ID}`" in text
    assert many.subject == "pantau: 500 new"


def test_two_receivers_of_one_address_are_noticed() -> None:
    kind, receivers = channels.check(
        SecretStr("mailto://127.0.0.1/?from=a@example.org&to=b@example.org,c@example.org")
    )
    assert (kind, receivers) == ("E-Mail", 2)
