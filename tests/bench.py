"""`make bench`: how fast pages are read and crawled, side by side with what others take, in one run.

Prints lines `figure NAME VALUE UNIT`. It never fails for being slow; it fails when a crawl is not healthy
or its archive, read again, gives anything else.
Reading is measured on real pages where a folder of them lies beside the project, else on pages of the news
world; crawling on the news world, over TLS through its proxy.
"""

import argparse
import gc
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import trafilatura

from crawler.pages.article import read_html
from crawler.pages.parse import NotAnArticle, decode
from crawler.storage.database import connect
from crawler.storage.runs import list_runs
from crawler.text.clean import clean_draft
from crawler.text.relevance import judge, load_topic
from tests.newsworld.demo import START, crawl_environ, world_arguments
from tests.newsworld.outlets.kontan import Kontan
from tests.newsworld.running import ROOT, serving_process
from tests.newsworld.world import World

REAL_PAGES = ROOT.parent / "shared" / "pages"
DAYS, SEED = 7, 7
ROUNDS = 3
Page = tuple[bytes, str]


def main() -> int:
    """Run the benchmark and return its exit status."""
    given = _arguments()
    world = World(SEED, START, DAYS, -(-given.articles // DAYS), (Kontan,), archive=0)
    _reading(list(_pages(world)))
    return _crawling(world, given.articles)


def figure(name: str, value: float, unit: str) -> None:
    """Print one figure."""
    sys.stdout.write(f"figure {name} {value:.4g} {unit}\n")
    sys.stdout.flush()


def _reading(pages: Sequence[Page]) -> None:
    topic = load_topic("russia-north-korea")
    texts = [(decode(body).text, url) for body, url in pages]

    def pantau(text: str, url: str) -> None:
        draft = clean_draft(read_html(text, url))
        judge(topic, draft.headline, draft.body, draft.standfirst)

    readers: dict[str, Callable[[str, str], object]] = {
        "pantau": pantau,
        "trafilatura": lambda text, url: trafilatura.bare_extraction(text, url=url, with_metadata=True),
        "trafilatura_precision": lambda text, url: trafilatura.bare_extraction(
            text, url=url, with_metadata=True, favor_precision=True
        ),
    }
    figure("bench_pages", len(texts), "pages")
    figure("bench_page_kb", statistics.mean(len(body) for body, _ in pages) / 1000, "kB")
    spent: dict[str, list[float]] = {name: [] for name in readers}
    for _ in range(ROUNDS):  # in turn, so that a machine that slows down slows all of them
        for name, read in readers.items():
            gc.collect()
            gc.freeze()  # what one reader keeps must not slow the collector under another
            began = time.process_time()
            for text, url in texts:
                read(text, url)
            spent[name].append((time.process_time() - began) / len(texts) * 1000)
    for name, times in spent.items():
        figure(f"bench_read_{name}_ms", statistics.median(times), "ms of CPU a page")


def _pages(world: World) -> Sequence[Page]:
    manifest = REAL_PAGES / "MANIFEST.tsv"
    if not manifest.exists():
        return _world_pages(world)
    rows = [line.split("\t") for line in manifest.read_text(encoding="utf-8").splitlines()[1:]]
    pages = [((REAL_PAGES / row[0]).read_bytes(), row[3]) for row in rows]
    return [page for page in pages if _is_article(page)]


def _world_pages(world: World) -> Sequence[Page]:
    from tests.newsworld.client import Client  # noqa: PLC0415 - only where no real page is at hand
    from tests.newsworld.running import on_air  # noqa: PLC0415

    with on_air(world) as running, Client(running.proxy, running.ca) as client:
        articles = [article for article, _ in zip(world.truth(), range(40), strict=False)]
        return [(client.get(article.url).body, article.url) for article in articles]


def _is_article(page: Page) -> bool:
    try:
        read_html(decode(page[0]).text, page[1])
    except NotAnArticle:
        return False
    return True


def _crawling(world: World, articles: int) -> int:
    with tempfile.TemporaryDirectory() as folder:
        arguments = [
            *world_arguments(SEED, DAYS, world.articles_per_day),
            "--outlet=kontan",
            "--archive=0",
            "--warm",
        ]
        with serving_process(arguments) as ready:
            data, urls = Path(folder) / "data", Path(folder) / "urls.json"
            pages = [article.url for article in world.truth()][:articles]
            urls.write_text(json.dumps(pages), encoding="utf-8")
            environ = crawl_environ(ready, data, world.now) | {"PANTAU_SAMPLE_SHARE": "1"}
            bare = [sys.executable, "-m", "tests.bench_bare", str(urls)]
            before = subprocess.run(bare, env=environ, cwd=ROOT, capture_output=True, text=True, check=True)
            span = ("-a", f"since={world.start}", "-a", f"limit={articles}")
            ours = [sys.executable, "-m", "scrapy", "crawl", "kontan", *span]
            crawled = subprocess.run(ours, env=environ, cwd=ROOT, capture_output=True, text=True, check=False)
            after = subprocess.run(bare, env=environ, cwd=ROOT, capture_output=True, text=True, check=True)
        engine = connect(f"sqlite:///{data}/pantau.db", create=False)
        (run,) = list_runs(engine)
        engine.dispose()
        again = [sys.executable, "-m", "scrapy", "replay", "kontan", "--all"]
        replayed = subprocess.run(again, env=environ, cwd=ROOT, capture_output=True, text=True, check=False)
    if crawled.returncode or run.ended_at is None:
        sys.stdout.write(crawled.stderr[-2000:])
        return 1
    seconds = (run.ended_at - run.started_at).total_seconds()
    figure("bench_crawl_articles", sum(run.counts.values()), "addresses settled")
    figure("bench_crawl_requests", run.requests, "requests, lists and further parts with them")
    figure("bench_crawl_seconds", seconds, "s")
    figure("bench_crawl_pages_per_second", run.requests / seconds, "pages/s, archived, read, judged, stored")
    if replayed.returncode:
        sys.stdout.write(replayed.stdout[-2000:] + replayed.stderr[-2000:])
        return 1
    total = json.loads(replayed.stdout.splitlines()[-1])
    figure("replay_articles", total["read"], "articles, their archived pages read again, all identical")
    figure("replay_articles_per_s", total["read"] / total["cpu_s"], "articles in a second of one core")
    middle = statistics.mean(float(each.stdout) for each in (before, after))
    figure("bench_bare_scrapy_pages_per_second", middle, "pages/s, fetched and thrown away")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How fast pages are read and crawled.")
    parser.add_argument("--articles", type=int, default=2000)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
