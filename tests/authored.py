# ruff: noqa: E501 - markup keeps its lines
"""A small news site for the tests of the author's tools: not WordPress, with everything that a look can find.

`Cakrawala(...)` is a site of the news world (`World(sites=[…])`); its fields say how it behaves.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from urllib.parse import parse_qsl

from tests.newsworld.markup import esc
from tests.newsworld.messages import RSS, Request, Response, html, plain, redirect, xml
from tests.newsworld.outlets.feeds import rss_feed
from tests.newsworld.printed import WIB, clock, iso, long_date

BASE = "https://www.cakrawala.example"
NOW = datetime(2026, 3, 4, 5, 0, tzinfo=UTC)
_TOPICS = (
    ("Menteri Rusia Temui Utusan Korea Utara di Vladivostok", "rusia korut korea-utara"),
    ("Korut Kirim Pekerja Bangunan ke Rusia Timur", "rusia korut korea-utara"),
    ("Pyongyang dan Moskow Bahas Jalur Kereta Baru", "rusia pyongyang korea-utara"),
    ("Harga Cabai di Pasar Induk Turun Lagi Pekan Ini", "ekonomi indonesia"),
    ("Tim Bulu Tangkis Indonesia Menuju Babak Delapan Besar", "olahraga indonesia"),
    ("Hujan Lebat Diperkirakan Turun di Tujuh Provinsi Indonesia", "cuaca indonesia"),
)
_PROSE = (
    "Pertemuan itu berlangsung tertutup selama dua jam dan dihadiri pejabat kedua pihak.",
    "Juru bicara kementerian menyatakan pembicaraan akan dilanjutkan bulan depan di ibu kota.",
    "Pengamat menilai langkah tersebut mengikuti kesepakatan yang diteken tahun lalu oleh kedua pemimpin.",
    "Tidak ada keterangan rinci mengenai jumlah tenaga kerja yang akan diberangkatkan pada tahap awal.",
)


@dataclass(frozen=True)
class Story:
    """An article of the site."""

    number: int
    headline: str
    tags: tuple[str, ...]
    published_at: datetime

    @property
    def path(self) -> str:
        slug = "-".join(self.headline.lower().split())
        return f"/berita/{self.published_at:%Y/%m/%d}/{self.number}/{slug}"

    @property
    def url(self) -> str:
        return BASE + self.path

    @property
    def at(self) -> datetime:
        return self.published_at

    @property
    def key(self) -> str:
        return str(self.number)


@dataclass
class Cakrawala:
    """Harian Cakrawala, an invented daily: search, dated index, tags and feed, all of its own making."""

    search: Literal["honest", "ignores", "post", "script"] = "honest"
    robots: str = "User-agent: *\nDisallow: /masuk/\n"
    feed: bool = True
    archive: Literal["dated", "newest", "ignores"] = "dated"
    drawn: bool = False
    asked: list[str] = field(default_factory=list)

    hosts: Sequence[str] = ("cakrawala.example", "www.cakrawala.example")

    def __post_init__(self) -> None:
        """Write two stories of each headline's kind a day, for six days."""
        midnight = datetime(2026, 2, 27, tzinfo=WIB)
        self.stories = [
            Story(
                40_000 + at,
                f"{headline} {_ORDINALS[at // len(_TOPICS)]}",
                tuple(tags.split()),
                midnight + timedelta(hours=4 * at),
            )
            for at, (headline, tags) in enumerate(_TOPICS * 5)
        ][::-1]

    def answer(self, request: Request) -> Response:  # noqa: PLR0911 - one line for each address
        """Answer a request."""
        self.asked.append(request.target)
        path, query = request.path.rstrip("/"), request.query
        story = next((story for story in self.stories if story.path == path), None)
        day = _day(query.get("tanggal", ""))
        if request.host != "www.cakrawala.example":
            return redirect(f"{BASE}{request.target}")
        if request.path == "/robots.txt":
            return plain(self.robots)
        if story is not None:
            return html(self._article(story))
        if path == "/rss" and self.feed:
            return xml(rss_feed("Cakrawala", BASE, self.stories[:5]), content_type=RSS)  # type: ignore[arg-type]
        if path == "/cari":
            sent = dict(parse_qsl(request.body.decode())) if self.search == "post" else query
            return html(self._results(sent.get("q", ""), request.number("hal", 1)))
        if path == "/indeks" and self.archive == "newest":
            at = request.number("hal", 1) * 6
            pages = "".join(f'<a href="/indeks?hal={number}">{number}</a>' for number in (1, 2, 3))
            return html(self._page(_cards(self.stories[at - 6 : at]) + pages))
        if path == "/indeks":
            dated = day if self.archive == "dated" else None
            listed = (
                [story for story in self.stories if story.at.date() == dated] if dated else self.stories[:6]
            )
            return html(self._page(_CALENDAR + _cards(listed)))
        if path.startswith("/topik/"):
            tag = path.rpartition("/")[2]
            listed = [story for story in self.stories if tag in story.tags]
            return html(self._page(_cards(listed))) if listed else html("<h1>404</h1>", status=404)
        return html(self._page("" if self.drawn else _cards(self.stories[:8]))) if path == "" else _gone()

    def _results(self, words: str, page: int) -> str:
        if self.search == "script":
            return self._page('<div id="hasil"></div><script src="/app.js"></script>')
        found = [
            story
            for story in self.stories
            if self.search == "ignores" or words.lower() in story.headline.lower()
        ]
        shown = found[(page - 1) * 4 : page * 4]
        pages = "".join(f'<a href="/cari?q={words}&amp;hal={number}">{number}</a>' for number in (1, 2, 3))
        return self._page(f'<div class="hasil">{_cards(shown)}</div><div class="halaman">{pages}</div>')

    def _page(self, main: str, head: str = "") -> str:
        method = "post" if self.search == "post" else "get"
        popular = (
            ""
            if self.drawn
            else "".join(
                f'<li><a href="{story.path}">{esc(story.headline)}</a></li>' for story in self.stories[3:7]
            )
        )
        feed = f'<link rel="alternate" type="application/rss+xml" href="{BASE}/rss">' if self.feed else ""
        return f"""<!DOCTYPE html><html lang="id"><head><title>Cakrawala</title>{feed}{head}</head><body>
<nav class="menu"><a href="/">Beranda</a><a href="/indeks">Indeks</a><a href="/kanal/dunia">Dunia</a></nav>
<form class="cari-atas" action="/cari" method="{method}"><input type="text" name="q"><button>Cari</button></form>
<main>{main}</main><aside class="terpopuler"><ol>{popular}</ol></aside>
<footer><a href="/masuk/">Masuk</a></footer></body></html>"""

    def _article(self, story: Story) -> str:
        tags = "".join(f'<a href="/topik/{tag}">{tag}</a>' for tag in story.tags)
        text = "".join(
            f"<p>{sentence}</p>" for sentence in (f"VLADIVOSTOK - {story.headline} pada pekan ini.", *_PROSE)
        )
        head = f'<meta property="article:published_time" content="{iso(story.published_at)}"><link rel="amphtml" href="/amp{story.path}">'
        return self._page(
            f"""<article><h1 class="judul-utama">{esc(story.headline)}</h1><div class="penulis">Penulis: Ratna Wulandari</div>
<div class="tanggal-terbit">{long_date(story.published_at)} {clock(story.published_at)} WIB</div><div class="isi-berita post-{story.number}">{text}</div>
<div class="label-topik">{tags}</div></article>""",
            head,
        )


def _cards(stories: Sequence[Story]) -> str:
    return "".join(
        f"""<div class="kartu kartu-{story.number}"><a class="gambar" href="{story.path}"><img src="/g.jpg" alt=""></a>
<h2 class="kartu-judul"><a href="{story.path}">{esc(story.headline)}</a></h2>
<span class="kartu-waktu">{long_date(story.published_at)} {clock(story.published_at)} WIB</span></div>"""
        for story in stories
    )


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%d-%m-%Y").replace(tzinfo=UTC).date()
    except ValueError:
        return None


def _gone() -> Response:
    return html("<h1>404</h1>", status=404)


_CALENDAR = '<form class="kalender" action="/indeks"><input name="tanggal" value="04-03-2026"><button>Lihat</button></form>'
_ORDINALS = ("Kembali", "Lagi", "Hari Ini", "Besok", "Kemarin")
