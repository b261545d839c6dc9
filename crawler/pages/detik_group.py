"""The page class of the outlets on Detik's publishing system: Detik, CNN Indonesia, CNBC Indonesia.

Their templates differ and are redrawn every few years; what editors and advertising put into a body has kept
its names: `linksisip`, `lihatjg`, `paradetail`, `sisip_…`, `[Gambas:Video …]`.
"""

from typing import ClassVar

from crawler.pages.article import ArticlePage, Selectors


class DetikGroupPage(ArticlePage):
    """An article of the group, in the layouts since 2015."""

    body_css = (
        "div.detail__body-text",  # Detik since 2020
        "div.detail-text",  # CNN Indonesia and CNBC Indonesia since 2022
        "div.detail_text",  # all three, until then
        "div.text_detail",
        "div.itp_bodycontent",
        "div.detail__body",
        "div.read__content",
        "div.text_gal",  # what a gallery says above its pictures
        "#detikdetailtext",
    )
    drop_css = (
        # links to other stories, pictures of videos with their titles
        "table.linksisip, .lihatjg, .topiksisip, .linkbaca, [class^=sisip_], [class^=link_sisip]",
        "a.embed, #aevp, .aevp, #aevp_title, .noncontent",
        # adverts and their labels
        ".parallaxindetail, .paradetail, .para_caption, .staticdetail_container, [class*=ads-scrollpage]",
        "[id^=div-gpt-ad], .advertorial_tag",
        # what closes an article
        ".detail__body-tag, .detail_tag, .newstag, .newstag2, .end-of-article, a.border, .detail__multiple",
        ".list-topik-terkait, .detail__anchor, .detail__long-nav, .paging",
    )
    tags_css: ClassVar[Selectors] = (".detail__body-tag a", ".detail_tag a", ".list-topik-terkait a")
