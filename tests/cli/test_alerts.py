"""`pantau alerts`: the rules and what waits; test, send, show, retry and drop; what doctor says."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.storage import articles, frontier
from crawler.storage.database import open_database
from crawler.storage.runs import start_run
from tests.alerting import Receiver, ids_in, receiving
from tests.cli.conftest import Run, refused
from tests.core import storing

SECRET = "rahasia4711"  # noqa: S105 - invented


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with receiving() as made:
        (tmp_path / "pantau.toml").write_text(
            f'[alerts]\nsend_s = 2\n[alerts.meja]\non = ["new"]\n'
            f'channel = ["json://u:{SECRET}@127.0.0.1:{made.port}/", "file://{tmp_path}/out.jsonl"]\n',
            encoding="utf-8",
        )
        yield made


@pytest.fixture
def kept(tmp_path: Path) -> None:
    """Keep two new articles."""
    engine = open_database(f"sqlite:///{tmp_path}/data/pantau.db")
    run = start_run(engine, "kontan")
    for number in (1, 2):
        [work] = frontier.offer(engine, run.id, [storing.entry(number)]).fetch
        articles.save(engine, storing.article(number, published_at=None), run.id, work.url_id)
    engine.dispose()


def records(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.usefixtures("kept")
def test_send_delivers_what_is_due_once(run: Run, receiver: Receiver, tmp_path: Path) -> None:
    assert run("alerts", "send").stdout == "2 arrived, 0 wait, 0 of them after a failure\n"
    assert run("alerts", "send").stdout == "0 arrived, 0 wait, 0 of them after a failure\n"
    assert [heard.id for heard in receiver.taken] == ids_in(tmp_path / "out.jsonl")
    [rule] = records(run("alerts", "--json").stdout)
    assert (rule["rule"], rule["channels"]) == ("meja", ["1 json", "2 file"])
    assert rule["deliveries"] == {"sent": 2}
    shown = run("alerts", "show", receiver.taken[0].id).stdout
    assert "Kunjungan pejabat ke-1" in shown
    assert "1: sent at 1 json" in shown


@pytest.mark.usefixtures("kept")
def test_what_failed_waits_in_sight_and_can_be_retried_or_dropped(run: Run, receiver: Receiver) -> None:
    receiver.script = ["500", "500"]
    assert run("alerts", "send").exit_code == 1
    _, waits = records(run("alerts", "--json").stdout)
    assert (waits["state"], waits["attempts"]) == ("waiting", 1)
    assert waits["error"] == "the receiver answered 500"
    number = str(waits["delivery"])
    assert run("alerts", "retry", number).exit_code == 0
    assert run("alerts", "send").exit_code == 1
    assert "tries" in run("alerts").stdout
    assert run("alerts", "drop", number).exit_code == 0
    assert run("alerts", "send").stdout == "0 arrived, 0 wait, 0 of them after a failure\n"
    assert "no delivery" in refused(run("alerts", "drop", number))
    assert len(receiver.heard) == 2


def test_a_test_message_goes_past_the_outbox_and_says_what_became_of_it(run: Run, receiver: Receiver) -> None:
    assert run("alerts", "test", "meja").stdout == "1 json: arrived\n2 file: arrived\n"
    receiver.script = ["403"]
    result = run("alerts", "test", "meja", "--json")
    assert result.exit_code == 1
    assert [one["error"] for one in records(result.stdout)] == ["the receiver answered 403", None]


@pytest.mark.usefixtures("receiver")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("test",), "needs the name of a rule"),
        (("test", "mejaa"), "there is no rule 'mejaa' (did you mean 'meja'?)"),
        (("retry",), "needs the number"),
        (("send", "meja"), "leave out 'meja'"),
        (("show", "9"), "there is no message '9'"),
        (("retry", "x"), "no delivery 'x'"),
    ],
)
@pytest.mark.usefixtures("kept")
def test_wrong_use_is_one_line(run: Run, words: tuple[str, ...], said: str) -> None:
    assert said in refused(run("alerts", *words))


@pytest.mark.usefixtures("kept", "receiver")
def test_doctor_checks_every_address_and_shows_none(run: Run, tmp_path: Path) -> None:
    text = (tmp_path / "pantau.toml").read_text()
    path = tmp_path / "pantau.toml"
    path.write_text(
        text + f'[alerts.rusak]\nchannel = "slack://{SECRET}"\non = ["health"]\n', encoding="utf-8"
    )
    result = run("doctor", "--json")
    found = [one for one in records(result.stdout) if one["check"] == "alerts"]
    assert [one["level"] for one in found] == ["ok", "ok", "fail"]
    assert "[alerts.rusak]" in found[2]["next_step"]
    assert SECRET not in result.output


def test_without_a_rule_it_says_where_to_begin(run: Run, tmp_path: Path) -> None:
    open_database(f"sqlite:///{tmp_path}/data/pantau.db").dispose()
    assert "docs/alerts.md" in run("alerts").stdout
    assert "docs/alerts.md" in refused(run("alerts", "watch"))
