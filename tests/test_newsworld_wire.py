"""The news world on the wire: the proxy, TLS, refusals, the log, faults, and a process of its own."""

import http.client
import json
import re
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.newsworld.client import AGENT, Client
from tests.newsworld.faults import Fault
from tests.newsworld.messages import Request, Response
from tests.newsworld.outlets.kontan import Kontan
from tests.newsworld.outlets.mercinews import Mercinews
from tests.newsworld.reading import blocks_of, fold, text_of
from tests.newsworld.running import ROOT, Running, running_world, serving_process
from tests.newsworld.world import World

START = date(2026, 3, 2)
SMALL = ("--seed=3", "--days=1", "--articles-per-day=4", "--archive=4")


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with running_world(7, START, 2, 24) as on_air:
        yield on_air


@pytest.fixture(scope="module")
def client(running: Running) -> Iterator[Client]:
    with Client(running.proxy, running.ca) as plain:
        yield plain


def test_tls_is_verified_and_an_untrusting_client_gets_nothing(running: Running, client: Client) -> None:
    article = next(running.world.truth("kontan"))
    answer = client.get(article.url)
    assert answer.status == 200
    assert fold(article.headline) in fold(answer.text)
    with Client(running.proxy, None) as stranger, pytest.raises(ssl.SSLCertVerificationError):
        stranger.get(article.url)
    deadline = time.monotonic() + 5
    while not any(entry.fault == "tls" for entry in running.log) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert any(entry.fault == "tls" for entry in running.log)


def test_every_outlet_answers_through_the_proxy(running: Running, client: Client) -> None:
    for outlet in running.world.outlets:
        article = next(running.world.truth(outlet.name))
        assert client.get(f"https://{outlet.hosts[0]}/robots.txt").status == 200
        assert fold(article.body[-1]) in blocks_of(client.page(article.page_urls[-1]))
    assert client.get("http://www.kontan.co.id/").headers["location"] == "https://www.kontan.co.id/"
    assert client.get("http://kabarnusa.example/").status == 200


def test_unknown_hosts_are_refused_with_a_clear_text(running: Running, client: Client) -> None:
    plain = client.get("http://www.bbc.co.uk/")
    assert (plain.status, plain.text) == (502, "www.bbc.co.uk is not in this world.\n")
    with pytest.raises(OSError, match="502"):
        client.get("https://www.bbc.co.uk/")
    assert [entry.host for entry in running.log if entry.status == 502] == ["www.bbc.co.uk"] * 2


def test_gzip_head_and_conditional_requests(running: Running, client: Client) -> None:
    url = next(running.world.truth("republika")).url
    whole = client.get(url)
    packed = client.get(url, {"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert len(packed.body) == int(packed.headers["content-length"]) < len(whole.body) / 2
    assert packed.text == whole.text
    head = client.get(url, method="HEAD")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(whole.body)))
    for validator in (
        {"If-None-Match": whole.headers["etag"]},
        {"If-Modified-Since": whole.headers["last-modified"]},
    ):
        unchanged = client.get(url, validator)
        assert (unchanged.status, unchanged.body) == (304, b"")
    assert client.get(url, {"If-None-Match": '"other"'}).status == 200


def test_tribunnews_turns_bare_clients_and_bots_away(running: Running, client: Client) -> None:
    url = next(running.world.truth("tribunnews")).url
    for agent in ("python-urllib/3.11", "Mozilla/5.0 (compatible; newsbot/1.0) Chrome/140.0", ""):
        assert client.get(url, {"User-Agent": agent}).status == 403
    assert client.get(url, {"User-Agent": f"{AGENT} pantau/0.1 (+https://pantau.example/)"}).status == 200


def test_the_log_holds_every_request(running: Running) -> None:
    urls = [article.url for article in running.world.truth("mercinews")][:5]
    before = len(running.log)
    with Client(running.proxy, running.ca) as own:
        sizes = [len(own.get(url).body) for url in urls]
    noted = running.log.entries()[before:]
    assert [entry.url for entry in noted] == urls
    assert [entry.bytes for entry in noted] == sizes
    assert {(entry.method, entry.status, entry.agent) for entry in noted} == {("GET", 200, AGENT)}
    assert len({entry.connection for entry in noted}) == 1
    assert [entry.t for entry in noted] == sorted(entry.t for entry in noted)


def test_faults_come_as_scripted_and_go() -> None:
    with (
        running_world(7, START, 1, 3, (Kontan, Mercinews)) as on_air,
        Client(on_air.proxy, on_air.ca) as plain,
    ):
        first, second, third = (article.url for article in list(on_air.world.truth("kontan"))[-3:])
        on_air.faults.add(
            Fault(re.escape(first), "status", attempts=(1,), status=503, headers={"Retry-After": "7"}),
            Fault(re.escape(first), "truncated", attempts=(2,)),
            Fault(re.escape(second), "reset", attempts=(1,)),
            Fault(re.escape(third), "challenge", attempts=(1,)),
            Fault(re.escape(third), "redirect", attempts=(2,), location="https://elsewhere.example/"),
            Fault(re.escape(third), "soft_404", attempts=(3,)),
            Fault(r"mercinews\.com/feed/", "wrong_type", content_type="application/octet-stream"),
        )
        busy = plain.get(first)
        assert (busy.status, busy.headers["retry-after"]) == (503, "7")
        with pytest.raises(http.client.IncompleteRead):
            plain.get(first)
        assert plain.get(first).status == 200
        with pytest.raises((ConnectionError, ssl.SSLError)):
            plain.get(second)
        assert plain.get(second).status == 200
        challenge = plain.get(third)
        assert (challenge.status, "_cf_chl_opt" in challenge.text) == (200, True)
        assert plain.get(third).headers["location"] == "https://elsewhere.example/"
        assert "tidak tersedia" in plain.get(third).text
        assert plain.get(third).status == 200
        assert plain.get("https://mercinews.com/feed/").headers["content-type"] == "application/octet-stream"
        assert [entry.fault for entry in on_air.log][:4] == ["status", "truncated", None, "reset"]
        with pytest.raises(ValueError, match="unknown fault"):
            Fault("x", "gremlins")


class Hostile:
    hosts = ("hostile.example",)

    def answer(self, request: Request) -> Response:
        if request.path == "/cut":
            return Response(200, b"never sent", fault=Fault("", "reset"))
        return Response(200, f"{request.method} {request.body.decode()}".encode())


def test_a_test_can_add_hosts_of_its_own() -> None:
    with running_world(7, START, 1, 1, (Kontan,), sites=[Hostile()]) as on_air:
        with Client(on_air.proxy, on_air.ca) as plain:
            assert plain.get("https://hostile.example/x", method="POST").text == "POST "
            with pytest.raises((ConnectionError, ssl.SSLError)):
                plain.get("https://hostile.example/cut")
        assert [(entry.path, entry.fault) for entry in on_air.log] == [("/x", None), ("/cut", "reset")]


def test_a_process_ends_after_its_longest_life(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.newsworld", "serve", *SMALL, "--max-lifetime-s=0"]
    done = subprocess.run(
        [*command, "--ready-file", str(tmp_path / "ready")], cwd=ROOT, check=False, timeout=30
    )
    assert done.returncode == 0


def test_a_process_of_its_own_serves_logs_and_ends(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    with serving_process([*SMALL, "--warm", "--log", str(log)]) as ready:
        world = World(3, START, 1, 4, archive=4)
        urls = [article.url for article in world.truth()]
        with Client(ready["proxy"], ready["ca"]) as plain:
            served = [plain.get(url).text for url in urls]
        assert served == [text_of(world, url) for url in urls]
        assert Path(ready["ca"]).exists()
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [f"https://{line['host']}{line['path']}" for line in lines] == urls
    assert not Path(ready["ca"]).exists()


def test_a_world_without_a_parent_ends_by_itself(tmp_path: Path) -> None:
    ready, pid = tmp_path / "ready.json", tmp_path / "pid"
    program = (
        "import pathlib, subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-m', 'tests.newsworld', 'serve', *{list(SMALL)!r}, "
        f"'--ready-file', {str(ready)!r}])\n"
        f"pathlib.Path({str(pid)!r}).write_text(str(child.pid))\n"
        f"while not pathlib.Path({str(ready)!r}).exists(): time.sleep(0.02)\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=30)
    status = Path(f"/proc/{pid.read_text()}/status")
    deadline = time.monotonic() + 10
    while status.exists() and "State:\tZ" not in status.read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not status.exists() or "State:\tZ" in status.read_text()


def test_truth_is_printed_as_json_lines_and_options_are_checked() -> None:
    command = [sys.executable, "-m", "tests.newsworld", "truth", *SMALL]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    lines = [json.loads(line) for line in printed.splitlines()]
    wanted = list(World(3, START, 1, 4, archive=4).truth())
    assert [line["url"] for line in lines] == [article.url for article in wanted]
    assert [tuple(line["body"]) for line in lines] == [article.body for article in wanted]
    wrong = subprocess.run(
        [*command, "--option", "kontan.robot=2024"], cwd=ROOT, capture_output=True, check=False
    )
    assert wrong.returncode == 2
    assert b"unknown option kontan.robot=2024" in wrong.stderr
