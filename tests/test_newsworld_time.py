"""The news world in time: typed edits, deletions, outages, validators that lie, bursts, quiet days."""

import json
import re
import ssl
from collections import Counter
from dataclasses import asdict
from datetime import date, datetime, timedelta
from urllib.parse import quote

import pytest

from tests.newsworld.client import Client
from tests.newsworld.happenings import EDITS, GONE, OUTAGES, Eventful
from tests.newsworld.messages import Request, Wire
from tests.newsworld.model import Article
from tests.newsworld.outlets.all import ALL
from tests.newsworld.outlets.conduct import NOISE
from tests.newsworld.outlets.kontan import Kontan
from tests.newsworld.outlets.mercinews import Mercinews
from tests.newsworld.reading import ask, blocks_of, fold, text_of
from tests.newsworld.running import running_world, serving_process
from tests.newsworld.world import World

START = date(2026, 3, 2)
HOUR = timedelta(hours=1)


def small(*outlets: type, days: int = 3, per_day: int = 12) -> World:
    return World(5, START, days, per_day, outlets or (Kontan,), archive=4)


def on_topic(world: World) -> list[Article]:
    return [
        article for article in world.truth(on_topic=True) if not article.archive and len(article.body) > 4
    ]


# Edits


@pytest.mark.parametrize("outlet", ALL, ids=lambda outlet: outlet.name)
@pytest.mark.parametrize("kind", EDITS)
def test_an_edit_changes_one_thing_of_its_kind_and_shows_it(outlet: type, kind: str) -> None:
    world = small(outlet)
    now = world.now
    article = on_topic(world)[-1]
    before = [text_of(world, url) for url in article.page_urls]
    world.edit(article.url, now + HOUR, kind)
    assert [text_of(world, url) for url in article.page_urls] == before
    world.advance(hours=2)
    (then,) = (each for each in world.truth(at=now) if each.url == article.url)
    (later,) = (each for each in world.truth() if each.url == article.url)
    ((_, edit),) = world.edits()
    assert (edit.at, edit.version, later.version, then) == (now + HOUR, 1, 1, article)
    changed = {name for name, value in asdict(later).items() if value != asdict(then)[name]} - {"version"}
    fields = {"headline": {"headline"}, "byline": {"byline"}, "date": {"published_at"}}
    assert changed - {"split", "page_urls", "whole_url", "captions"} == fields.get(edit.kind, {"body"})
    assert edit.kind == kind or (edit.kind == "other" and kind in {"number", "name", "quote", "byline"})
    pages = [text_of(world, url) for url in later.page_urls]
    found = [block for page in pages for block in blocks_of(page)]
    assert all(any(block.endswith(fold(paragraph)) for block in found) for paragraph in later.body)
    if edit.kind == "headline":
        assert fold(edit.after) in fold(pages[0].replace("&#8216;", "‘").replace("&#8217;", "’"))


def test_texts_change_as_their_kind_says() -> None:
    world = World(5, START, 6, 30, archive=0)
    stories = on_topic(world)
    for number, article in enumerate(stories):
        world.edit(article.url, world.now + HOUR, EDITS[number % len(EDITS)])
    kinds = Counter()
    for entry, edit in world.edits():
        kinds[edit.kind] += 1
        assert edit.before != edit.after
        words = set(edit.after.split()) ^ set(edit.before.split())
        outside = [re.sub(r"“[^”]*”", "“”", text) for text in (edit.before, edit.after)]
        if edit.kind == "number":
            assert all(any(char.isdigit() for char in word) for word in words), edit
        elif edit.kind == "name":
            assert all(word.strip("“(,.;:)’”").split("-")[0][0].isupper() for word in words), edit
        elif edit.kind == "quote":
            assert outside[0] == outside[1], edit
        elif edit.kind == "correction":
            assert (edit.before, edit.after[:5]) in {("", "Ralat"), ("", "Korek")}
        elif edit.kind == "other":
            assert edit.after.startswith(edit.before)
        assert entry.version == 0
    assert set(kinds) == set(EDITS)
    assert kinds["other"] < sum(kinds.values()) / 3


def test_lists_show_the_headline_of_the_time() -> None:
    world = small()
    article = on_topic(world)[-1]
    world.edit(article.url, world.now + HOUR, "headline")
    day = article.published_at
    index = f"https://www.kontan.co.id/search/indeks?tanggal={day.day}&bulan={day.month}&tahun={day.year}"
    assert fold(article.headline) in [fold(text) for text in _headlines(world, index)]
    world.advance(hours=2)
    (later,) = (each for each in world.truth() if each.url == article.url)
    assert fold(later.headline) in [fold(text) for text in _headlines(world, index)]
    assert fold(article.headline) not in [fold(text) for text in _headlines(world, index)]


def _headlines(world: World, url: str) -> list[str]:
    found = re.findall(r"<h1><a [^>]*>([^<]+)</a>", text_of(world, url))
    return [text.replace("&#039;", "'").replace("&nbsp;", " ").replace("&amp;", "&") for text in found]


# Deletions


@pytest.mark.parametrize("outlet", ALL, ids=lambda outlet: outlet.name)
def test_articles_go_in_every_way_and_come_back(outlet: type) -> None:
    world = small(outlet)
    stories = on_topic(world)[-len(GONE) :]
    since = world.now + HOUR
    before = {article.url: ask(world, article.url).body for article in stories}
    for article, how in zip(stories, GONE, strict=True):
        world.delete(article.url, since, since + 24 * HOUR, how)
    world.now = since
    answers = {how: ask(world, article.url) for article, how in zip(stories, GONE, strict=True)}
    assert [answers[how].status for how in GONE] == [404, 410, 302, 200]
    assert dict(answers["home"].headers)["Location"] == f"https://{stories[2].host}/"
    soft = answers["soft-404"].body.decode()
    assert "Halaman Tidak Ditemukan" in soft
    assert fold(stories[3].body[1]) not in blocks_of(soft)
    assert {article.gone for article in world.truth() if article.gone} == set(GONE)
    assert not {article.url for article in stories} & set(world.addresses())
    assert not {article.url for article in stories} & {entry.url for entry in world.entries()}
    world.now = since + 24 * HOUR
    assert {article.url: ask(world, article.url).body for article in stories} == before


def test_a_deleted_article_may_stay_in_the_lists() -> None:
    world = small()
    article = on_topic(world)[-1]
    world.delete(article.url, world.now, how="410", listed=True)
    assert ask(world, article.url).status == 410
    assert article.url in {entry.url for entry in world.entries()}


# Outages, late articles, bursts, quiet days


@pytest.mark.parametrize("how", OUTAGES)
def test_an_outlet_is_down_for_a_while(how: str) -> None:
    world = small()
    article = on_topic(world)[-1]
    pages = (article.url, "https://www.kontan.co.id/search/indeks", "https://www.kontan.co.id/robots.txt")
    before = [ask(world, url) for url in pages]
    since = world.now + HOUR
    world.outage("kontan", since, since + 5 * HOUR, how)
    world.now = since
    during = [ask(world, url) for url in pages]
    assert during != before
    expected = {
        "reset": [503, 503, 503],
        "503": [503, 503, 503],
        "404": [404, 404, 200],
        "maintenance": [200, 200, 200],
        "soft-404": [200, 200, 200],
        "home": [302, 302, 302],
        "403": [403, 403, 403],
        "robots-5xx": [200, 200, 503],
    }
    assert [answer.status for answer in during] == expected[how]
    assert (during[0].fault is not None) == (how == "reset")
    world.now = since + 5 * HOUR
    assert ask(world, article.url) == before[0]


def test_a_late_article_shows_up_at_its_stated_time_hours_after_it() -> None:
    world = small()
    article = on_topic(world)[-1]
    world.hold_back(article.url, article.published_at + 9 * HOUR)
    world.now = article.published_at + 8 * HOUR
    assert ask(world, article.url).status == 404
    assert article.url not in {entry.url for entry in world.entries()}
    world.now = article.published_at + 9 * HOUR
    shown = [entry for entry in world.entries() if entry.url == article.url]
    assert [entry.published_at for entry in shown] == [article.published_at]
    (true,) = (each for each in world.truth() if each.url == article.url)
    assert true.appeared_at - true.published_at == 9 * HOUR


def test_a_seed_draws_a_year_in_which_everything_happens() -> None:
    def drawn() -> World:
        return World(3, START, 120, 6, archive=2, happenings=Eventful(3, START, 120))

    world = drawn()
    assert {edit.kind for _, edit in world.edits()} == set(EDITS)
    assert {absence.how for _, absence in world.absences()} == set(GONE)
    assert {absence.until is None for _, absence in world.absences()} == {True, False}
    assert {outage.how for outlet in world.outlets for outage in outlet.outages} == set(OUTAGES)
    assert any(outlet.lies for outlet in world.outlets)
    a_day = Counter((entry.outlet, entry.published_at.date()) for entry in world.entries(all_times=True))
    assert max(a_day.values()) > 200
    days = {(outlet.name, START + timedelta(days=day)) for outlet in world.outlets for day in range(120)}
    assert len(days - set(a_day)) > 30
    assert any(article.appeared_at > article.published_at for article in world.truth())
    again = drawn()
    assert [each.as_dict() for each in world.truth()] == [each.as_dict() for each in again.truth()]
    assert [edit for _, edit in world.edits()] == [edit for _, edit in again.edits()]


def test_adverts_change_with_the_time_and_nothing_else_does() -> None:
    world = World(5, START, 2, 8, archive=2, happenings=Eventful(5, START, 2, edited=0, deleted=0, late=0))
    url = on_topic(world)[-1].url
    first, same = ask(world, url).body, ask(world, url).body
    world.advance(hours=1)
    later = ask(world, url).body
    assert first == same != later
    assert NOISE.sub(b"", first) == NOISE.sub(b"", later)


# Validators


def _wire(world: World, url: str) -> Wire:
    return Wire(ask(world, url), world.now)


def _held(before: Wire, after: Wire, url: str) -> bool:
    """Tell whether a client that kept the validators of *before* is told that nothing changed."""
    headers = {}
    if before.etag:
        headers["if-none-match"] = before.etag
    if before.modified:
        headers["if-modified-since"] = before.modified
    return after.unchanged(Request.of("GET", url, headers)) is not None


SITEMAP = "https://www.kontan.co.id/search/indeks?per_page=0"
KINDS = {
    # how: told "unchanged" while nothing changes, and when an article came or an edit was made
    "honest": (True, False),
    "modified": (True, False),
    "none": (False, False),
    "constant-etag": (True, True),
    "constant-modified": (True, True),
    "always-304": (True, True),
    "changing-etag": (False, False),
}


@pytest.mark.parametrize("how", KINDS)
def test_validators_of_lists_are_honest_or_lie_as_chosen(how: str) -> None:
    world = World(5, START, 3, 12, (Kontan,), archive=4, options={"kontan.validators": how})
    last = list(world.entries())[-1].published_at
    world.now = last - timedelta(minutes=2)
    first = _wire(world, SITEMAP)
    world.now = last - timedelta(minutes=1)
    quiet = _held(first, _wire(world, SITEMAP), SITEMAP)
    world.now = last
    assert (quiet, _held(first, _wire(world, SITEMAP), SITEMAP)) == KINDS[how]


@pytest.mark.parametrize("how", KINDS)
def test_validators_of_articles_are_honest_or_lie_as_chosen(how: str) -> None:
    world = World(5, START, 3, 12, (Kontan,), archive=4, options={"kontan.article-validators": how})
    url = on_topic(world)[-1].url
    world.edit(url, world.now + 2 * HOUR, "number")
    first = _wire(world, url)
    world.advance(hours=1)
    quiet = _held(first, _wire(world, url), url)
    world.advance(hours=1)
    assert (quiet, _held(first, _wire(world, url), url)) == KINDS[how]


def test_a_validator_of_all_bytes_changes_with_the_adverts() -> None:
    happenings = Eventful(5, START, 2, edited=0, deleted=0, late=0)
    options = {"kontan.article-validators": "bytes"}
    world = World(5, START, 2, 8, (Kontan,), archive=2, options=options, happenings=happenings)
    world.outlets[0].lies.clear()
    url = on_topic(world)[-1].url
    first = _wire(world, url)
    world.advance(hours=1)
    assert _wire(world, url).etag != first.etag


# On the wire, and steered from outside


def test_a_gone_article_a_reset_and_the_log_on_the_wire() -> None:
    world = small(Kontan, Mercinews)
    with running_world(5, START, 3, 12, (Kontan, Mercinews), archive=4) as running:
        article = next(each for each in on_topic(world) if each.outlet == "kontan")
        running.world.delete(article.url, running.world.now, how="410")
        running.world.outage("mercinews", running.world.now, running.world.now + HOUR, "reset")
        with Client(running.proxy, running.ca) as client:
            assert client.get(article.url).status == 410
            assert client.get("https://www.kontan.co.id/robots.txt").status == 200
            assert client.get("https://www.kontan.co.id/search/indeks").status == 200
            with pytest.raises((ConnectionError, ssl.SSLError)):
                client.get("https://mercinews.com/feed/")
            running.world.set_now(running.world.now + HOUR, "mercinews")
            assert client.get("https://mercinews.com/feed/").status == 200
        assert running.log.by_kind() == {"article": 1, "robots": 1, "list": 3}
        ask_times = [entry.t for entry in running.log.entries("www.kontan.co.id")]
        assert running.log.smallest_gap_s("www.kontan.co.id") == ask_times[1] - ask_times[0]
        assert running.log.smallest_gap_s(article.host) is None
        assert running.world.now_at("mercinews.com") - running.world.now_at("www.kontan.co.id") == HOUR


def test_a_process_is_steered_from_outside() -> None:
    arguments = ["--seed=5", "--days=2", "--articles-per-day=6", "--archive=2", "--outlet=kontan"]
    with serving_process(arguments) as ready, Client(ready["proxy"], ready["ca"]) as client:

        def told(command: str) -> dict:
            answer = client.get(f"http://control.newsworld/{command}")
            assert answer.status == 200, answer.text
            return json.loads(answer.text)

        article = on_topic(World(5, START, 2, 6, (Kontan,), archive=2))[0]
        now = datetime.fromisoformat(told("now")["now"])
        told(f"plant?what=delete&url={quote(article.url)}&at={quote((now + HOUR).isoformat())}&how=410")
        assert client.get(article.url).status == 200
        told(f"now?to={quote((now + HOUR).isoformat())}")
        assert client.get(article.url).status == 410
        assert told(f"log?host={article.host}")["requests"] == {"article": 2}
        assert client.get("http://control.newsworld/plant?what=gremlins").status == 400
