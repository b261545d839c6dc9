"""`pantau coverage`: what is drawn of planted histories, for people and for programs."""

import csv
import io
import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.items import Instant
from crawler.storage import frontier, runs
from crawler.storage.frontier import Entry
from crawler.storage.states import State
from tests.cli.conftest import Run, refused
from tests.cli.stores import NOON, article, crawled, store_at, url_of

DAY = timedelta(days=1)
MIDNIGHT = NOON.replace(hour=0)
TODAY = MIDNIGHT + 5 * timedelta(hours=1)


def watched(folder: Path, outlet: str, named: Sequence[int | None], *, cause: str = "timeout") -> None:
    """Record daily crawls that named so many addresses of the day before; None is a crawl that failed.

    The last one is of TODAY.
    """
    engine = store_at(folder)
    for number, addresses in enumerate(named):
        at = TODAY - (len(named) - 1 - number) * DAY
        run = runs.start_run(engine, outlet, since=at - 3 * DAY, until=at, now=at)
        if addresses is None:
            traits = {"unusable": {cause: 3}}
            looked = runs.Looked(traits=traits)
            runs.finish_run(
                engine, run.id, "failed", ["no list could be read"], looked=looked, now=at + DAY / 48
            )
            continue
        entries = [
            Entry(
                url=url_of(outlet, number * 1000 + each),
                source="feed",
                list_url=f"https://www.{outlet}.co.id/rss",
                headline="Harga beras",
                published_at=Instant(at - DAY / 2),
                state=State.OFF_TOPIC,
                reason="headline",
            )
            for each in range(addresses)
        ]
        frontier.offer(engine, run.id, entries, now=at)
        looked = runs.Looked(covered=(at - 3 * DAY if not number else at - DAY, at))
        runs.finish_run(engine, run.id, "healthy", looked=looked, now=at + DAY / 48)
    engine.dispose()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PANTAU_NOW", (TODAY + DAY / 24).isoformat())


USUAL = [40, 38, 44, 41, 36, 39, 43] * 3


@pytest.mark.usefixtures("clock")
def test_a_loss_is_flagged_on_its_first_day_and_a_gap_drawn_unlike_a_zero(run: Run, tmp_path: Path) -> None:
    watched(tmp_path, "kontan", USUAL)
    watched(tmp_path, "antara", [*USUAL[:-1], 0])
    watched(tmp_path, "republika", [*USUAL[:-2], None, None])
    result = run("coverage", "--since", str((TODAY - 9 * DAY).date()), "--json")
    days = {(one["outlet"], one["day"]): one for one in map(json.loads, result.stdout.splitlines())}
    yesterday, today = str((TODAY - DAY).date()), str(TODAY.date())
    assert result.exit_code == 1
    good, silent, lost = (days[name, yesterday] for name in ("kontan", "antara", "republika"))
    assert (good["mark"], good["noteworthy"], good["candidates"]) == ("zero", False, 43)
    assert (silent["mark"], silent["noteworthy"], silent["cause"]) == ("zero", True, "outlet silent")
    assert silent["fewer"] == ["candidates"]
    assert (lost["mark"], lost["noteworthy"]) == (
        "not due yet",
        False,
    )  # owed 30 hours later
    assert days["kontan", today]["mark"] == "not due yet"
    before = days["republika", str((TODAY - 2 * DAY).date())]
    assert (before["mark"], before["cause"]) == ("partly", "run failed")
    assert before["detail"] == f"run {len(USUAL) * 3}: no list could be read (timeout)"


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("columns", [200, 80, 40, 24])
def test_the_strip_is_drawn_on_any_terminal(
    run: Run, tmp_path: Path, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    watched(tmp_path, "kontan", [*USUAL[:-5], None, None, None, 41, 40])
    result = run("coverage", "--since", str((TODAY - 9 * DAY).date()))
    drawn: dict[str, str] = {}
    for line in result.stdout.splitlines():
        name, _, cells = line.partition(" ")
        if name in {"kontan", "mercinews"} and not set(cells) - set(" 0123456789+x?.!"):
            assert len(line) <= columns
            drawn[name] = drawn.get(name, "") + cells.lstrip()
    assert drawn["kontan"].replace(" ", "") == "0000?!x!x!?!0."
    assert drawn["mercinews"].replace(" ", "") == "x!" * 8 + ".."
    assert "x nobody looked" in result.stdout
    assert "kontan: 2026-02-28: run failed: run 20: " in result.stdout.replace("\n", " ")


@pytest.mark.usefixtures("clock")
def test_one_outlet_is_told_day_by_day(run: Run, tmp_path: Path) -> None:
    watched(tmp_path, "kontan", [*USUAL[:-1], 3])
    result = run("coverage", "--outlet", "kontan", "--since", str((TODAY - 9 * DAY).date()))
    lines = [line.strip() for line in result.stdout.splitlines() if line.startswith(" 2026-")]
    assert len(lines) == 10
    assert "may be lost" in lines[-2]
    assert "fewer than usual: 3 addresses in the lists, where 2" in lines[-2]
    assert "not due" in lines[-1]
    assert "looked and found none" in lines[0]
    assert result.exit_code == 1


@pytest.mark.usefixtures("clock")
def test_an_article_is_a_day_with_something(run: Run, tmp_path: Path) -> None:
    crawled(tmp_path, "kontan", [article("kontan", 1, published_at=Instant(NOON - 2 * DAY))])
    day = str((NOON - 2 * DAY).date())
    result = run("coverage", "--outlet", "kontan", "--since", day, "--until", day, "--csv")
    (row,) = csv.DictReader(io.StringIO(result.stdout_bytes.decode(), newline=""))
    assert (row["day"], row["mark"], row["candidates"], row["articles"], row["on_topic"]) == (
        day,
        "found",
        "1",
        "1",
        "1",
    )
    assert result.exit_code == 0


@pytest.mark.usefixtures("clock")
def test_weeks_and_months_sum_up_and_keep_their_gaps(run: Run, tmp_path: Path) -> None:
    watched(tmp_path, "kontan", [*USUAL[:-5], None, None, None, 41, 40])
    since = str((TODAY - 20 * DAY).date())
    for by, least in (("week", 3), ("month", 2)):
        result = run("coverage", "--outlet", "kontan", "--since", since, "--by", by, "--json")
        found = [json.loads(line) for line in result.stdout.splitlines()]
        assert len(found) >= least
        assert sum(one["candidates"] for one in found) == sum(USUAL[1:-5]) + 81
        assert sum(one["days"] for one in found) == 21
        assert any(one["mark"] == "partly" and one["gaps"] for one in found)
    assert run("coverage", "--by", "week", "--since", since).stdout.count("week by week from") == 1


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--outlet", "kontn"], "did you mean 'kontan'"),
        (["--since", "2026-03-05", "--until", "2026-03-04"], "swap"),
        (["--since", "2027-03-05"], "future"),
        (["--since", "1991-01-01"], "ten years"),
        (["--json", "--csv"], "leave one out"),
        (["--by", "year"], "--by"),
    ],
)
def test_wrong_use_is_refused(run: Run, tmp_path: Path, options: list[str], said: str) -> None:
    crawled(tmp_path)
    assert said in refused(run("coverage", *options))
