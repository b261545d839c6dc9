"""What WordPress themes share: where they keep the body, and what their plugins put into it."""

from typing import ClassVar

from crawler.pages.article import ArticlePage, Selectors


class WordPressPage(ArticlePage):
    """Reads a post of any WordPress site; a site subclasses it only for what its theme does differently.

    Split posts continue at `/slug/2/`; the REST interface gives them undivided.
    """

    body_css: ClassVar[Selectors] = (
        ".entry-content-single",
        ".td-post-content",
        "#single-article-text",
        ".content-inner",
        ".entry-content",
        ".post-content",
        ".single-content",
        "[itemprop=articleBody]",
        "article .entry",
        ".entry",
    )
    drop_css: ClassVar[Selectors] = (
        "[class^=gmr-banner]",
        ".gmr-related-post",
        ".sharedaddy",
        ".jp-relatedposts",
        ".code-block",
        ".related-posts",
        ".td-related",
        ".td_block_related_posts",
        ".yarpp",
        ".author-box",
        ".post-tags",
        ".baca-juga",
        ".jnews_inline_related_post",
        ".jeg_post_tags",
        "#toc_container",
        ".ez-toc-container",
        ".page-links",
        ".post-page-numbers",
        ".page-link-wrap",
        ".wpcnt",
        ".addtoany_share_save_container",
        ".heateor_sss_sharing_container",
        "#respond",
        ".comment-respond",
        "ins",
    )
    standfirst_css: ClassVar[Selectors] = (
        ".td-post-sub-title",
        ".jeg_post_subtitle",
        ".entry-sub-title",
        ".entry-subtitle",
        ".post-subtitle",
    )
    published_css: ClassVar[Selectors] = (
        "time.entry-date",
        "time.published",
        ".posted-on time",
        ".tanggal-single",
        ".postdate",
    )
    byline_css: ClassVar[Selectors] = (
        ".author.vcard a",
        ".entry-author a",
        "a[rel=author]",
        ".jeg_meta_author a",
        ".nama-penulis",
    )
    tags_css: ClassVar[Selectors] = (
        ".tags-links a",
        ".td-tags a",
        ".jeg_post_tags a",
        ".tag-content a",
        "a[rel=tag]",
    )
