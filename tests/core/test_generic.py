"""The body is found on pages of which nothing is declared, in the markup of many outlets and after mutations."""

# ruff: noqa: E501 - markup and cases stay on one line each

import re

import pytest

from crawler.pages.article import ArticlePage, read_html
from crawler.pages.generic import find_body
from crawler.pages.parse import parse_html
from crawler.text.clean import clean_draft
from tests.core.layouts import HEADLINE, LAYOUTS, OTHERS, PARAGRAPHS, cards, page, paragraphs

NAMES = [make.__name__ for make in LAYOUTS]


@pytest.fixture(params=LAYOUTS, ids=NAMES)
def layout(request: pytest.FixtureRequest) -> object:
    return request.param()


def kept(texts: object) -> list[int]:
    """Return which paragraphs of the prose are in some texts, in their order there."""
    assert isinstance(texts, list | tuple)
    return [at for text in texts for at, paragraph in enumerate(PARAGRAPHS) if paragraph in text]


def test_every_paragraph_is_read_once_and_in_order(layout) -> None:
    draft = read_html(layout.html, layout.url)
    assert kept([block.text for block in draft.blocks]) == list(range(len(PARAGRAPHS)))
    assert draft.body_from == "generic"


def test_after_cleaning_the_body_is_the_prose(layout) -> None:
    body = clean_draft(read_html(layout.html, layout.url)).body
    assert kept(body) == list(range(len(PARAGRAPHS)))
    for other in OTHERS:
        assert not any(other in text for text in body)


def test_headline_time_and_people_are_found(layout) -> None:
    draft = clean_draft(read_html(layout.html, layout.url))
    assert draft.headline == HEADLINE
    assert draft.published_at is not None
    assert draft.published_at.at.astimezone(ArticlePage.zone).strftime("%Y-%m-%dT%H:%M") == layout.published
    assert (draft.byline, draft.editors, draft.source) == (layout.byline, layout.editors, layout.source)
    assert draft.standfirst == layout.standfirst


def test_nothing_rests_on_the_address(layout) -> None:
    draft = read_html(layout.html, None)
    assert draft.headline == HEADLINE
    assert kept([block.text for block in draft.blocks]) == list(range(len(PARAGRAPHS)))


RENAMED = {
    "no names": lambda html: re.sub(r'\s(?:class|id|itemprop)="[^"]*"', "", html),
    "paragraphs as div": lambda html: re.sub(r"<(/?)p\b", r"<\1div", html),
    "headings as div": lambda html: re.sub(r"<(/?)h\d\b", r"<\1div", html),
    "no metadata": lambda html: re.sub(r"(?s)<meta[^>]*>|<script type=\"application.*?</script>", "", html),
    "upper case": lambda html: re.sub(r"<(/?)(div|p|span|article)\b", lambda tag: tag[0].upper(), html),
}


@pytest.mark.parametrize("mutation", RENAMED)
def test_the_prose_survives_a_change_of_layout(layout, mutation: str) -> None:
    draft = read_html(RENAMED[mutation](layout.html), layout.url)
    assert kept([block.text for block in draft.blocks]) == list(range(len(PARAGRAPHS)))


def body_text(html: str, headline: str = "h1") -> str:
    tree = parse_html(html)
    node = find_body(tree, tree.css_first(headline))
    return node.text() if node is not None else ""


def test_a_longer_glossary_in_the_sidebar_is_not_the_body() -> None:
    entries = "".join(
        f"<li><h4>Istilah {at}</h4><p>{text} {text} {text}</p></li>" for at, text in enumerate(PARAGRAPHS * 3)
    )
    found = body_text(
        page(
            f"<div class=kiri><h1>{HEADLINE}</h1><div class=x1>{paragraphs()}</div></div><div class=kanan><ul>{entries}</ul></div>"
        )
    )
    assert PARAGRAPHS[0] in found
    assert "Istilah" not in found


def test_comments_longer_than_the_story_are_not_the_body() -> None:
    comments = "".join(f"<p>{text} {text}</p>" for text in PARAGRAPHS * 2)
    found = body_text(
        page(
            f"<main><h1>{HEADLINE}</h1><div class=x1>{paragraphs()}</div><div id=comments>{comments}</div></main>"
        )
    )
    assert found.count(PARAGRAPHS[0]) == 1


def test_the_first_of_several_articles_on_one_page_is_read() -> None:
    second = "".join(f"<p>{text.upper()}</p>" for text in PARAGRAPHS)
    parts = [
        f'<div id="article-detail-{at}"><article class="css-1"><h1>{title}</h1><div class="css-2">{text}</div></article></div>'
        for at, (title, text) in enumerate([(HEADLINE, paragraphs()), (OTHERS[0], second)], 1)
    ]
    html = page(f"<main>{''.join(parts)}</main>", og=HEADLINE)
    draft = read_html(html, "https://contoh.id/a/1")
    assert draft.headline == HEADLINE
    assert kept([block.text for block in draft.blocks]) == list(range(len(PARAGRAPHS)))
    assert not any(text.upper() == text for text in (block.text for block in draft.blocks))
    swapped = page(f"<main>{''.join(reversed(parts))}</main>", og=HEADLINE)
    assert kept([block.text for block in read_html(swapped).blocks]) == list(range(len(PARAGRAPHS)))


def test_articles_of_one_layout_are_not_joined_without_a_headline_either() -> None:
    second = "".join(f"<p>{text.upper()}</p>" for text in PARAGRAPHS)
    for tag in ("h1", "h2"):
        both = "".join(
            f'<div class="artikel"><{tag}>{title}</{tag}><div class="isi">{text}</div></div>'
            for title, text in ((HEADLINE, paragraphs()), (OTHERS[0], second))
        )
        tree = parse_html(page(f"<main>{both}</main>"))
        found = find_body(tree, tree.css_first(tag))
        assert found is not None
        assert PARAGRAPHS[0] in found.text()
        assert PARAGRAPHS[0].upper() not in found.text()
    tree = parse_html(page(f"<main>{both.replace('h2>', 'h1>')}</main>"))
    found = find_body(tree)
    assert found is not None
    assert (PARAGRAPHS[0] in found.text()) != (PARAGRAPHS[0].upper() in found.text())


def test_parts_of_a_paged_article_in_one_document_are_joined() -> None:
    parts = "".join(
        f'<div class="part" id="halaman-{at}"><h2>Bagian {at}</h2><p>{one}</p><p>{two}</p></div>'
        for at, (one, two) in enumerate(zip(PARAGRAPHS[::2], PARAGRAPHS[1::2], strict=True), 1)
    )
    draft = read_html(page(f"<div><h1>{HEADLINE}</h1><div class=isi>{parts}</div></div><div>{cards()}</div>"))
    assert kept([block.text for block in draft.blocks]) == list(range(len(PARAGRAPHS)))
    assert [block.text for block in draft.blocks if block.kind == "heading"] == [
        "Bagian 1",
        "Bagian 2",
        "Bagian 3",
    ]


def test_a_whole_page_inside_a_form_or_a_badly_named_wrapper_is_read() -> None:
    for start, end in (
        ("<form action=/>", "</form>"),
        ('<div class="layout__ads share">', "</div>"),
        ("<aside>", "</aside>"),
    ):
        html = page(f"{start}<div><h1>{HEADLINE}</h1><div>{paragraphs()}</div></div>{end}")
        assert PARAGRAPHS[-1] in body_text(html)


def test_paragraphs_directly_in_the_body_element_are_joined() -> None:
    draft = read_html(page(f"<h1>{HEADLINE}</h1>{paragraphs()}<div>{cards()}</div>"))
    assert kept([block.text for block in draft.blocks]) == list(range(len(PARAGRAPHS)))


def test_pages_without_prose_have_no_body() -> None:
    assert find_body(parse_html("<p>Beranda</p><ul><li>Dunia</li></ul>")) is None
    assert find_body(parse_html(f"<div><a href=/1>{PARAGRAPHS[0]}</a></div>")) is None
