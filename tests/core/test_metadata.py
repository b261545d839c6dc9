"""Linked data and meta elements are read as outlets write them; what is broken is passed over."""

# ruff: noqa: E501 - markup and cases stay on one line each

import json

import pytest

from crawler.pages.linked import LinkedArticle, parse_scripts, read_article
from crawler.pages.metadata import Metadata
from crawler.pages.parse import parse_html

ARTICLE = {
    "@context": "https://schema.org",
    "@type": "NewsArticle",
    "headline": "Panen Garam Pulau Merbau Naik Dua Kali",
    "datePublished": "2026-02-03T04:05:06+07:00",
    "author": {"@type": "Person", "name": "Arum Wijayanti"},
    "editor": [{"name": "Bagus Santika"}, "Citra Ayuningtyas"],
    "keywords": ["garam", "Pulau Merbau", "garam"],
    "isAccessibleForFree": "False",
}


def article_in(*scripts: str, headline: str | None = None) -> LinkedArticle | None:
    return read_article(parse_scripts(scripts), headline)


def test_an_article_is_read_with_people_time_and_keywords() -> None:
    found = article_in(json.dumps(ARTICLE))
    assert found == LinkedArticle(
        types=frozenset({"NewsArticle"}),
        headline="Panen Garam Pulau Merbau Naik Dua Kali",
        published="2026-02-03T04:05:06+07:00",
        authors=("Arum Wijayanti",),
        editors=("Bagus Santika", "Citra Ayuningtyas"),
        keywords=("garam", "Pulau Merbau"),
        free=False,
    )


@pytest.mark.parametrize(
    "wrap",
    [
        lambda text: f"<!--\n{text}\n-->",
        lambda text: f"//<![CDATA[\n{text}\n//]]>",
        lambda text: f"/*<![CDATA[*/{text}/*]]>*/",
        lambda text: text.replace("}", ",}").replace("]", ",\n]"),
        lambda text: text.replace("Naik", "Naik\n\t"),
        lambda text: text + "\n" + json.dumps({"@type": "BreadcrumbList"}),
        lambda text: json.dumps({"@type": "WebSite"}) + text,
        lambda text: f"[{text}]",
        lambda text: f'{{"@context": "x", "@graph": [{{"@type": "Organization"}}, {text}]}}',
        lambda text: f'{{"@type": "WebPage", "mainEntity": {text}}}',
        lambda text: text.replace('"NewsArticle"', '["Thing", "http://schema.org/NewsArticle"]'),
        lambda text: text.replace(
            '"keywords"', '"x": NaN, "y": -Infinity, "z": ' + "9" * 5000 + ', "keywords"'
        ),
        lambda text: text.replace('"', "&quot;"),
        lambda text: text + ";",
    ],
)
def test_broken_and_nested_forms_are_read(wrap: object) -> None:
    assert callable(wrap)
    found = article_in(wrap(json.dumps(ARTICLE)))
    assert found is not None
    assert " ".join((found.headline or "").split()) == ARTICLE["headline"]
    assert found.authors == ("Arum Wijayanti",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        '"NewsArticle"',
        "[" * 100_000,
        '{"a":' * 100_000,
        json.dumps(ARTICLE)[:-40],
        '{"@type": "NewsArticle", "headline": "' + '\\"' * 200_000,
        "{" + ",   " * 200_000,
        json.dumps(ARTICLE | {"articleBody": "x" * 1_100_000}),
    ],
)
def test_what_cannot_be_read_is_no_witness(text: str) -> None:
    assert article_in(text) is None
    # … and does not stop the next one.
    assert article_in(text, json.dumps(ARTICLE)) is not None


def test_other_stories_in_linked_data_are_not_the_article() -> None:
    others = {"@type": "ItemList", "itemListElement": [ARTICLE | {"headline": "Berita Lain"}]}
    assert article_in(json.dumps(others)) is None
    assert (
        article_in(json.dumps([ARTICLE, ARTICLE | {"headline": "Yang Kedua"}])).headline
        == ARTICLE["headline"]
    )
    chosen = article_in(json.dumps([ARTICLE, ARTICLE | {"headline": "Yang Kedua"}]), headline="yang kedua")
    assert chosen.headline == "Yang Kedua"


def test_texts_lose_markup_entities_and_placeholders() -> None:
    found = article_in(
        json.dumps(
            ARTICLE
            | {
                "headline": "Garam &amp;quot;Merbau&amp;quot; Naik",
                "description": "undefined",
                "articleBody": "<p>Satu &amp; dua.</p><p>Tiga.</p>",
                "author": [{"name": "{{author}}"}, {"name": "null"}, "Dewi\ud800 Lestari"],
            }
        )
    )
    assert found.headline == 'Garam "Merbau" Naik'
    assert found.description is None
    assert found.body == "Satu & dua.\nTiga."
    assert found.authors == ("Dewi\ufffd Lestari",)


def metadata(head: str) -> Metadata:
    return Metadata(parse_html(f"<html><head>{head}</head><body><p>x</p></body></html>"))


def test_meta_elements_are_read_by_name_property_and_itemprop() -> None:
    found = metadata(
        '<title> Panen  Garam </title><meta name="Author" content="Arum Wijayanti"><meta property="og:title" content="">'
        '<meta property="og:title" content="Panen &amp; Garam"><meta itemprop="datePublished" content="2026-02-03">'
        '<meta name="description" content="undefined"><link rel="canonical" href="/berita/1">'
    )
    assert found.title == "Panen Garam"
    assert found.meta == {
        "author": "Arum Wijayanti",
        "og:title": "Panen & Garam",
        "datepublished": "2026-02-03",
    }
    assert found.canonical == "/berita/1"
    assert found.authors == (("author", ("Arum Wijayanti",)),)


def test_times_of_publication_are_found_under_many_names_and_no_others() -> None:
    found = metadata(
        '<meta property="article:modified_time" content="2026-02-09"><meta name="last_published_updated_date" content="2026-02-10"><meta name="createdate" content="2026/02/01">'
        '<meta name="dtk:publishdateunix" content="1770066306000"><meta name="dtk:publishdate" content="2026/02/03 04:05:06">'
        '<meta property="article:published_time" content="2026-02-03T04:05:06+07:00"><meta name="jpnncom_news_pubdate" content="2026">'
        '<meta name="content_PublishedDate" content="2026-02-03 04:05:06"><meta name="DC.date.issued" content="2026-02-03">'
    )
    assert [name for name, _ in found.published] == [
        "article:published_time",
        "dtk:publishdate",
        "jpnncom_news_pubdate",
        "content_publisheddate",
        "dc.date.issued",
    ]


def test_addresses_are_no_names() -> None:
    found = metadata(
        '<meta property="article:author" content="https://www.facebook.com/contoh"><meta name="author" content="contoh.com">'
        '<meta name="content_editor" content="Bagus Santika"><meta name="content_editor_id" content="a94da56d">'
    )
    assert found.authors == ()
    assert found.editors == (("content_editor", ("Bagus Santika",)),)
