"""The archive read again: the same articles without a network; by another rule those that it affects."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, update

from crawler.storage.audit import audit
from crawler.storage.database import connect
from crawler.storage.runs import start_run
from crawler.storage.schema import events, records
from tests.crawling import (
    against_truth,
    audited,
    crawl,
    crawl_command,
    crawl_environ,
    run,
    runs_of,
    small_world,
)
from tests.newsworld.faults import Fault
from tests.newsworld.running import ROOT, on_air
from tests.replaying import CHANGED, Crawled, by_changed_rule, pantau, replayed

# What a process may do with sockets, by Python's own account; written down, not prevented.
WATCHER = """
import os, sys

def note(event, arguments):
    # urllib3, which a library of ours imports, tries at its import whether this machine has an IPv6 loopback.
    probe = event == "socket.bind" and arguments[1] == ("::1", 0)
    if event.startswith("socket.") and event != "socket.__new__" and not probe:
        with open(os.environ["WATCHED"], "a") as file:
            file.write(f"{event} {arguments[1:]}\\n")

sys.addaudithook(note)
"""


@pytest.fixture(scope="module")
def kontan(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    """Crawl Kontan once: an article whole, others in parts, one behind a redirect."""
    data = tmp_path_factory.mktemp("kontan")
    world = small_world("kontan")
    whole = [article for article in world.truth(on_topic=True) if article.split == 1]
    with on_air(world) as running:
        for each in whole:
            there = f"{each.url}?utm_source=pindah"
            running.faults.add(Fault(f"{each.url}$", "redirect", attempts=(1,), location=there))
        done = crawl(running, data)
        assert done.returncode == 0, done.stderr[-3000:]
        environ = crawl_environ(running, data)
    crawled = Crawled(data, environ)
    several = [len(each.article.record_ids) > 1 for each in crawled.articles()]
    assert len(several) > 2
    assert any(several)
    behind = [each for each in crawled.articles() if each.article.url.endswith("pindah")]
    assert behind
    assert all(len(each.article.record_ids) == 2 for each in behind)
    return crawled


def test_parts_redirects_and_refused_pages_are_read_as_they_were(kontan: Crawled) -> None:
    before = runs_of(kontan.data)
    status, findings, total = replayed(kontan, "--all")
    assert (status, findings) == (0, [])
    assert total["identical"] == total["read"] > len(kontan.articles())
    assert runs_of(kontan.data) == before


def test_no_socket_is_opened(kontan: Crawled, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(WATCHER, encoding="utf-8")
    watched = tmp_path / "watched"
    watched.touch()
    environ = {"PYTHONPATH": str(tmp_path), "WATCHED": str(watched)}
    assert replayed(kontan, **environ)[0] == 0
    assert watched.read_text() == ""
    # The watcher sees what a replay must not do.
    run(
        [sys.executable, "-c", "import socket; socket.getaddrinfo('127.0.0.1', 80)"], kontan.environ | environ
    )
    assert "socket.getaddrinfo" in watched.read_text()


def test_a_replay_needs_no_network_at_all(kontan: Crawled) -> None:
    apart = ["unshare", "--map-root-user", "--net"]
    if not shutil.which("unshare") or subprocess.run([*apart, "true"], check=False).returncode:
        pytest.skip("no network namespace can be made here")
    done = run([*apart, sys.executable, "-m", "crawler.cli.main", "replay"], kontan.environ)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_would_connect_in_a_replay_fails(kontan: Crawled, tmp_path: Path) -> None:
    (tmp_path / "calling").mkdir()
    (tmp_path / "calling" / "__init__.py").touch()
    calling = CHANGED.format(path="").replace(
        "        draft =",
        "        import socket; socket.create_connection(('127.0.0.1', 9))\n        draft =",
    )
    (tmp_path / "calling" / "kontan.py").write_text(calling, encoding="utf-8")
    command = [sys.executable, "-m", "scrapy", "replay", "kontan", "-s", "SPIDER_MODULES=calling"]
    done = run(command, kontan.environ | {"PYTHONPATH": str(tmp_path)})
    assert done.returncode == 1
    findings = [json.loads(line) for line in done.stdout.splitlines()]
    assert {each["kind"] for each in findings} == {"refused", "sum"}
    assert "it reads the archive alone" in findings[0]["detail"]["error"]


def test_a_changed_rule_lists_exactly_what_it_changes(kontan: Crawled, tmp_path: Path) -> None:
    touched, *others = kontan.articles()
    status, findings, total = by_changed_rule(kontan, tmp_path, touched)
    assert status == 1
    (found,) = findings
    assert (found["kind"], found["id"], found["written"]) == ("changed", touched.id, None)
    old, new = found["fields"]["body"]
    assert old == list(touched.article.body)
    assert new == old[:-1]
    assert total["identical"] == len(others)
    assert kontan.articles() == [touched, *others]


def test_what_changed_is_written_as_the_rules(kontan: Crawled, tmp_path: Path) -> None:
    crawled = kontan.copy(tmp_path)
    touched, *others = crawled.articles()
    status, (found,), _ = by_changed_rule(crawled, tmp_path, touched, "--write")
    assert (status, found["written"]) == (0, 2)
    first, second = crawled.history(touched.id)
    assert (first.cause, second.cause) == ("outlet", "rules")
    assert second.article.body == first.article.body[:-1]
    assert second.article.record_ids == first.article.record_ids
    assert second.last_seen_at == first.last_seen_at
    assert second.ruleset != touched.ruleset
    assert {each.ruleset for each in crawled.articles()} == {second.ruleset}
    assert [each.revision for each in crawled.articles()] == [2] + [1] * len(others)
    (event,) = crawled.rows(select(events).where(events.c.kind == "re-extracted"))
    assert (event.article_id, event.detail["revision"]) == (touched.id, 2)
    newest = runs_of(crawled.data)[0]
    assert (newest.look, newest.reason, newest.verdict) == ("replay", "replay", "healthy")
    assert audited(crawled.data).ok
    again = by_changed_rule(crawled, tmp_path, touched)
    assert again[:2] == (0, [])


STRICT = """[weights]
headline = 0.1
lead = 0.1
passage = 0.05
throughout = 0.05
others = 0.05
threshold = 1.0
"""


@pytest.fixture
def strict(tmp_path: Path) -> dict[str, str]:
    """Return an environment with the same topic, which nothing is enough for."""
    topic = tmp_path / "russia-north-korea.toml"
    text = (ROOT / "crawler" / "topics" / topic.name).read_text(encoding="utf-8")
    topic.write_text(f"{text}\n{STRICT}", encoding="utf-8")
    return {"PANTAU_TOPICS": str(topic)}


def test_what_makes_no_revision_of_the_outlet_is_the_rules_to_change(
    kontan: Crawled, tmp_path: Path, strict: dict[str, str]
) -> None:
    crawled = kontan.copy(tmp_path)
    status, findings, _ = replayed(crawled, **strict)
    assert (status, len(findings)) == (1, len(crawled.articles()))
    assert {(each["kind"], *each["fields"]) for each in findings} == {("changed", "verdict")}
    told = pantau(crawled, "replay", "--diff", **strict).stdout
    assert "verdict changed" in told
    assert "- true" in told
    assert "+ false" in told
    assert replayed(crawled, "--write", **strict)[0] == 0
    assert not any(each.article.verdict.on_topic for each in crawled.articles())
    assert audited(crawled.data).ok
    assert replayed(crawled, **strict)[:2] == (0, [])


def test_a_wider_topic_finds_what_an_earlier_one_refused(tmp_path: Path, strict: dict[str, str]) -> None:
    with on_air(small_world("kontan")) as running:
        environ = crawl_environ(running, tmp_path / "data")
        done = run(crawl_command(running), environ | strict)
        assert done.returncode == 0, done.stderr[-3000:]
    crawled = Crawled(tmp_path / "data", environ)
    assert crawled.articles() == []
    status, findings, total = replayed(crawled, "--all")
    assert status == 1
    assert {each["kind"] for each in findings} == {"found"}
    assert crawled.articles() == []
    status, findings, _ = replayed(crawled, "--all", "--write")
    assert (status, total["found"]) == (0, len(findings))
    assert all(each["written"] for each in findings)
    assert against_truth(running, crawled.data).faults() == {}
    assert {each.cause for each in crawled.articles()} == {"rules"}
    assert audited(crawled.data).ok
    assert replayed(crawled, "--all")[:2] == (0, [])


def test_damage_is_named_and_the_rest_is_replayed(kontan: Crawled, tmp_path: Path) -> None:
    crawled = kontan.copy(tmp_path)
    hit, *others = crawled.articles()
    (record,) = crawled.rows(select(records).where(records.c.id == hit.article.record_ids[-1]))
    path = crawled.data / "archive" / record.file
    whole = path.read_bytes()
    place = record.offset + record.length // 2
    path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
    status, findings, total = replayed(crawled)
    assert status == 1
    (found,) = findings
    assert (found["kind"], found["id"]) == ("damaged", hit.id)
    assert record.file in found["why"]
    assert record.id in found["why"]
    assert total["identical"] == len(others)
    path.write_bytes(whole[: record.offset + 1])  # all that comes after it is gone too
    later = crawled.rows(
        select(records.c.id).where(records.c.file == record.file, records.c.offset >= record.offset)
    )
    lost = {row.id for row in later}
    wanted = {each.id for each in crawled.articles() if lost.intersection(each.article.record_ids)}
    status, findings, total = replayed(crawled)
    assert status == 1
    assert {each["id"] for each in findings if each["kind"] == "damaged"} == wanted
    assert total["identical"] == len(crawled.articles()) - len(wanted)
    assert "is lost" in pantau(crawled, "replay").stdout


def test_a_page_that_was_pruned_is_no_fault(kontan: Crawled, tmp_path: Path) -> None:
    crawled = kontan.copy(tmp_path)
    first, *others = crawled.articles()
    gone = (
        update(records)
        .where(records.c.id == first.article.record_ids[0])
        .values(pruned_at=first.last_seen_at)
    )
    crawled.change(gone)
    status, findings, total = replayed(crawled)
    assert (status, findings) == (0, [])
    assert (total["pruned"], total["identical"]) == (1, len(others))


def test_a_part_that_was_never_asked_for_is_no_change(kontan: Crawled, tmp_path: Path) -> None:
    crawled = kontan.copy(tmp_path)
    several = next(
        each
        for each in crawled.articles()
        if len(each.article.record_ids) > 1 and "?" not in each.article.url
    )
    crawled.change(
        update(records)
        .where(records.c.id.in_(several.article.record_ids[1:]))
        .values(url="https://x.example/")
    )
    status, findings, _ = replayed(crawled, "--write")
    assert status == 1
    assert [(each["kind"], each["id"]) for each in findings] == [("lacking", several.id)]
    assert [each.revision for each in crawled.articles()] == [1] * len(crawled.articles())


def test_a_replay_that_writes_holds_its_outlet(kontan: Crawled, tmp_path: Path) -> None:
    crawled = kontan.copy(tmp_path)
    engine = connect(crawled.url, create=False)
    start_run(engine, "kontan")
    engine.dispose()
    assert replayed(crawled)[0] == 0
    done = pantau(crawled, "replay", "--write")
    assert done.returncode == 1
    assert "run 2" in done.stderr


@pytest.mark.postgres
def test_a_replay_on_postgresql_is_the_same(empty_postgres: Callable[[], str], tmp_path: Path) -> None:
    with on_air(small_world("kontan")) as running:
        environ = crawl_environ(running, tmp_path, database=empty_postgres())
        done = run(crawl_command(running), environ)
        assert done.returncode == 0, done.stderr[-3000:]
    crawled = Crawled(tmp_path, environ)
    touched, *_ = crawled.articles()
    assert replayed(crawled, "--all")[:2] == (0, [])
    assert by_changed_rule(crawled, tmp_path / "rules", touched, "--write")[0] == 0
    assert [each.cause for each in crawled.history(touched.id)] == ["outlet", "rules"]
    engine = connect(crawled.url, create=False)
    try:
        assert audit(engine, tmp_path / "archive").ok
    finally:
        engine.dispose()
