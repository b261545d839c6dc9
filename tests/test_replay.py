"""The archive read again: the same articles without a network; by another rule those that it affects."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest
from sqlalchemy import select, update

from crawler.storage.articles import Stored, iterate, revisions_of
from crawler.storage.database import connect, reading, transact
from crawler.storage.schema import events, urls
from tests.crawling import audited, crawl, crawl_environ, run, runs_of, small_world
from tests.newsworld.faults import Fault
from tests.newsworld.running import ROOT, on_air

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
# A rule that touches one article alone: it takes that one's last paragraph.
CHANGED = """
import attrs
from spiders.kontan import KontanPage, KontanSpider


class ChangedPage(KontanPage):
    def read(self):
        draft = super().read()
        touched = {path!r} in self.url
        return attrs.evolve(draft, blocks=draft.blocks[:-1]) if touched else draft


class ChangedSpider(KontanSpider):
    page_class = ChangedPage
"""


@attrs.frozen
class Crawled:
    """What a crawl left, and an environment for commands on it; nothing serves the world any more."""

    data: Path
    environ: dict[str, str]

    @property
    def url(self) -> str:
        return self.environ.get("PANTAU_DATABASE", f"sqlite:///{self.data}/pantau.db")

    def copy(self, folder: Path) -> "Crawled":
        shutil.copytree(self.data, folder / "data")
        return Crawled(folder / "data", self.environ | {"PANTAU_DATA_DIR": str(folder / "data")})

    def articles(self) -> list[Stored]:
        engine = connect(self.url, create=False)
        try:
            return list(iterate(engine))
        finally:
            engine.dispose()

    def history(self, article_id: int) -> list[Stored]:
        engine = connect(self.url, create=False)
        try:
            return revisions_of(engine, article_id)
        finally:
            engine.dispose()

    def rows(self, query: Any) -> Sequence[Any]:
        engine = connect(self.url, create=False)
        try:
            with reading(engine) as connection:
                return connection.execute(query).all()
        finally:
            engine.dispose()

    def change(self, statement: Any) -> None:
        engine = connect(self.url, create=False)
        transact(engine, lambda connection: connection.execute(statement))
        engine.dispose()


def pantau(crawled: Crawled, *words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    return run([sys.executable, "-m", "crawler.cli.main", *words], crawled.environ | environ)


Told = tuple[int, list[dict[str, Any]], dict[str, Any]]


def replayed(crawled: Crawled, *words: str, **environ: str) -> Told:
    """Replay by the command for people; return its status, the findings and the sum of the one outlet."""
    done = pantau(crawled, "replay", "--json", *words, **environ)
    assert not done.stderr, done.stderr
    *findings, total = [json.loads(line) for line in done.stdout.splitlines()]
    assert total["kind"] == "sum"
    return done.returncode, findings, total


def changed_rule(folder: Path, article: Stored) -> list[str]:
    """Return the options that make Scrapy read Kontan by a rule that touches *article* alone."""
    package = folder / "changed"
    package.mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").touch()
    path = article.article.url.partition("://")[2].partition("?")[0]
    (package / "kontan.py").write_text(CHANGED.format(path=path), encoding="utf-8")
    return ["-s", "SPIDER_MODULES=changed"]


def by_changed_rule(crawled: Crawled, folder: Path, article: Stored, *words: str) -> Told:
    """As `replayed`, by the changed rule."""
    options = changed_rule(folder, article)
    command = [sys.executable, "-m", "scrapy", "replay", "kontan", *options, *words]
    done = run(command, crawled.environ | {"PYTHONPATH": str(folder)})
    *findings, total = [json.loads(line) for line in done.stdout.splitlines()]
    return done.returncode, findings, total


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


@pytest.mark.parametrize("name", ["republika", "tribunnews", "mercinews", "kabarnusa"])
def test_every_outlet_is_read_again_as_it_is_stored(name: str, tmp_path: Path) -> None:
    with on_air(small_world(name)) as running:
        done = crawl(running, tmp_path)
        assert done.returncode == 0, done.stderr[-3000:]
        crawled = Crawled(tmp_path, crawl_environ(running, tmp_path))
    status, findings, total = replayed(crawled, "--all")
    assert (status, findings) == (0, [])
    assert total["identical"] == total["read"] > len(crawled.articles()) > 0


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


def test_fields_that_make_no_revision_of_the_outlet_are_written_too(kontan: Crawled, tmp_path: Path) -> None:
    crawled = kontan.copy(tmp_path)
    topic = tmp_path / "russia-north-korea.toml"
    text = (ROOT / "crawler" / "topics" / topic.name).read_text(encoding="utf-8")
    assert "Pyongyang" in text
    topic.write_text(text.replace('"Pyongyang"', '"Pyongyangg"'), encoding="utf-8")
    environ = {"PANTAU_TOPIC": str(topic)}
    status, findings, total = replayed(crawled, **environ)
    assert (status, len(findings)) == (1, total["changed"])
    assert {name for each in findings for name in each["fields"]} == {"verdict"}
    assert replayed(crawled, "--write", **environ)[0] == 0
    assert audited(crawled.data).ok
    assert replayed(crawled, **environ)[:2] == (0, [])
    told = pantau(crawled, "replay", "--diff").stdout  # by the topic as it was
    assert "verdict:" in told
    assert '+ ["Pyongyang"' in told or "Pyongyang" in told


def test_a_wider_topic_shows_what_would_newly_be_on_it(kontan: Crawled, tmp_path: Path) -> None:
    crawled = kontan.copy(tmp_path)
    topic = tmp_path / "russia-north-korea.toml"
    text = (ROOT / "crawler" / "topics" / topic.name).read_text(encoding="utf-8")
    topic.write_text(text + "\n", encoding="utf-8")
    narrow = tmp_path / "russia-nobody.toml"
    narrow.write_text(text, encoding="utf-8")
    off = crawled.rows(select(urls).where(urls.c.state == "stored"))
    # As if a narrower topic had judged them: their articles are gone, their pages are there.
    assert off
    fresh = kontan.copy(tmp_path / "second")
    fresh.change(update(urls).where(urls.c.state == "stored").values(state="off-topic", article_id=None))
    status, findings, _ = replayed(fresh, "--all", PANTAU_TOPIC=str(topic))
    assert status == 1
    assert {each["url"] for each in findings if each["kind"] == "found"} == {row.url for row in off}
