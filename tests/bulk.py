"""Fills a store with many invented articles by plain rows, fast: for what lists them, not for crawls.

Years of several outlets: more in the later years, wire copies as stories, some edited, missing or undated.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, insert, text

from crawler.dates import WIB
from crawler.items import Article, Evidence, Instant, Removed, Verdict, Witness
from crawler.storage import catalogue
from crawler.storage.database import transact
from crawler.storage.frontier import address_key
from crawler.storage.hashes import body_hash, content_hash
from crawler.storage.revisions import revision_values
from crawler.storage.runs import finish_run, start_run
from crawler.storage.schema import articles, revisions, sightings, urls, visits
from crawler.storage.schema_analysis import prints, stories, story_members, verdicts

OUTLETS = (
    "antaranews", "bisnis", "detik", "jpnn", "kompas", "kontan", "liputan6", "okezone", "republika",
    "rri", "sindonews", "suara", "tempo", "tribunnews", "viva",
)  # fmt: skip
TOPICS = ("russia-north-korea", "asean-summits")
LAST = datetime(2026, 3, 4, 12, 0, tzinfo=WIB)
_YEARS = 6
_BATCH = 2_000
IN_STORY = 8
"""Of so many articles in a row, those with an even number make a story."""
_NAMES = (
    "Wulan Rahmadani", "Bagas Prakoso", "Ningsih Lestari", "Tegar Adiputra", "Sekar Wijayanti",
    "Rangga Saputra", "Melati Kusuma", "Yudha Pranata", "Intan Permata", "Galih Nugroho",
)  # fmt: skip
_SUBJECTS = (
    "Delegasi Moskwa", "Menlu Korut", "Kapal barang", "Juru bicara istana", "Rombongan insinyur",
    "Utusan khusus", "Kementerian pertahanan", "Tim penerjemah", "Pasukan kehormatan", "Perusahaan kereta",
)  # fmt: skip
_VERBS = (
    "tiba di", "meninjau", "membahas kerja sama dengan", "menolak usul", "meneken nota dengan",
    "mengirim bantuan ke", "menunda lawatan ke", "membuka jalur ke", "memuji sambutan",
)  # fmt: skip
_OBJECTS = (
    "Pyongyang", "Vladivostok", "pelabuhan Rajin", "Moskwa", "pabrik amunisi", "galangan kapal",
    "perbatasan Tumen", "tuan rumah", "dewan keamanan", "pasar Rason",
)  # fmt: skip
_MORE = (
    "pada pagi hari", "sesudah perundingan tertutup", "menurut kantor berita setempat", "pekan ini",
    "di tengah hujan lebat", "tanpa keterangan pers", "dengan pengawalan ketat", "untuk kedua kalinya",
)  # fmt: skip


def fill(engine: Engine, number: int, *, seed: int = 7, body_sentences: int = 14) -> None:
    """Store *number* articles; the same for the same *seed*, in which every one has its number as its id."""
    chance = random.Random(seed)
    run_ids = {outlet: start_run(engine, outlet, now=LAST).id for outlet in OUTLETS}
    source = _articles(chance, number, body_sentences)
    for first in range(1, number + 1, _BATCH):
        size = min(_BATCH, number + 1 - first)
        rows = [(first + at, *next(source)) for at in range(size)]
        transact(engine, _writes(rows, run_ids))
    for run_id in run_ids.values():
        finish_run(engine, run_id, "healthy", now=LAST)
    if engine.dialect.name == "postgresql":
        _settle_postgres(engine)


def _settle_postgres(engine: Engine) -> None:
    for name in ("urls", "articles"):
        statement = text(f"SELECT setval('{name}_id_seq', (SELECT max(id) FROM {name}))")  # noqa: S608
        transact(engine, lambda connection, one=statement: connection.execute(one))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _writes(
    rows: Sequence[tuple[int, Article, bool]], run_ids: Mapping[str, int]
) -> Callable[[Connection], None]:
    def write(connection: Connection) -> None:
        tables: dict[Any, list[dict[str, Any]]] = {
            table: []
            for table in (
                articles,
                urls,
                sightings,
                visits,
                revisions,
                verdicts,
                prints,
                stories,
                story_members,
            )
        }
        for each, article, edited in rows:
            for table, row in _rows(each, article, run_ids[article.outlet], edited=edited):
                tables[table].append(row)
        for table, values in tables.items():
            if values:
                connection.execute(insert(table), values)
        for each, article, edited in rows:
            number = 2 if edited else 1
            seen = _seen(article)
            catalogue.enter(connection, each, article, 1, seen, edited=False)
            if edited:
                catalogue.enter(connection, each, article, number, seen, edited=True)

    return write


def _seen(article: Article) -> datetime:
    return article.fetched_at


def _rows(
    number: int, article: Article, run_id: int, *, edited: bool
) -> Iterator[tuple[Any, dict[str, Any]]]:
    seen, key = _seen(article), address_key(article.canonical_url)
    yield (
        articles,
        {
            "id": number,
            "outlet": article.outlet,
            "key": key,
            "canonical_url": article.canonical_url,
            "current": 2 if edited else 1,
            "first_seen_at": seen,
            "last_seen_at": seen,
            "gone": "confirmed" if number % 97 == 0 else None,
            "gone_at": seen if number % 97 == 0 else None,
            "looks": 1,
        },
    )
    yield (
        urls,
        {
            "id": number,
            "outlet": article.outlet,
            "url": article.url,
            "key": key,
            "state": "revised" if edited else "stored",
            "headline": article.headline,
            "attempts": 0,
            "first_seen_at": seen,
            "first_run_id": run_id,
            "last_run_id": run_id,
            "article_id": number,
        },
    )
    yield (
        sightings,
        {
            "url_id": number,
            "source": "feed",
            "list_url": f"https://www.{article.outlet}.example/rss",
            "run_id": run_id,
            "at": seen,
            "headline": article.headline,
            "published_at": None if article.published_at is None else article.published_at.at,
        },
    )
    yield visits, {"run_id": run_id, "url_id": number, "outcome": "stored", "at": seen, "detail": None}
    for at in range(2 if edited else 1):
        body = article.body if at or not edited else (*article.body[:-1], "Kalimat ini diganti kemudian.")
        yield (
            revisions,
            {
                "article_id": number,
                "number": at + 1,
                "run_id": run_id,
                "url_id": number,
                "content_hash": content_hash(article.headline, article.byline, article.published_at, body),
                "body_hash": body_hash(body),
                "cause": "outlet",
                **revision_values(article),
                "body": list(body),
            },
        )
    story, place = divmod(number - 1, IN_STORY)
    yield (
        prints,
        {
            "article_id": number,
            "revision": 2 if edited else 1,
            "version": "bulk",
            "at": seen,
            "story_id": f"s{story}" if place == 1 else f"t{number}",
            **dict.fromkeys(("minhash", "shingles", "quoted", "slots"), b""),
            "agencies": ["antara"] if place == 1 else [],
            "pictures": [],
        },
    )
    if place == 1:
        yield (
            stories,
            {
                "id": f"s{story}",
                "origin_id": number,
                "headline": article.headline,
                "first_at": seen,
                "last_at": seen + timedelta(hours=9),
                "members": IN_STORY // 2,
                "outlets": [article.outlet, "antaranews", "kompas"],
                "outlet_count": 3,
                "agencies": ["antara"],
                "sources": 2,
            },
        )
    if place % 2:
        yield (
            story_members,
            {
                "story_id": f"s{story}",
                "article_id": number,
                "role": "first" if place == 1 else "copy",
                "copied_from": None if place == 1 else number - place + 1,
                "share": 1.0 if place == 1 else 0.8,
                "lag_s": (place - 1) * 1800.0,
            },
        )
    for topic, on_topic in ((TOPICS[0], number % 5 != 0), (TOPICS[1], number % 9 == 0)):
        yield (
            verdicts,
            {
                "article_id": number,
                "topic": topic,
                "revision": 2 if edited else 1,
                "on_topic": on_topic,
                "round_up": False,
                "score": 0.75 if on_topic else 0.1,
                "reason": "both sides meet" if on_topic else "one side only",
                "evidence": [["Moskwa", "russia", "lead", "Moskwa"]],
                "fingerprint": "bulk",
                "judged_at": seen,
            },
        )


def _articles(chance: random.Random, number: int, sentences: int) -> Iterator[tuple[Article, bool]]:
    span = timedelta(days=365 * _YEARS)
    previous: tuple[str, ...] | None = None
    for at in range(number):
        outlet = OUTLETS[int(len(OUTLETS) * chance.random() ** 1.6)]
        published = LAST - span * ((1 - (at + chance.random()) / number) ** 1.5)
        if previous is not None and chance.random() < 0.15:
            body = (*previous[:-1], _sentence(chance))
        else:
            body = tuple(
                " ".join(_sentence(chance) for _ in range(chance.randint(1, 3)))
                for _ in range(max(1, sentences // 2))
            )
        previous = body
        headline = _sentence(chance)[:-1]
        url = f"https://www.{outlet}.example/berita/{published:%Y/%m/%d}/kabar-{at}"
        yield _article(chance, at, outlet, url, headline, body, published), at % 23 == 0


def _article(  # noqa: PLR0913, PLR0917 what varies
    chance: random.Random,
    at: int,
    outlet: str,
    url: str,
    headline: str,
    body: tuple[str, ...],
    published: datetime,
) -> Article:
    exact = published.replace(second=0, microsecond=0)
    whole = Instant(exact.replace(hour=0, minute=0), "day") if at % 40 == 0 else Instant(exact, "minute")
    page_text = "\n".join([headline, *body, "Baca juga: kabar lain"])
    return Article(
        outlet=outlet,
        url=url,
        canonical_url=url,
        headline=headline,
        body=body,
        fetched_at=exact + timedelta(minutes=chance.randint(5, 600)),
        published_at=None if at % 101 == 0 else whole,
        byline=tuple(chance.sample(_NAMES, chance.choice((0, 1, 1, 1, 2)))),
        editors=(chance.choice(_NAMES),),
        dateline="PYONGYANG" if at % 3 == 0 else None,
        page_text=page_text,
        removed=(Removed(len(body) + 2, "crosslink", "Baca juga: kabar lain"),),
        witnesses={"headline": Witness("json-ld", ("og",)), "body": Witness("selector")},
        body_from="generic" if at % 31 == 0 else "selector",
        partial=at % 67 == 0,
        tags=("Rusia", "Korea Utara"),
        verdict=Verdict(
            topic=TOPICS[0],
            on_topic=True,
            score=0.75,
            reason="both sides meet",
            evidence=(Evidence("Moskwa", "russia", "lead", "Moskwa"),),
        ),
    )


def _sentence(chance: random.Random) -> str:
    parts = (_SUBJECTS, _VERBS, _OBJECTS, _MORE)
    return " ".join(chance.choice(part) for part in parts) + f" nomor {chance.randint(1, 4000)}."
