"""The page object: declared order of witnesses, flagged fallback, refusals, hostile pages."""

# ruff: noqa: E501 - markup and cases stay on one line each

import asyncio
import re
from functools import cached_property

import pytest

from crawler.pages.article import ArticlePage, read_html
from crawler.pages.parse import NotAnArticle
from crawler.reasons import Reason
from crawler.text.clean import clean_draft
from crawler.text.normalise import fold
from tests.core.article_pages import PRINTED, URL, DeclaredPage, minute, story
from tests.core.layouts import (
    CAPTION,
    CREDIT,
    HEADLINE,
    OTHERS,
    PARAGRAPHS,
    STANDFIRST,
    cards,
    linked_data,
    page,
    paragraphs,
)


def test_declared_selectors_are_read() -> None:
    page = DeclaredPage(story(), URL)
    draft = page.read()
    assert draft.headline == HEADLINE
    assert draft.standfirst == STANDFIRST
    assert minute(draft) == "2026-03-04 09:15"
    assert (draft.byline, draft.editors, draft.source) == (
        ("Tara Wiratama",),
        ("Laksmi Paramita",),
        "Kabar Pesisir",
    )
    assert draft.tags == ("angin", "layang-layang")
    assert draft.body_from == "selector"
    assert [block.text for block in draft.blocks] == [f"{CAPTION} {CREDIT}", *PARAGRAPHS]
    assert draft.blocks[0].kind == "caption"
    assert [block.line for block in draft.blocks] == list(range(1, len(PARAGRAPHS) + 2))
    assert {removed.text for removed in draft.removed} == {"Baca ini juga", "Kuis"}
    assert PARAGRAPHS[3] in page.page_text
    assert {
        field: draft.witnesses[field].by for field in ("headline", "byline", "editors", "source", "body")
    } == {
        "headline": "selector",
        "byline": "selector",
        "editors": "selector",
        "source": "selector",
        "body": "selector",
    }


def test_a_caption_may_tell_the_day_of_the_picture() -> None:
    told = f"{CAPTION.rstrip('.')}, Senin (2/3/2026)."
    text = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    html = page(
        f"<h1>{HEADLINE}</h1><figure><img src=a><figcaption>{told} Foto/AFP</figcaption></figure><div class=isi>{text}</div>"
    )
    assert clean_draft(read_html(html, URL)).captions == (told,)


def test_to_item_is_read() -> None:
    assert asyncio.run(DeclaredPage(story(), URL).to_item()) == DeclaredPage(story(), URL).read()


def test_an_older_layout_is_the_second_candidate() -> None:
    draft = DeclaredPage(story(body="isi-lama"), URL).read()
    assert draft.body_from == "selector"
    assert [block.text for block in draft.blocks][1:] == list(PARAGRAPHS)


def test_a_renamed_container_falls_back_and_is_flagged() -> None:
    draft = DeclaredPage(story(body="isi-2027"), URL).read()
    assert draft.body_from == "generic"
    assert draft.witnesses["body"].by == "generic"
    assert set(PARAGRAPHS) <= {block.text for block in draft.blocks}


def test_a_container_with_next_to_nothing_falls_back_and_is_flagged() -> None:
    html = story(body="isi-2027").replace(
        '<div class="asal">', '<div class="isi-baru"><p>Memuat isi…</p></div><div class="asal">'
    )
    draft = DeclaredPage(html, URL).read()
    assert draft.body_from == "generic"
    assert set(PARAGRAPHS) <= {block.text for block in draft.blocks}


def test_a_short_story_stays_with_its_selector() -> None:
    html = page(f"<h1>{HEADLINE}</h1><div class='isi-baru'><p>{PARAGRAPHS[0]}</p></div><div>{cards()}</div>")
    draft = DeclaredPage(html, URL).read()
    assert draft.body_from == "selector"
    assert [block.text for block in draft.blocks if block.kind == "text"] == [PARAGRAPHS[0]]


def test_a_selector_that_hits_only_the_first_part_falls_back_and_is_flagged() -> None:
    parts = f"<div class='isi-baru'><p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}</p></div>{paragraphs()}"
    draft = DeclaredPage(page(f"<h1>{HEADLINE}</h1><div class='artikel'>{parts}</div>"), URL).read()
    assert draft.body_from == "generic"
    assert set(PARAGRAPHS) <= {block.text for block in draft.blocks}


def test_what_readers_write_below_a_short_story_is_no_more_of_it() -> None:
    story = f"<div class='isi-baru'><p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}</p></div>"
    said = f"<div class='komentar'>{paragraphs() * 2}</div>"
    draft = DeclaredPage(page(f"<h1>{HEADLINE}</h1>{story}{said}"), URL).read()
    assert draft.body_from == "selector"
    assert [block.text for block in draft.blocks if block.kind == "text"] == list(PARAGRAPHS[:2])


def test_containers_of_one_article_are_joined_and_those_of_the_next_left_out() -> None:
    def part(texts: tuple[str, ...]) -> str:
        return f"<div class='isi-baru'>{''.join(f'<p>{text}</p>' for text in texts)}</div>"

    first = f"<section><h1>{HEADLINE}</h1>{part(PARAGRAPHS[:3])}<hr>{part(PARAGRAPHS[3:])}</section>"
    following = f"<section><h1>{OTHERS[0]}</h1>{part(tuple(text.upper() for text in PARAGRAPHS))}</section>"
    draft = DeclaredPage(page(first + following), URL).read()
    assert [block.text for block in draft.blocks] == list(PARAGRAPHS)
    linked = following.replace("<h1>", "<h2><a href='/lain'>").replace("</h1>", "</a></h2>")
    for later in (linked, f"<div id='next-article'>{part(PARAGRAPHS)}</div>"):
        draft = DeclaredPage(page(first + later), URL).read()
        assert [block.text for block in draft.blocks] == list(PARAGRAPHS)


def test_a_body_that_only_linked_data_carries_is_read_and_flagged() -> None:
    carried = "".join(f"<p>{text}</p>" for text in PARAGRAPHS)
    for shown in ("<div id='app'>Memuat…</div>", f"<p>{PARAGRAPHS[0][:60]}…</p>"):
        html = page(f"<h1>{HEADLINE}</h1>{shown}", head=linked_data(articleBody=carried))
        draft = DeclaredPage(html, URL).read()
        assert [block.text for block in draft.blocks] == list(PARAGRAPHS)
        assert draft.body_from == "generic"
        assert draft.witnesses["body"].by == "json-ld"
    whole = story(head=linked_data(articleBody="Ringkasan. " * 200))
    assert DeclaredPage(whole, URL).read().witnesses["body"].by == "selector"


def led(opening: str) -> tuple[str | None, str]:
    body = paragraphs()
    html = page(f"<h1>{HEADLINE}</h1><div>{body.replace('<p>', f'<p>{opening}', 1)}</div>")
    draft = clean_draft(read_html(html, URL))
    return draft.dateline, draft.body[0]


def test_a_bold_place_before_a_comma_is_the_dateline() -> None:
    assert led("<b>Jakarta</b>, ") == ("Jakarta", PARAGRAPHS[0])


@pytest.mark.parametrize(
    "opening", ["<b>Jakarta</b>, ibu kota lama, lengang. ", "<b>Menara Tua</b>, ", "Jakarta, "]
)
def test_another_start_with_a_comma_belongs_to_the_sentence(opening: str) -> None:
    place, first = led(opening)
    assert place is None
    assert first == fold(re.sub(r"<[^>]*>", "", opening) + PARAGRAPHS[0])


# --- People


def test_an_editor_whom_metadata_calls_author_is_no_writer() -> None:
    html = story(head=linked_data(author={"name": "Laksmi Paramita"})).replace(
        '<div id="penulis">', "<div hidden>"
    )
    draft = read_html(html, URL)
    assert (draft.byline, draft.editors) == ((), ("Laksmi Paramita",))


@pytest.mark.parametrize("agency", ["", "ANTARA | "])
def test_a_name_in_capitals_at_the_end_is_the_byline(agency: str) -> None:
    signed = f"<p><strong>{agency}RANU BASWARA</strong></p>"
    draft = read_html(page(f"<h1>{HEADLINE}</h1><div>{paragraphs()}{signed}</div>"), URL)
    assert draft.byline == ("RANU BASWARA",)
    assert draft.witnesses["byline"].by == "signature"
    if not agency:
        assert [block.text for block in draft.blocks] == list(PARAGRAPHS)
        assert draft.removed[-1].rule == "markup:signature"


def test_a_heading_in_capitals_at_the_end_is_no_byline() -> None:
    html = page(f"<h1>{HEADLINE}</h1><div>{paragraphs()}<p><b>PENUTUP</b></p></div>")
    assert read_html(html, URL).byline == ()


@pytest.mark.parametrize(
    "name", ["Admin", "Redaksi", "Contoh Kabar", "contohkabar.id", "Tim Redaksi", "ContohKabar"]
)
def test_outlets_and_desks_are_no_byline(name: str) -> None:
    head = f'<meta property="og:site_name" content="Contoh Kabar"><meta name="author" content="{name}">'
    assert read_html(story(head=head, byline=name), URL).byline == ()


CARD = """<div class="post-card"><div class="card-author-info"><span>Politik</span></div>
<h3><a href="/lain">Politik anggaran memanas lagi menjelang sidang</a></h3></div>"""
AUTHOR_BOX = '<div class="author-box"><h4 class="author-name"><a href="/tara">Tara Wiratama</a></h4></div>'


@pytest.mark.parametrize(
    ("below", "names"), [(f"<div>{CARD * 3}</div>", ()), (AUTHOR_BOX, ("Tara Wiratama",))]
)
def test_what_a_card_of_another_story_names_is_no_byline(below: str, names: tuple[str, ...]) -> None:
    unsigned = story(more=below).replace('<div id="penulis">Penulis: <a>Tara Wiratama</a></div>', "")
    assert ArticlePage(unsigned, URL).byline == names


def test_an_outlet_overrides_one_field() -> None:
    class InitialsPage(DeclaredPage):
        @cached_property
        def byline(self) -> tuple[str, ...]:
            return tuple(name.upper() for name in super().byline)

    assert InitialsPage(story(), URL).read().byline == ("TARA WIRATAMA",)


# --- Headlines and addresses


def test_a_headline_repeated_as_a_link_is_not_the_printed_one() -> None:
    carousel = f'<ul><li><div class="judul-kecil"><a href="/x">{HEADLINE}</a></div><div>1 Januari 2020 08:00</div></li></ul>'
    html = page(
        f'{carousel}<div><div class="judul-besar">{HEADLINE}</div><i>{PRINTED}</i><div>{paragraphs()}</div></div>',
        og=HEADLINE,
    )
    assert minute(read_html(html, URL)) == "2026-03-04 09:15"


def test_headline_and_header_inside_the_body_container_are_no_body() -> None:
    html = page(f"<article><h1>{HEADLINE}</h1><p>{PRINTED}</p>{paragraphs()}</article>", og=HEADLINE)
    draft = read_html(html, URL)
    assert HEADLINE not in {block.text for block in draft.blocks}
    assert ("markup:before-headline", HEADLINE) in {(removed.rule, removed.text) for removed in draft.removed}
    assert minute(draft) == "2026-03-04 09:15"


def test_a_channel_name_in_the_heading_is_not_the_headline() -> None:
    html = page(f"<h1>Regional</h1><h2>{HEADLINE}</h2>{paragraphs()}", og=f"{HEADLINE} | Contoh Kabar")
    assert read_html(html, URL).headline == HEADLINE


def test_an_empty_heading_leaves_the_title_without_the_outlet() -> None:
    html = page(
        f"<h1></h1>{paragraphs()}",
        title=f"{HEADLINE} | Daerah | Contoh Kabar",
        og=f"{HEADLINE} |ContohKabar Online",
    )
    draft = read_html(html, URL)
    assert draft.headline == HEADLINE
    assert draft.witnesses["headline"].by == "og:title"


@pytest.mark.parametrize("placeholder", ["{{ article.title }}", "undefined", "[object Object]"])
def test_placeholders_are_no_headline(placeholder: str) -> None:
    html = page(f"<h1>{placeholder}</h1>{paragraphs()}", og=HEADLINE)
    assert read_html(html, URL).headline == HEADLINE
    assert read_html(page(f"<h1>{placeholder}</h1>{paragraphs()}", title="undefined"), URL).headline is None


def test_a_cut_headline_in_linked_data_does_not_shorten_the_printed_one() -> None:
    html = page(
        f"<h1>{HEADLINE}</h1>{paragraphs()}", title="Contoh", head=linked_data(headline=HEADLINE[:40] + "...")
    )
    assert read_html(html, URL).headline == HEADLINE


def test_the_printed_headline_wins_over_other_words_in_metadata() -> None:
    html = page(f"<h1>{HEADLINE}</h1>{paragraphs()}", title=OTHERS[1], og=OTHERS[1])
    draft = read_html(html, URL)
    assert draft.headline == HEADLINE
    assert draft.witnesses["headline"].differ["og:title"] == OTHERS[1]


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        (
            "https://www.contohkabar.id/daerah/lain-nama?utm_source=x#atas",
            "https://www.contohkabar.id/daerah/lain-nama",
        ),
        ("//m.contohkabar.id/daerah/lain-nama", "https://m.contohkabar.id/daerah/lain-nama"),
        ("/daerah/lain-nama?page=2", "https://www.contohkabar.id/daerah/lain-nama"),
        ("https://www.contohkabar.id/", URL),
        ("https://situslain.com/daerah/lain-nama", URL),
        ("javascript:void(0)", URL),
        ("http://[", URL),
        ("", URL),
    ],
)
def test_a_canonical_address_is_taken_if_it_can_be_this_pages(href: str, expected: str) -> None:
    html = page(f"<h1>{HEADLINE}</h1>{paragraphs()}", head=f'<link rel="canonical" href="{href}">')
    assert read_html(html, URL).canonical_url == expected


# --- Split articles


def test_the_parts_of_a_split_article_are_named() -> None:
    links = '<div class="paging"><a href="?page=2">2</a><a href="?page=3">3</a><a href="?page=all">Semua</a></div>'
    found = DeclaredPage(story(more=links), URL).pager
    assert found.is_split
    assert found.parts == (f"{URL}?page=2", f"{URL}?page=3")
    assert not DeclaredPage(story(), URL).pager.is_split


# --- Refusals


class StrictPage(ArticlePage):
    refuse_paths = (r"^/(?:foto|video)/",)
    refuse_css = "#galeri"


def listed(form: str) -> str:
    titles = ("Panen Garam Mulai Lagi", "Harga Ikan Teri Turun", "Dermaga Kayu Selesai Dicat")
    return "".join(f"<li>{form.format(at, title)}</li>" for at, title in enumerate(titles))


@pytest.mark.parametrize(
    ("html", "url", "reason", "detail"),
    [
        (story(), "https://www.contohkabar.id/foto/1", Reason.NOT_ARTICLE, "address"),
        (story(more="<div id=galeri></div>"), URL, Reason.NOT_ARTICLE, "#galeri"),
        (page(f"<h1>{HEADLINE}</h1><p>{CAPTION} di tepi.</p>", head=linked_data(**{"@type": "ImageGallery"})), URL, Reason.NOT_ARTICLE, "gallery"),
        (page(f"<h1>{HEADLINE}</h1><p>{CAPTION} di tepi.</p>", head=linked_data(**{"@type": "VideoObject"})), URL, Reason.NOT_ARTICLE, "video"),
        (page("<h1>Indeks Berita</h1><ul><li><a href=/1>Satu</a></li></ul>"), URL, Reason.EMPTY, "prose"),
        (page(listed("<h1><a href=/{0}>{1}</a></h1>")), URL, Reason.NOT_ARTICLE, "list"),
        (page("<h1>Indeks</h1>" + listed("<a href=/{0}><h3>{1}</h3></a><p>3 jam lalu</p>")), URL, Reason.NOT_ARTICLE, "list"),
        (page(listed("<a href=/{0}>{1}</a>"), head='<link rel="canonical" href="https://www.contohkabar.id/">'), URL, Reason.NOT_ARTICLE, "front"),
        (page(f"<h1>{HEADLINE}</h1>" + listed("<h3><a href=/{0}>{1}</a></h3>"), head='<meta property="og:type" content="article">'), URL, Reason.EMPTY, "prose"),
        ("<title>Just a moment...</title><p>Checking your browser</p>", URL, Reason.CHALLENGE, ""),
        ("<title>404 Not Found</title><h1>Halaman tidak ditemukan</h1>", URL, Reason.NOT_FOUND, ""),
        ("", URL, Reason.EMPTY, ""),
    ],
)  # fmt: skip
def test_what_is_no_article_is_refused_with_a_reason(
    html: str, url: str, reason: Reason, detail: str
) -> None:
    with pytest.raises(NotAnArticle) as refusal:
        read_html(html, url, StrictPage)
    assert refusal.value.reason is reason
    assert detail in refusal.value.detail
    assert "\n" not in str(refusal.value)


def test_a_short_story_above_a_list_is_an_article() -> None:
    html = page(
        f"<h1>{HEADLINE}</h1><div class='isi'><p>{PARAGRAPHS[0]}</p></div><ul>{listed('<h3><a href=/{0}>{1}</a></h3>')}</ul>"
    )
    assert read_html(html, URL).blocks[0].text == PARAGRAPHS[0]


def test_an_article_with_a_video_is_an_article() -> None:
    head = linked_data() + linked_data(**{"@type": "VideoObject"})
    html = page(f"<h1>{HEADLINE}</h1><p>{PARAGRAPHS[0]}</p>", head=head)
    assert read_html(html, URL).headline == HEADLINE


# --- Hostile pages


@pytest.mark.parametrize(
    "more",
    [
        "<h1>" + "judul " * 200_000 + "</h1>",
        '<meta name="author" content="' + "Nama, " * 100_000 + '">',
        "<div class=author>" + "Tara Wiratama, " * 50_000 + "</div>",
        "<time>" + "?" * 100_000 + "x</time>",
        "<p>" + "baris<br>" * 50_000 + "</p>",
        "<div class='caption'>" + "(" * 100_000 + "</div>",
        "<!--" * 50_000,
        "<span>" * 3_000 + "dalam",
        '<a href="?page=' + "9" * 5_000 + '">x</a>',
        f'<a href="{URL}?page=٣">x</a>',
        "<a href='http://[x]/'>x</a>" * 2_000,
        "Penulis: " * 20_000,
        "\x00\ud800\u202e",
    ],
)
def test_hostile_content_costs_little_and_changes_nothing(more: str) -> None:
    html = story(more=more)
    draft = clean_draft(read_html(html, URL))
    assert draft.headline == HEADLINE
    assert set(PARAGRAPHS) <= {re.sub(r"\s+", " ", text) for text in draft.body}
    assert len(draft.tags) <= 100


def test_fields_are_capped() -> None:
    html = page(
        f"<h1>{HEADLINE} {'panjang ' * 50_000}</h1>{paragraphs()}",
        title="x" * 100_000,
        head='<meta name="keywords" content="' + "a,b," * 100_000 + '">',
    )
    draft = read_html(html, URL)
    assert len(draft.headline or "") <= 1_000
    assert len(draft.tags) <= 100
    assert "\x00" not in str(read_html(story(time="\x00"), URL))
