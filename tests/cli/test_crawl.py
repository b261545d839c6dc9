"""`pantau crawl`: real child processes against the news world, and what is refused before any starts."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from sqlalchemy import select

from crawler.cli.children import Interruption
from crawler.cli.crawl import Crawl, longest_first
from crawler.cli.report import MISTAKE, MOST_SAID, REHEARSED, Report, print_reports, rehearsal_report
from crawler.config import Config
from crawler.scheduler.child import LOGS_KEPT, Child, new_log
from crawler.storage import runs
from crawler.storage.database import connect, reading
from crawler.storage.schema import articles, urls
from tests.cli.conftest import Run, refused
from tests.cli.stores import store_at
from tests.newsworld.outlets.mercinews import Mercinews
from tests.newsworld.outlets.republika import Republika
from tests.newsworld.running import Running, running_world

ROOT = Path(__file__).parents[2]
DAYS = ("--since", "2026-03-02", "--until", "2026-03-02")


@pytest.fixture(scope="module")
def world() -> Iterator[Running]:
    with running_world(
        seed=11, days=1, articles_per_day=6, outlets=[Mercinews, Republika], archive=4
    ) as running:
        yield running


@pytest.fixture
def environ(world: Running, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return the environment of a crawler in the world, which is also set in this process."""
    settings = {"PANTAU_NOW": world.world.now.isoformat(), "PANTAU_DELAY_S": "0", "PYTHONPATH": str(ROOT)}
    given = world.environ({}) | settings
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return {**os.environ, **given}


def lines(stdout: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stdout.splitlines()]


def count(folder: Path, table: Any) -> int:
    engine = connect(f"sqlite:///{folder / 'data' / 'pantau.db'}", create=False)
    with reading(engine) as connection:
        found = len(connection.execute(select(table.c.id)).all())
    engine.dispose()
    return found


@pytest.mark.usefixtures("environ")
def test_outlets_are_crawled_side_by_side_and_a_second_crawl_finds_nothing_new(
    run: Run, tmp_path: Path
) -> None:
    # Another project in the current folder must not be taken for this one.
    (tmp_path / "crawler").mkdir()
    (tmp_path / "crawler" / "__init__.py").write_text(
        "raise RuntimeError('another project')", encoding="utf-8"
    )
    (tmp_path / "scrapy.cfg").write_text("[settings]\ndefault = another.settings\n", encoding="utf-8")
    result = run("crawl", "republika", "mercinews", "republika", *DAYS, "--json")
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    reports = lines(result.stdout)
    assert [report["outlet"] for report in reports] == ["republika", "mercinews"]
    for report in reports:
        assert (report["verdict"], report["why"]) == ("healthy", [])
        assert report["new"] == sum(report["counts"].values())
        assert report["counts"]["stored"] > 0
        assert Path(report["log"]).stat().st_mode & 0o777 == 0o600
    assert sum(report["counts"]["stored"] for report in reports) == count(tmp_path, articles)

    again = run("crawl", "republika", "mercinews", *DAYS)
    assert again.exit_code == 0, again.output
    assert "republika: nothing new" in again.stdout
    assert "mercinews: nothing new" in again.stdout
    assert "pantau: republika: started, log in " in again.stderr
    assert run("audit").exit_code == 0


@pytest.mark.usefixtures("environ")
def test_a_rehearsal_names_what_it_would_fetch_and_stores_nothing(run: Run, tmp_path: Path) -> None:
    result = run("--log-level", "ERROR", "crawl", "mercinews", *DAYS, "--dry-run", "--json")
    assert result.exit_code == 0, result.output
    *entries, report = lines(result.stdout)
    assert report["verdict"] == "healthy"
    assert report["counts"]["pending"] == sum(entry["state"] == "pending" for entry in entries) > 0
    assert len({entry["url"] for entry in entries}) == len(entries)
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["logs"]


@pytest.mark.parametrize(
    ("said", "verdict", "reasons"),
    [
        (["Cannot use wordpressposts https://kabar.example: HTTP 401"], "healthy", 0),
        (["Cannot use feed /rss: HTTP 404", "the window is not covered by a listing"], "degraded", 2),
    ],
    ids=["covered all the same", "not covered"],
)
def test_a_rehearsal_is_judged_by_what_nothing_covered(said: list[str], verdict: str, reasons: int) -> None:
    log = [f"2026-03-04 05:00:00 [kabar] WARNING: {line}" for line in said]
    child = SimpleNamespace(
        outlet="kabar", log="kabar.log", process=SimpleNamespace(returncode=0), log_lines=lambda _: log
    )
    report = rehearsal_report(child)  # type: ignore[arg-type]
    assert (report.verdict, len(report.why)) == (verdict, reasons)


def test_a_signal_stops_the_children_cleanly(environ: dict[str, str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "crawler.cli.main", "crawl", "mercinews", "republika", *DAYS, "--json"]
    with subprocess.Popen(
        command,
        env=environ | {"PANTAU_DELAY_S": "3"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        pids = wait_for_runs(tmp_path, 2)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the whole group
        stdout, stderr = process.communicate(timeout=40)
    assert process.returncode == 1
    assert stderr == "pantau: interrupted; what was begun is recorded, the next crawl goes on from there\n"
    reports = lines(stdout)
    assert [report["outlet"] for report in reports] == ["mercinews", "republika"]
    for report in reports:
        assert report["verdict"] != "healthy"
        assert any("stopped early" in why for why in report["why"]), report
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_children_stop_in_order_when_the_command_is_killed(environ: dict[str, str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "crawler.cli.main", "crawl", "mercinews", "republika", *DAYS]
    with subprocess.Popen(
        command, env=environ | {"PANTAU_DELAY_S": "3"}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        pids = wait_for_runs(tmp_path, 2)
        process.kill()
    deadline = time.monotonic() + 40
    while any(psutil.pid_exists(pid) for pid in pids):
        assert time.monotonic() < deadline, "the children go on"
        time.sleep(0.05)
    engine = store_at(tmp_path)
    found = runs.list_runs(engine)
    engine.dispose()
    assert [run.ended_at is not None for run in found] == [True, True]
    assert all(any(why.startswith(runs.STOPPED) for why in run.why) for run in found)


def test_a_crawl_that_takes_too_long_is_ended(environ: dict[str, str]) -> None:
    command = [sys.executable, "-m", "crawler.cli.main", "crawl", "republika", *DAYS, "--json"]
    slow = environ | {"PANTAU_DELAY_S": "3", "PANTAU_RUN_HOURS": "0.0015"}
    done = subprocess.run(command, env=slow, capture_output=True, text=True, timeout=60, check=False)
    (report,) = lines(done.stdout)
    assert done.returncode == 1
    assert report["why"][0] == "ended: it ran for more than the 0.0015 hours of `run_hours`"
    assert any(why.startswith(runs.STOPPED) for why in report["why"])


def test_what_takes_long_begins_first_and_what_nobody_knows_before_it(tmp_path: Path) -> None:
    began = datetime(2026, 3, 4, tzinfo=UTC)
    engine = store_at(tmp_path)
    for outlet, minutes in (("kontan", 2), ("republika", 9), ("republika", 1)):
        run = runs.start_run(engine, outlet, now=began)
        runs.finish_run(engine, run.id, "healthy", now=began + timedelta(minutes=minutes))
    crawls = [Crawl(outlet=name, arguments={}) for name in ("kontan", "mercinews", "republika", "tribunnews")]
    found = [crawl.outlet for crawl in longest_first(engine, crawls)]
    engine.dispose()
    assert found == ["tribunnews", "mercinews", "republika", "kontan"]


def test_both_signals_reach_children_that_run_and_one_that_is_being_started(tmp_path: Path) -> None:
    def sleeping() -> Child:
        # No Python, which may lose an interruption in its first moments. A shell's job in the background has
        # SIGINT ignored, and so have those that it starts while nobody handles it.
        return Child("kontan", tmp_path / "log", subprocess.Popen(["sleep", "60"], process_group=0))

    for number in (signal.SIGINT, signal.SIGTERM):
        before = signal.getsignal(number)
        children, interruption = list[Child](), Interruption()
        with interruption.watching(children):
            first = sleeping()
            children.append(first)
            os.kill(os.getpid(), number)
            late = sleeping()
            interruption.pass_on_to(late)
            assert first.process.wait(timeout=20) != 0
            assert late.process.wait(timeout=20) != 0
        assert interruption.received == number
        assert signal.getsignal(number) == before
        assert number.name in late.ending


def test_a_child_that_dies_is_recorded_as_killed(environ: dict[str, str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "crawler.cli.main", "crawl", "republika", *DAYS]
    with subprocess.Popen(
        command,
        env=environ | {"PANTAU_DELAY_S": "3"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        (pid,) = wait_for_runs(tmp_path, 1)
        os.kill(pid, signal.SIGKILL)
        stdout, stderr = process.communicate(timeout=40)
    assert process.returncode == 1
    assert "republika: failed, 0 stored, 0 revised, killed" in stderr
    assert "republika: killed" in stdout


@pytest.mark.usefixtures("environ")
def test_an_outlet_that_another_run_holds_is_reported_with_the_reason(run: Run, tmp_path: Path) -> None:
    engine = store_at(tmp_path)
    runs.start_run(engine, "kontan")
    engine.dispose()
    result = run("crawl", "kontan", *DAYS)
    assert result.exit_code == 1
    assert "kontan: run 1 of kontan is still going" in result.stdout
    assert count(tmp_path, urls) == 0


def wait_for_runs(folder: Path, wanted: int) -> list[int]:
    """Return the processes of the open runs, as soon as there are *wanted* of them."""
    deadline = time.monotonic() + 30
    path = folder / "data" / "pantau.db"
    while time.monotonic() < deadline:
        if path.exists():
            engine = connect(f"sqlite:///{path}", create=False)
            try:
                found = [one.pid for one in runs.list_runs(engine) if one.ended_at is None]
            except runs.StoreError:  # the tables are being made
                found = []
            engine.dispose()
            if len(found) == wanted:
                return found
        time.sleep(0.05)
    raise AssertionError(f"{wanted} runs did not begin")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["kontn"], "unknown outlet 'kontn' (did you mean 'kontan'?)"),
        (["\x1b[2J"], "\\x1b[2J"),
        (["kontan", "--since", "2026-02-31"], "as in 2026-03-02"),
        (["kontan", "--since", "besok"], "as in 2026-03-02"),
        (["kontan", "--until", "9999-12-31"], "2100"),
        (["kontan", "--since", "2026-03-04", "--until", "2026-03-03"], "swap"),
        (["kontan", "--limit", "0"], "1 or more"),
        (["kontan", "--limit", "-5"], "1 or more"),
        (["wordpress"], "--url URL"),
        (["kontan", "--url", "https://kabar.example"], "wordpress"),
        (["kontan", "wordpress", "--url", "https://kabar.example"], "wordpress"),
        (["wordpress", "--url", "bukan alamat"], "bukan alamat"),
        (["wordpress", "--url", "file:///etc/passwd"], "file:///etc/passwd"),
    ],
)
def test_wrong_use_is_refused_before_anything_starts(
    run: Run, tmp_path: Path, arguments: list[str], said: str
) -> None:
    assert said in refused(run("crawl", *arguments))
    assert list(tmp_path.iterdir()) == []


def test_the_configuration_decides_which_outlets_there_are(run: Run, tmp_path: Path) -> None:
    config = tmp_path / "pantau.toml"
    config.write_text("[outlets.kontan]\nenabled = false\n", encoding="utf-8")
    assert "switched off" in refused(run("crawl", "kontan"))
    assert "switched off" in run("outlets").stdout
    config.write_text("[outlets.kontn]\nenabled = false\n", encoding="utf-8")
    for command in ("crawl", "outlets"):
        assert "did you mean 'kontan'" in refused(run(command))
    names = [line["outlet"] for line in lines(subprocess_outlets(tmp_path))]
    config.write_text("".join(f"[outlets.{name}]\nenabled = false\n" for name in names), encoding="utf-8")
    assert "no outlet is enabled" in refused(run("crawl"))


def subprocess_outlets(folder: Path) -> str:
    (folder / "pantau.toml").unlink()
    command = [sys.executable, "-m", "crawler.cli.main", "outlets", "--json"]
    return subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=True, text=True
    ).stdout


def test_a_place_that_cannot_hold_the_data_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("milik saya", encoding="utf-8")
    (tmp_path / "notes.db").write_text("catatan\n", encoding="utf-8")
    assert "file" in refused(run("--data-dir", "file", "crawl", "kontan"))
    assert "file" in refused(run("--data-dir", "file", "crawl", "kontan", "--dry-run"))
    assert "not a database" in refused(run("--database", "sqlite:///notes.db", "crawl", "kontan"))
    assert (tmp_path / "notes.db").read_text(encoding="utf-8") == "catatan\n"


def test_a_person_reads_counts_then_reasons(capsys: pytest.CaptureFixture[str]) -> None:
    wanted = {"url": "https://a.example/1", "headline": "Judul", "state": "pending", "reason": None}
    ruled_out = {"url": "https://a.example/2", "headline": None, "state": "off-topic", "reason": "headline"}
    rehearsal = Report(
        outlet="kontan",
        verdict="healthy",
        rehearsed=(wanted, ruled_out),
        counts={"pending": 1, "off-topic": 1},
    )
    print_reports([rehearsal])
    printed = capsys.readouterr().out
    assert "kontan: https://a.example/1  Judul" in printed
    assert "would fetch" in printed
    assert "https://a.example/2" not in printed

    why = tuple(f"reason {number}" for number in range(MOST_SAID + 5))
    print_reports(
        [
            Report(
                outlet="kontan", verdict="degraded", why=why, counts={"failed": 2, "blocked": 3}, log="a.log"
            )
        ]
    )
    printed = capsys.readouterr().out
    row = next(line.split() for line in printed.splitlines() if "degraded" in line)
    assert (row[0], row[-1]) == ("kontan", "5")
    assert f"kontan: reason {MOST_SAID - 1}" in printed
    assert "and 5 more reasons" in printed
    assert "log in a.log" in printed


def test_old_logs_go(tmp_path: Path) -> None:
    for _ in range(LOGS_KEPT + 3):
        newest = new_log(tmp_path, "kontan")
    other = new_log(tmp_path, "republika")
    assert len(list(tmp_path.glob("kontan-*"))) == LOGS_KEPT
    assert newest.exists()
    assert other.exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "2026-03-04 12:00:00 [kontan] ERROR: run 3 of kontan is still going",
            "run 3 of kontan is still going",
        ),
        ("pantau: unknown key 'x' in pantau.toml", "unknown key 'x' in pantau.toml"),
        ("scrapy crawl: error: since: 'x' is not a day", "since: 'x' is not a day"),
        ("ModuleNotFoundError: No module named 'x'", "ModuleNotFoundError: No module named 'x'"),
        ("twisted.internet.error.ConnectError: lost", "twisted.internet.error.ConnectError: lost"),
        ("2026-03-04 12:00:00 [kontan] INFO: Spider opened", None),
    ],
)
def test_the_reason_of_a_false_start_is_found_in_the_log(line: str, said: str | None) -> None:
    match = MISTAKE.search(line)
    assert (match[1] if match else None) == said


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        (
            "x [k] INFO: would fetch: https://a.id/1 | Judul | dua",
            ("would fetch", None, None, "https://a.id/1", "Judul | dua"),
        ),
        (
            "x [k] INFO: off-topic (headline): https://a.id/2 | ",
            (None, "off-topic", "headline", "https://a.id/2", ""),
        ),
    ],
)
def test_the_lines_of_a_rehearsal_are_read(line: str, parts: tuple[str | None, ...]) -> None:
    match = REHEARSED.search(line)
    assert match
    assert match.groups() == parts


def test_a_child_gets_the_configuration_and_no_secret_on_its_command_line(tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path / "data", database="postgresql://pantau:rahasia@127.0.0.1:9/pantau")
    child = Child.start(config, "kontan", {"limit": "1"})
    assert child.process.wait(timeout=30) == 2
    assert isinstance(child.process.args, list)
    assert "rahasia" not in " ".join(map(str, child.process.args))
    log = child.log.read_text(encoding="utf-8")
    assert "127.0.0.1:9" in log
    assert "rahasia" not in log
