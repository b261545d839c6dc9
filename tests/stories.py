"""`make stories`: whether stories are found, and what it costs; prints lines `figure NAME VALUE UNIT`.

The news world's wires, over several seeds, are read from their pages by the outlets' page classes, stored and
grouped; two articles are found to share a text where one story has both. Beside the copies (word for word,
cut, under another headline, merged from two, rewritten) stand articles that only look like them. Then a store
of 100,000 invented articles is grouped in a process of its own. It fails where a promise of correctness
breaks, never for being slow.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from pathlib import Path
from random import Random

from sqlalchemy import Engine, func, insert, select

from crawler.cli.spiders import load_spiders
from crawler.items import Article, Draft, Instant
from crawler.pages.article import read_html
from crawler.pages.parse import NotAnArticle
from crawler.storage import articles, frontier, runs
from crawler.storage.database import connect, migrate, reading, transact
from crawler.storage.frontier import Entry, address_key
from crawler.storage.schema import articles as article_rows
from crawler.storage.schema import revisions, urls
from crawler.storage.schema_analysis import copies, story_members
from crawler.stories.update import group_new
from crawler.text.clean import clean_draft
from tests.newsworld.model import How
from tests.newsworld.reading import ask
from tests.newsworld.running import ROOT
from tests.newsworld.world import World

START = date(2026, 3, 2)
SEEDS = (3, 7, 11, 21, 22, 23, 31, 32)
LEAST_PRECISION, LEAST_RECALL = 0.98, 0.95
MANY = 100_000


def main() -> int:
    """Print the figures; return 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--articles", type=int, default=MANY, help="of the large store; 0 for none")
    parser.add_argument("--group", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.group is not None:
        return _group(given.group)
    broken = _wires(given.seeds)
    return _large(given.articles) | broken if given.articles else broken


def figure(name: str, value: float, unit: str) -> None:
    """Print one figure."""
    sys.stdout.write(f"figure {name} {value:.4g} {unit}\n")
    sys.stdout.flush()


# The news world's wires


def _wires(seeds: Sequence[int]) -> int:
    right, wrong, missed, all_of = 0, 0, Counter[How](), Counter[How]()
    for seed in seeds:
        world = World(seed, START, 6, 5, archive=0, wires=6)
        with tempfile.TemporaryDirectory(prefix="stories-") as folder:
            found = stored_pairs(world, Path(folder))
        truth = world.copies()
        all_of.update(taken.how for taken in truth.values())
        missed.update(truth[pair].how for pair in truth.keys() - found)
        right += len(found & truth.keys())
        wrong += len(found - truth.keys())
    total = sum(all_of.values())
    precision, recall = right / max(1, right + wrong), right / max(1, total)
    figure("story_pairs", total, "pairs")
    for how, count in sorted(all_of.items()):
        figure(f"story_pair_recall_{how}", 1 - missed[how] / count, "share")
    figure("story_pair_precision", precision, "share")
    figure("story_pair_recall", recall, "share")
    return int(precision < LEAST_PRECISION or recall < LEAST_RECALL)


def stored_pairs(world: World, folder: Path) -> set[tuple[str, str]]:
    """Return, by their addresses in order, which articles of a world have a story in common."""
    engine = connect(f"sqlite:///{folder / 'pantau.db'}")
    try:
        migrate(engine)
        for outlet in world.outlets:
            _store(engine, outlet.name, list(read_articles(world, outlet.name)))
        group_new(engine)
        with reading(engine) as connection:
            query = select(story_members.c.story_id, article_rows.c.canonical_url).join_from(
                story_members, article_rows, article_rows.c.id == story_members.c.article_id
            )
            of: dict[str, list[str]] = {}
            for story_id, url in connection.execute(query):
                of.setdefault(story_id, []).append(url)
    finally:
        engine.dispose()
    return {pair for members in of.values() for pair in combinations(sorted(members), 2)}


def read_articles(world: World, outlet: str) -> Iterator[Article]:
    """Yield the articles of an outlet as a crawl would keep them; one that has no spider has its text."""
    spider = load_spiders().get(outlet)
    for true in world.truth(outlet):
        draft: Draft | None = None
        answer = ask(world, true.whole_url or true.url)
        if spider is not None and answer.status == 200:
            try:
                draft = clean_draft(
                    read_html(answer.body.decode(), true.url, spider.page_class), spider.page_class.rules
                )
            except NotAnArticle:
                draft = None
        body = draft.body if draft and draft.body and (true.whole_url or true.split == 1) else true.body
        yield Article(
            outlet=outlet,
            url=true.url,
            canonical_url=true.url,
            headline=true.headline,
            body=tuple(" ".join(text.split()) for text in body),
            fetched_at=datetime(2026, 3, 20, tzinfo=UTC),
            published_at=Instant(true.published_at),
            source=draft.source if draft else None,
            captions=draft.captions if draft else (),
            removed=draft.removed if draft else (),
        )


def _store(engine: Engine, outlet: str, kept: Sequence[Article]) -> None:
    run = runs.start_run(engine, outlet)
    entries = [Entry(url=one.url, source="feed", list_url=f"https://{outlet}.example/rss") for one in kept]
    ids = {work.url: work.url_id for work in frontier.offer(engine, run.id, entries).fetch}
    for one in kept:
        articles.save(engine, one, run.id, ids[one.url])
    runs.finish_run(engine, run.id, "healthy")


# A large store


def _large(count: int) -> int:
    with tempfile.TemporaryDirectory(prefix="stories-") as folder:
        path = Path(folder) / "pantau.db"
        truth = fill(path, count)
        words = [sys.executable, "-m", "tests.stories", "--group", str(path)]
        done = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True)
        told = json.loads(done.stdout)
        engine = connect(f"sqlite:///{path}")
        with reading(engine) as connection:
            found = {
                (low, high) for low, high in connection.execute(select(copies.c.low_id, copies.c.high_id))
            }
            grouped = connection.execute(select(func.count()).select_from(story_members)).scalar_one()
        engine.dispose()
    figure("stories_articles", count, "articles")
    figure("stories_cpu", told["cpu_s"], "s")
    figure("stories_wall", told["wall_s"], "s")
    figure("stories_rss", told["rss_mb"], "MB")
    figure("stories_members", grouped, "articles")
    precision = len(found & truth) / max(1, len(found))
    recall = len(found & truth) / max(1, len(truth))
    figure("stories_large_precision", precision, "share")
    figure("stories_large_recall", recall, "share")
    return int(precision < LEAST_PRECISION or recall < LEAST_RECALL)


def _group(path: Path) -> int:
    engine = connect(f"sqlite:///{path}")
    began = time.monotonic()
    group_new(engine)
    used = resource.getrusage(resource.RUSAGE_SELF)
    engine.dispose()
    told = {
        "cpu_s": used.ru_utime + used.ru_stime,
        "wall_s": time.monotonic() - began,
        "rss_mb": used.ru_maxrss / 1024,
    }
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


def fill(path: Path, count: int, seed: int = 1) -> set[tuple[int, int]]:
    """Fill a store with *count* articles over ninety days, a third of them copied; return the pairs."""
    engine = connect(f"sqlite:///{path}")
    migrate(engine)
    run = runs.start_run(engine, "antara")
    truth: set[tuple[int, int]] = set()
    batch: list[tuple[int, str, datetime, tuple[str, ...]]] = []
    for number, outlet, at, body, of in _invented(count, Random(seed)):
        truth.update((other, number) for other in of)
        batch.append((number, outlet, at, body))
        if len(batch) == 2000 or number == count:
            transact(engine, lambda connection, rows=tuple(batch): _insert(connection, run.id, rows))
            batch.clear()
    runs.finish_run(engine, run.id, "healthy")
    engine.dispose()
    return truth


def _insert(connection, run_id: int, rows) -> None:
    made = []
    for number, outlet, at, body in rows:
        url = f"https://{outlet}.example/{number}"
        made.append((number, outlet, at, body, url, address_key(url)))
    connection.execute(
        insert(article_rows),
        [
            {
                "id": number, "outlet": outlet, "key": key, "canonical_url": url, "current": 1,
                "first_seen_at": at, "last_seen_at": at, "looks": 0, "gone_looks": 0,
            }
            for number, outlet, at, _, url, key in made
        ],
    )  # fmt: skip
    connection.execute(
        insert(urls),
        [
            {
                "id": number, "outlet": outlet, "url": url, "key": key, "state": "stored", "attempts": 0,
                "first_seen_at": at, "first_run_id": run_id, "last_run_id": run_id, "article_id": number,
            }
            for number, outlet, at, _, url, key in made
        ],
    )  # fmt: skip
    connection.execute(
        insert(revisions),
        [
            {
                "article_id": number, "number": 1, "run_id": run_id, "url_id": number, "url": url,
                "fetched_at": at, "content_hash": key, "body_hash": key, "headline": body[0][:60],
                "published_at": at, "published_offset_min": 420, "published_precision": "minute",
                "published_zone_assumed": False, "byline": [], "editors": [], "body": list(body),
                "captions": [], "tags": [], "page_text": "\n".join(body), "removed": [], "witnesses": {},
                "body_from": "selector", "partial": False, "record_ids": [],
            }
            for number, _, at, body, url, key in made
        ],
    )  # fmt: skip


_VOWELS = ("a", "i", "u", "e", "o", "an", "ing")
_SYLLABLES = [first + second for first in "bcdfghjklmnprstw" for second in _VOWELS]
_Invented = tuple[int, str, datetime, tuple[str, ...], tuple[int, ...]]


def _invented(count: int, rng: Random) -> Iterator[_Invented]:
    """Yield number, outlet, time, body, and the articles it shares text with, in families of up to five."""
    words = ["".join(rng.choices(_SYLLABLES, k=rng.choice((1, 2, 2, 3)))) for _ in range(20_000)]
    weights = [1 / (place + 3) for place in range(len(words))]
    pool = rng.choices(words, weights, k=500_000)
    phrases = [" ".join(rng.choices(pool, k=rng.randint(4, 9))) for _ in range(3_000)]
    often = rng.choices(phrases, [1 / (place + 10) for place in range(len(phrases))], k=50_000)
    outlets = [f"outlet{number}" for number in range(15)]
    start = datetime(2026, 1, 1, tzinfo=UTC)
    number = 0

    def sentence() -> str:
        first = rng.randrange(len(pool) - 30)
        made = pool[first : first + rng.randint(8, 24)]
        rng.shuffle(made)
        if rng.random() < 0.3:
            made.insert(rng.randrange(len(made)), rng.choice(often))
        if rng.random() < 0.3:
            made.insert(rng.randrange(len(made)), str(rng.randint(2, 9_999)))
        return " ".join(made).capitalize() + "."

    def text() -> list[str]:
        return [" ".join(sentence() for _ in range(rng.randint(1, 3))) for _ in range(rng.randint(4, 12))]

    while number < count:
        body, size = text(), rng.choice((1, 1, 1, 1, 2, 3, 4, 5))
        minute = rng.randrange(90 * 24 * 60)
        family: list[int] = []
        for copy in range(min(size, count - number)):
            number += 1
            told = body if not copy else _copied(body, rng)
            at = start + timedelta(minutes=minute + copy * rng.randint(3, 400))
            yield number, rng.choice(outlets), at, tuple(told), tuple(family)
            family.append(number)


def _copied(body: list[str], rng: Random) -> list[str]:
    how = rng.random()
    if how < 0.4:
        return body
    if how < 0.7:
        return body[: max(2, round(len(body) * rng.uniform(0.5, 0.9)))]
    return [" ".join(word for word in text.split() if rng.random() > 0.06) for text in body]


if __name__ == "__main__":
    raise SystemExit(main())
