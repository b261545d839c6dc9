# ruff: noqa: E501 - markup keeps its lines
"""What `scrapy record` keeps of a page: little, read exactly as the whole page, and no word of the publisher's."""

import re
from typing import Any

import pytest
from scrapy.settings import Settings

from crawler.authoring import recording
from crawler.authoring.anonymising import Anonymous
from crawler.authoring.goldens import read_page
from crawler.authoring.invented import Inventor
from crawler.authoring.trimming import MAX_BYTES, TooLargeError, trimmed
from crawler.cli.spiders import load_spiders
from crawler.config import Config
from crawler.discovery.base import ArticleSpider
from crawler.discovery.listing import AWAITS
from crawler.pages.article import ArticlePage
from crawler.text.relevance import judge, load_topic
from tests.recorded import Recorded, recorded_pages

URL = "https://www.cakrawala.example/berita/2026/03/02/41/utusan-rusia-tiba-di-pyongyang-membawa-surat"
TOPIC = load_topic("russia-north-korea")
PAGES = [
    page for page in recorded_pages() if page.outlet in {"kontan", "republika", "mercinews", "wordpress"}
]
ARTICLES = [page for page in PAGES if not page.refused]
NAMED = {word for term in TOPIC.terms for word in re.findall(r"[a-z]+", term.lower())}
RUN = 9  # so many words in a row are somebody's

articles = pytest.mark.parametrize("recorded", ARTICLES, ids=lambda page: page.name)


class Spider:
    """Stands for an outlet with the page class given."""

    def __init__(self, page_class: type[ArticlePage]) -> None:
        self.page_class = page_class


def page_class_of(recorded: Recorded) -> type[ArticlePage]:
    return load_spiders()[recorded.outlet].page_class


def fixture_of(
    html: str, page_class: type[ArticlePage] = ArticlePage, url: str = URL, *, anonymise: bool
) -> recording.Fixture:
    return recording.article_fixture(Spider(page_class), html, url, TOPIC, anonymise=anonymise)  # type: ignore[arg-type]


def anonymous(recorded: Recorded) -> recording.Fixture:
    return fixture_of(recorded.html, page_class_of(recorded), recorded.golden["url"], anonymise=True)


def skeleton(value: Any) -> Any:
    """Return a text with each letter replaced by one of its case: what is left is its shape."""
    if isinstance(value, list):
        return [skeleton(each) for each in value]
    return (
        re.sub(r"[^\W\d_]", lambda found: "X" if found[0].isupper() else "x", value)
        if isinstance(value, str)
        else value
    )


def runs(text: str) -> set[tuple[str, ...]]:
    """Return all rows of words of a text that are somebody's, the topic's names left out."""
    words = [word for word in re.findall(r"[a-z]+", text.lower()) if word not in NAMED]
    return {tuple(words[at : at + RUN]) for at in range(len(words) - RUN + 1)}


# --- Invented words


@articles
def test_an_anonymous_page_has_the_shape_of_the_first_and_none_of_its_sentences(recorded: Recorded) -> None:
    golden, fixture = recorded.golden, anonymous(recorded)
    assert fixture.remarks == ()
    for field in ("headline", "standfirst", "byline", "editors", "body", "captions"):
        assert skeleton(fixture.golden[field]) == skeleton(golden[field]), field
    for field in ("dateline", "source", "body_from"):
        assert fixture.golden[field] == golden[field]
    assert fixture.golden["headline"] != golden["headline"]
    assert not {*fixture.golden["byline"], *fixture.golden["editors"]} & {
        *golden["byline"],
        *golden["editors"],
    }
    shown = re.sub(r"<[^>]*>", " ", fixture.html)
    assert not runs(" ".join([*golden["body"], *golden["captions"]])) & runs(shown)


@articles
def test_names_and_headline_are_gone_from_the_whole_page(recorded: Recorded) -> None:
    golden, fixture = recorded.golden, anonymous(recorded)
    for text in (
        golden["headline"],
        golden["standfirst"],
        *golden["byline"],
        *golden["editors"],
        *golden["captions"],
    ):
        assert text is None or text not in fixture.html
    old = golden["url"].rstrip("/").rpartition("/")[2]
    assert old not in fixture.html or old.startswith("?")  # a number is nobody's text
    assert (fixture.golden["url"] == golden["url"]) is old.startswith("?")


def test_an_anonymous_page_stays_on_its_topic_and_off_it() -> None:
    for recorded in ARTICLES:
        golden, made = recorded.golden, anonymous(recorded).golden
        was = judge(TOPIC, golden["headline"], golden["body"], golden["standfirst"]).on_topic
        assert judge(TOPIC, made["headline"], made["body"], made["standfirst"]).on_topic is was, recorded.name


def test_a_word_is_always_replaced_by_the_same_one_in_its_own_case() -> None:
    inventor = Inventor(["Rusia"], ["Adi Nugraha"])
    one, other = (
        inventor.text("Gerbong itu dikirim, GERBONG-gerbong lain; Rusia.").split(" itu ")[0],
        inventor.text("gerbong"),
    )
    assert one.lower() == other != "gerbong"
    assert inventor.text("GERBONG") == other.upper()
    assert inventor.text("Baca juga: dari Jakarta, Senin (2/3/2026) 08.15 WIB, kata Rusia (ant/dwi)") == (
        "Baca juga: dari Jakarta, Senin (2/3/2026) 08.15 WIB, kata Rusia (ant/dwi)"
    )
    assert "Adi" not in inventor.text("Adi Nugraha")


def test_what_reads_otherwise_is_named() -> None:
    read = read_page(ArticlePage, story(), URL)
    rewriting = Anonymous(read, URL, TOPIC)
    assert rewriting.differences(rewriting.rewrite()) == []
    other = read_page(ArticlePage, story().replace("Senin (2/3)", "Selasa (3/3)"), URL)
    assert rewriting.differences(other) == ["headline", "byline", "body"]


# --- Small pages


def story(around: str = "", *, paragraphs: int = 6) -> str:
    text = "".join(
        f"<p>Pada bagian {number} surat itu disebut bahwa kedua pihak menunda pengiriman sampai Senin (2/3) pagi.</p>"
        for number in range(paragraphs)
    )
    return f"""<html><head><title>Utusan Rusia Tiba di Pyongyang Membawa Surat</title>
<meta property="og:title" content="Utusan Rusia Tiba di Pyongyang Membawa Surat">
<script type="application/ld+json">{{"@type":"NewsArticle","headline":"Utusan Rusia Tiba di Pyongyang Membawa Surat",
"datePublished":"2026-03-02T08:15:00+07:00","author":{{"@type":"Person","name":"Ratna Wulandari"}}}}</script></head><body>
{around}<h1>Utusan Rusia Tiba di Pyongyang Membawa Surat</h1><div class="isi">{text}</div></body></html>"""


CROWD = (
    "<style>" + "p{margin:0}" * 3_000 + "</style><script>" + "var a=1;" * 5_000 + "</script><!-- catatan -->"
    "<nav>" + "".join(f"<ul><li><a href='/k/{at}'>Kanal {at}</a></li></ul>" for at in range(300)) + "</nav>"
    "<ul class='lain'>"
    + "".join(f"<li><a href='/berita/{at}'>Berita lain nomor {at}</a></li>" for at in range(300))
    + "</ul>"
)


def test_what_no_reader_looks_at_goes_and_the_page_reads_the_same() -> None:
    whole = story(CROWD)
    read = trimmed(ArticlePage, whole, URL)
    kept = read.page.html
    assert len(kept.encode()) <= MAX_BYTES < len(whole)
    assert kept.count("Berita lain nomor") <= 3
    assert "ld+json" in kept
    for gone in ("<style", "var a=1", "catatan", "\n\n"):
        assert gone not in kept
    assert read.golden == read_page(ArticlePage, whole, URL).golden
    assert read.golden["byline"] == ["Ratna Wulandari"]


def test_what_the_reading_rests_on_stays_whatever_it_looks_like() -> None:
    pages = "".join(f"<li><a href='?page={number}'>{number}</a></li>" for number in range(2, 8))
    credit = f"<div class='kredit'>{'<i></i>' * 40}Penulis: Sekar Arum</div>"
    whole = story(CROWD).replace("</body>", f"<ul class='paging'>{pages}</ul></body>")
    whole = whole.replace('<div class="isi">', f'{credit}<div class="isi">')
    read = trimmed(ArticlePage, whole, URL)
    assert read.golden["parts"] == [f"{URL}?page={number}" for number in range(2, 8)]
    assert read.golden["byline"] == ["Sekar Arum"]


def test_a_page_full_of_what_is_no_list_becomes_small_as_well() -> None:
    boxes = "".join(f"<div><div><b>Kotak</b> {'x ' * 240}</div></div>" for _ in range(60))
    credit = f"<div class='kredit'>{'<i></i>' * 100}Penulis: Sekar Arum</div>"
    whole = story(boxes).replace('<div class="isi">', f'{credit}<div class="isi">')
    read = trimmed(ArticlePage, whole, URL)
    assert len(read.page.html.encode()) <= MAX_BYTES < len(whole)
    assert read.golden == read_page(ArticlePage, whole, URL).golden
    assert read.golden["byline"] == ["Sekar Arum"]


def test_an_article_that_stays_too_long_is_refused_with_what_to_do() -> None:
    with pytest.raises(TooLargeError, match="take a shorter page"):
        trimmed(ArticlePage, story(paragraphs=300), URL)


def test_linked_data_cannot_end_its_script() -> None:
    hostile = story().replace("Ratna Wulandari", "Ratna <\\/script><b>Wulandari")
    for anonymise in (False, True):
        kept = fixture_of(hostile, anonymise=anonymise).html
        assert kept.count("</script>") == kept.count("<script")


# --- What may be recorded


def test_a_golden_is_marked_until_a_person_has_read_it() -> None:
    fixture = fixture_of(story(), anonymise=False)
    assert list(fixture.golden)[:2] == ["url", "unreviewed"]
    assert any("publisher's" in remark for remark in fixture.remarks)
    assert any("declare body_css" in remark for remark in fixture.remarks)


def test_a_page_is_recorded_only_as_what_it_is() -> None:
    outlet: Any = Spider(ArticlePage)
    with pytest.raises(recording.NotRecordedError, match="is read as an article"):
        recording.refused_fixture(outlet, story(), URL)
    empty = "<html><head><title>404</title></head><body><h1>Halaman tidak ditemukan</h1></body></html>"
    with pytest.raises(recording.NotRecordedError, match="--refused records such a page"):
        fixture_of(empty, anonymise=False)
    assert recording.refused_fixture(outlet, empty, URL).golden["refused"]


def test_a_page_is_fetched_as_the_outlet_s_articles_are() -> None:
    class Drawn(ArticleSpider):
        name = "drawn"
        allowed_domains = ["cakrawala.example"]
        render = True
        article_awaits = ".isi"
        browser_shaped = True

    recorder = recording.recorder_of(Drawn)
    settings = Settings({"CONFIG": Config(), "DOWNLOAD_DELAY": 1.0})
    recorder.update_settings(settings)
    assert "Chrome/" in settings["USER_AGENT"]
    assert vars(recorder)["render"] is True
    assert recorder(URL).request().meta[AWAITS] == ".isi"
    assert recorder(URL).allowed_domains == ["cakrawala.example"]
    plain = recording.recorder_of(load_spiders()["kontan"])
    assert AWAITS not in plain(URL).request().meta
