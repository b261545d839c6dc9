"""The page object of WordPress sites knows the common themes, and flags what it reads without one."""

# ruff: noqa: E501 - markup and cases stay on one line each

import pytest

from crawler.pages.article import read_html
from crawler.pages.wordpress import WordPressPage
from tests.core.article_pages import URL, minute
from tests.core.layouts import HEADLINE, PARAGRAPHS, cards, page, paragraphs


def test_wordpress_pages_are_read_by_their_selectors() -> None:
    body = f"""<article class="post-1 post type-post tag-iklan"><h1 class="entry-title">{HEADLINE}</h1>
      <span class="author vcard"><a>Tara Wiratama</a></span><time class="entry-date published" datetime="2026-03-04T09:15:00+07:00">4 Maret 2026</time>
      <div class="td-post-content"><div class="code-block">Pasang iklan</div>{paragraphs()}
      <div class="page-links">Halaman: <a href="{URL}/2/">2</a></div><div class="yarpp">{cards()}</div></div></article>"""
    found = WordPressPage(
        page(
            body,
            og=HEADLINE,
            head='<meta property="article:published_time" content="2026-03-04T02:15:00+00:00">',
        ),
        URL + "/",
    )
    draft = found.read()
    assert draft.body_from == "selector"
    assert [block.text for block in draft.blocks] == list(PARAGRAPHS)
    assert draft.byline == ("Tara Wiratama",)
    assert minute(draft) == "2026-03-04 09:15"
    assert found.pager.parts == (f"{URL}/2/",)


@pytest.mark.parametrize("name", ["td-post-sub-title", "jeg_post_subtitle", "entry-sub-title"])
def test_a_subtitle_that_a_theme_prints_is_the_standfirst(name: str) -> None:
    subtitle = f"<p class='{name}'>Petambak menunggu hujan berhenti</p>"
    head = f"<header><h1 class='entry-title'>{HEADLINE}</h1>{subtitle}</header>"
    body = f"<div class='entry-content'>{paragraphs()}</div>"
    draft = read_html(page(head + body), URL, WordPressPage)
    assert draft.standfirst == "Petambak menunggu hujan berhenti"


def test_an_unknown_theme_is_read_all_the_same_and_flagged() -> None:
    draft = read_html(
        page(f"<div><h1>{HEADLINE}</h1><div class='tema-lain'>{paragraphs()}</div></div>"), URL, WordPressPage
    )
    assert draft.body_from == "generic"
    assert [block.text for block in draft.blocks] == list(PARAGRAPHS)
