"""The dashboard over real sockets: who may see it, what it says, what it writes, what it never gives away."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import attrs
import pytest
from sqlalchemy import select, update

from crawler.dashboard import app as dashboard
from crawler.dashboard.security import HEADERS, Session
from crawler.storage import plans
from crawler.storage.database import connect, transact
from crawler.storage.runs import list_runs
from crawler.storage.schema import runs as run_rows
from crawler.storage.schema import schedules
from tests.dashboards import Answer, ask, form_token, post, serving
from tests.pictured import Pictured, filled

TOKEN = "kunci-rahasia-untuk-uji-coba"  # noqa: S105 - of this test
PROJECT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def pictured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pictured]:
    made = filled(tmp_path_factory.mktemp("pictured"), days=9, share=0.4)
    yield made
    made.engine.dispose()


@pytest.fixture(scope="module")
def base(pictured: Pictured) -> Iterator[str]:
    with serving(pictured) as address:
        yield address


@pytest.fixture(scope="module")
def guarded(pictured: Pictured) -> Iterator[str]:
    config = pictured.config.model_copy(update={"serve_token": TOKEN, "serve_names": ("pantau.example",)})
    with serving(pictured, config) as address:
        yield address


def addresses(pictured: Pictured) -> list[str]:
    """Return an address of every route that can be read."""
    number = list_runs(pictured.engine, limit=1)[0].id
    filling = {"{name}": "kontan", "{number:int}": str(number), "{number}": "1", "{id:int}": "1", "{id}": "1"}
    found = []
    for page in dashboard.PAGES:
        for route in page.routes:
            if route.methods and "GET" in route.methods:
                path = route.path
                for sign, value in filling.items():
                    path = path.replace(sign, value)
                found.append(path)
    return found


# --- Headers, and what goes wrong


def check_headers(answer: Answer) -> None:
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]
    assert "unsafe-eval" not in policy
    for name in HEADERS:
        assert name.lower() in answer.headers, name
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "server" not in answer.headers or "uvicorn" in answer.headers["server"]


def test_every_page_answers_with_the_whole_policy(base: str, pictured: Pictured) -> None:
    found = addresses(pictured)
    assert {"/", "/outlets", "/outlets/kontan", "/runs", "/topics", "/glossary"} <= set(found)
    for path in found:
        answer = ask(base, path)
        assert answer.status in {200, 404}, path
        check_headers(answer)
        assert not re.search(r"<script(?![^>]+src=)|\son\w+=|\sstyle=|javascript:", answer.text), path


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/tidak-ada", 404),
        ("GET", "/runs/999999999999999999999", 404),
        ("GET", "/runs/99999999", 404),
        ("GET", "/outlets/tidak-ada", 404),
        ("GET", "/outlets/..%2f..%2fetc", 404),
        ("GET", "/static/app.css", 404),
        ("GET", "/static/..%2fapp.py", 404),
        ("GET", "/outlets/kontan/run", 405),
        ("PUT", "/", 403),
        ("GET", "/runs?outlet=%00&verdict=%ff&before=-1", 200),
        ("GET", "/?days=99999999999&done=%3Cscript%3E", 200),
    ],
)
def test_what_is_not_there_is_a_page_of_ours(base: str, method: str, path: str, status: int) -> None:
    answer = ask(base, path, method)
    assert answer.status == status
    check_headers(answer)
    assert "Traceback" not in answer.text
    assert "<script>" not in answer.text


def test_a_page_that_breaks_tells_nothing_of_itself(
    pictured: Pictured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("rahasia dalam jejak")

    monkeypatch.setattr("crawler.dashboard.pages.topics._told", broken)
    with serving(pictured) as address:
        answer = ask(address, "/topics")
    assert answer.status == 500
    check_headers(answer)
    assert "This page broke" in answer.text
    assert "rahasia" not in answer.text
    assert "RuntimeError" not in answer.text


def test_a_store_that_is_gone_is_a_page_with_the_next_step(pictured: Pictured, tmp_path: Path) -> None:
    elsewhere = tmp_path / "kosong.db"
    engine = connect(f"sqlite:///{elsewhere}")
    try:
        with serving(attrs.evolve(pictured, engine=engine)) as address:
            answer = ask(address, "/runs")
    finally:
        engine.dispose()
    assert answer.status == 503
    check_headers(answer)
    assert "pantau migrate" in answer.text


def test_files_are_kept_for_good_under_a_name_of_their_own(base: str) -> None:
    page = ask(base, "/").text
    for path in re.findall(r"/static/[\w.]+", page):
        answer = ask(base, path)
        assert answer.status == 200
        check_headers(answer)
        assert "immutable" in answer.headers["cache-control"]
        assert ask(base, path, If_None_Match=answer.headers["etag"]).status == 304
    assert len(set(re.findall(r"/static/([\w-]+)\.\w+\.js", page))) == 2


# --- Strangers


@pytest.mark.parametrize(
    "host", ["jahat.example", "127.0.0.1.jahat.example", "localhost.jahat.example", "a@127.0.0.1", "", "[::1"]
)
def test_a_name_that_is_not_ours_is_refused(base: str, host: str) -> None:
    answer = ask(base, "/", Host=host)
    assert answer.status in {400, 421}
    assert "Overview" not in answer.text


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8710", "[::1]:8710", "192.0.2.7"])
def test_addresses_and_localhost_are_ours(base: str, host: str) -> None:
    assert ask(base, "/", Host=host).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://jahat.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "none", "Origin": ""},
    ],
)
def test_a_form_from_elsewhere_asks_for_nothing(
    base: str, pictured: Pictured, headers: dict[str, str]
) -> None:
    answer = post(base, "/outlets/antara/pause", {"form_token": form_token(base)}, **headers)
    assert answer.status == 403
    check_headers(answer)
    assert standing(pictured, "antara") is None


@pytest.mark.parametrize("token", ["", "x", "é"])
def test_a_form_without_the_secret_asks_for_nothing(base: str, pictured: Pictured, token: str) -> None:
    assert post(base, "/outlets/antara/pause", {"form_token": token}).status == 403
    too_long = {"form_token": form_token(base), "why": "x" * 30_000}
    assert post(base, "/outlets/antara/pause", too_long).status == 403
    assert standing(pictured, "antara") is None


def test_a_browser_that_says_nothing_of_where_a_form_comes_from_is_refused(base: str) -> None:
    body = f"form_token={form_token(base)}"
    kind = "application/x-www-form-urlencoded"
    assert ask(base, "/outlets/antara/pause", "POST", body, Content_Type=kind).status == 403


# --- The token


def test_without_the_token_nothing_is_shown(guarded: str, pictured: Pictured) -> None:
    for path in addresses(pictured):
        answer = ask(guarded, path)
        assert (answer.status, answer.headers.get("location")) == (303, "/sign-in"), path
        check_headers(answer)
    assert ask(guarded, "/runs", HX_Request="true").status == 401
    assert post(guarded, "/outlets/antara/run", {}).status == 401
    assert ask(guarded, "/sign-in").status == 200


def test_the_token_opens_once_and_the_cookie_stays(guarded: str) -> None:
    secret = form_token(guarded, "/sign-in")
    answer = post(guarded, "/sign-in", {"form_token": secret, "token": TOKEN})
    cookie = answer.headers["set-cookie"]
    assert answer.status == 303
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert TOKEN not in cookie
    assert "Secure" not in cookie
    value = cookie.partition(";")[0]
    assert ask(guarded, "/", Cookie=value).status == 200
    assert ask(guarded, "/", Cookie=value[:-1] + ("0" if value[-1] != "0" else "1")).status == 303
    made, _, seal = value.partition("=")[2].partition(".")
    assert ask(guarded, "/", Cookie=f"pantau_session={int(made) + 5}.{seal}").status == 303


def test_behind_a_proxy_with_tls_the_cookie_is_secure(guarded: str) -> None:
    secret = form_token(guarded, "/sign-in")
    headers = {"Host": "pantau.example", "Origin": "https://pantau.example"}
    answer = post(guarded, "/sign-in", {"form_token": secret, "token": TOKEN}, **headers)
    assert answer.status == 303
    assert "secure" in answer.headers["set-cookie"].lower().split("; ")


def test_an_old_cookie_opens_nothing() -> None:
    session = Session(TOKEN)
    day = 86_400
    assert session.holds(session.cookie(100 * day), 101 * day)
    assert not session.holds(session.cookie(100 * day), 131 * day)
    assert not session.holds(session.cookie(100 * day), 98 * day)
    assert not Session(TOKEN + "x").holds(session.cookie(100 * day), 100 * day)
    assert not session.holds("", 0)
    assert not session.holds("١٢.x", 0)


def test_guessing_the_token_is_slowed_down(pictured: Pictured) -> None:
    config = pictured.config.model_copy(update={"serve_token": TOKEN})
    with serving(pictured, config) as address:
        secret = form_token(address, "/sign-in")
        tried = [post(address, "/sign-in", {"form_token": secret, "token": "tebakan"}) for _ in range(6)]
        right = post(address, "/sign-in", {"form_token": secret, "token": TOKEN})
    assert [answer.status for answer in tried] == [403] * 5 + [429]
    assert int(tried[-1].headers["retry-after"]) <= 61
    assert right.status == 429


# --- What it says and does


def standing(pictured: Pictured, outlet: str) -> str | None:
    found = plans.standings(pictured.engine).get(outlet)
    return None if found is None or found.paused_at is None else found.paused_why or ""


def test_pause_and_resume_are_what_the_command_does(base: str, pictured: Pictured) -> None:
    secret = form_token(base)
    reason = "pindah\r\nperangkat <b>lunak</b>"
    answer = post(base, "/outlets/detik/pause", {"form_token": secret, "why": reason})
    assert (answer.status, answer.headers["location"]) == (303, "/outlets/detik?done=paused")
    assert standing(pictured, "detik") == "pindah perangkat <b>lunak</b>"
    page = ask(base, "/outlets/detik?done=paused").text
    assert "&lt;b&gt;lunak&lt;/b&gt;" in page
    assert "is paused" in page
    assert "Resume" in page
    post(base, "/outlets/detik/resume", {"form_token": secret})
    assert standing(pictured, "detik") is None


def test_run_now_is_asked_once(base: str, pictured: Pictured) -> None:
    secret = form_token(base)
    first = post(base, "/outlets/kompas/run", {"form_token": secret, "from": "list"})
    again = post(base, "/outlets/kompas/run", {"form_token": secret})
    assert first.headers["location"] == "/outlets?done=asked"
    assert again.headers["location"] == "/outlets/kompas?done=waiting"
    [plan] = [plan for plan in plans.waiting(pictured.engine) if plan.outlet == "kompas"]
    assert (plan.reason, plan.look) == ("manual", "crawl")
    assert "asked for" in ask(base, "/outlets").text


def test_nothing_else_is_written() -> None:
    writes = [
        route.path
        for page in dashboard.PAGES
        for route in page.routes
        if route.methods and not route.methods <= {"GET", "HEAD"}
    ]
    assert writes == [
        "/outlets/{name}/run",
        "/outlets/{name}/pause",
        "/outlets/{name}/resume",
    ]


def test_a_run_s_ledger_adds_up_and_says_when_it_does_not(base: str, pictured: Pictured) -> None:
    run = next(one for one in list_runs(pictured.engine, "antara") if sum(one.counts.values()) > 5)
    page = ask(base, f"/runs/{run.id}").text
    assert "the sums agree" in page
    assert f'<span class="num">{sum(run.counts.values())}</span>' in page
    assert "names neither side" in page
    wrong = update(run_rows).where(run_rows.c.id == run.id)
    transact(pictured.engine, lambda one: one.execute(wrong, {"counts": {**run.counts, "stored": 99}}))
    try:
        assert "the sums differ" in ask(base, f"/runs/{run.id}").text
    finally:
        transact(pictured.engine, lambda one: one.execute(wrong, {"counts": run.counts}))


def test_only_the_runs_own_logs_are_shown(base: str, pictured: Pictured, tmp_path: Path) -> None:
    run = next(one for one in list_runs(pictured.engine, "antara") if one.log)
    log = Path(str(run.log))
    before = log.read_text(encoding="utf-8")
    log.write_text("baris\x1b[31m pertama <img src=x>\n", encoding="utf-8")
    assert "baris\\x1b[31m pertama &lt;img src=x&gt;" in ask(base, f"/runs/{run.id}").text
    log.write_text(before, encoding="utf-8")
    secret = tmp_path / "rahasia.log"
    secret.write_text("isi berkas lain", encoding="utf-8")
    inside = log.parent / "tautan.log"
    inside.symlink_to(secret)
    change = update(run_rows).where(run_rows.c.id == run.id)
    for elsewhere in (str(secret), str(inside), "/etc/hostname", "\x00", f"{log.parent}/../../{secret.name}"):
        transact(pictured.engine, lambda one, log=elsewhere: one.execute(change, {"log": log}))
        page = ask(base, f"/runs/{run.id}").text
        assert "isi berkas lain" not in page
        assert "not there any more" in page
    transact(pictured.engine, lambda one: one.execute(change, {"log": str(log)}))


def test_the_overview_tells_of_coverage_news_and_health(base: str) -> None:
    page = ask(base, "/").text
    assert "the schedule runs" in page
    assert re.search(r'class="cell found heat-\d', page)
    assert "blocked (challenge)" in page
    assert page.count("<tr>") > 10
    assert re.search(r"\d+ Mar 2026: \d+ on the topic", page)
    assert "quarantined" in page


def test_a_visit_is_remembered_by_the_browser_alone(base: str) -> None:
    first = ask(base, "/")
    assert "in the last 24 hours" in first.text
    cookie = first.headers["set-cookie"].partition(";")[0]
    assert "in the last 24 hours" in ask(base, "/", Cookie=cookie).text
    loaded = int(cookie.rpartition(".")[2])
    earlier = loaded - int(timedelta(hours=5).total_seconds())
    assert "since your last visit" in ask(base, "/", Cookie=f"pantau_visit=.{earlier}").text
    for nonsense in ("x", ".", "9" * 40 + "." + "9" * 40, "-1.-1", "²."):
        assert ask(base, "/", Cookie=f"pantau_visit={nonsense}".encode().decode("latin-1")).status == 200


def test_runs_are_filtered_and_paged(base: str, pictured: Pictured) -> None:
    page = ask(base, "/runs?verdict=failed").text
    assert "healthy</span>" not in page.partition('id="found"')[2]
    ids = [int(one) for one in re.findall(r'scope="row"><a href="/runs/(\d+)"', ask(base, "/runs").text)]
    older = re.search(r'href="(/runs\?before=\d+)"', ask(base, "/runs").text)
    assert older is not None
    more = [int(one) for one in re.findall(r'scope="row"><a href="/runs/(\d+)"', ask(base, older[1]).text)]
    assert more[0] == ids[-1] - 1
    assert ids + more == [run.id for run in list_runs(pictured.engine)][: len(ids + more)]


# --- The command


def command(folder: Path, *arguments: str, **environ: str) -> subprocess.Popen[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("PANTAU_")}
    return subprocess.Popen(
        [sys.executable, "-m", "crawler.cli.main", "--data-dir", str(folder), "serve", *arguments],
        env=own | environ | {"PYTHONPATH": str(PROJECT)},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_command_serves_until_it_is_told_to_stop(pictured: Pictured) -> None:
    process = command(pictured.config.data_dir, "--port", "0")
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert address is not None, line
        assert ask(address[0], "/outlets").status == 200
        taken = command(pictured.config.data_dir, "--port", address[0].rpartition(":")[2])
        said = taken.communicate(timeout=60)[1]
        assert taken.returncode == 2
        assert "another program listens there" in said
        process.send_signal(signal.SIGTERM)
        out, errors = process.communicate(timeout=60)
        assert (process.returncode, errors) == (0, ""), out
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("arguments", "environ", "said"),
    [
        ((), {}, "run `pantau crawl` first"),
        (("--host", "0.0.0.0"), {}, "set serve_token"),  # noqa: S104 - refused
        ((), {"PANTAU_SERVE_NAMES": "pantau.example"}, "set serve_token"),
        ((), {"PANTAU_SERVE_TOKEN": "pendek"}, "at least 20"),
    ],
)
def test_what_cannot_be_served_is_one_line(
    tmp_path: Path, arguments: tuple[str, ...], environ: dict[str, str], said: str
) -> None:
    process = command(tmp_path, *arguments, **environ)
    errors = process.communicate(timeout=60)[1]
    assert process.returncode == 2
    assert said in errors
    assert len(errors.splitlines()) == 1
    assert "pendek" not in errors


def test_the_schedule_reads_what_the_dashboard_wrote(pictured: Pictured) -> None:
    with pictured.engine.connect() as connection:
        assert connection.execute(select(schedules.c.outlet)).scalars().all()
