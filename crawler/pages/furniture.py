"""What the markup itself says is no article text: tags, hidden elements, class and id names by family.

A family is the name under which a dropped subtree is recorded (`markup:share`, `markup:related`, …). The
words are general: English and Indonesian names that themes, widgets and in-house layouts give to these boxes.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from crawler.pages.wordlist import wordlist

# Tags whose content is never text of the article.
SILENT_TAGS = wordlist("script style template link meta base head title noscript svg math canvas")
DROPPED_TAGS: Mapping[str, str] = {
    "iframe": "embed",
    "object": "embed",
    "embed": "embed",
    "video": "embed",
    "audio": "embed",
    "amp-ad": "advert",
    "amp-embed": "embed",
    "amp-iframe": "embed",
    "form": "form",
    "button": "form",
    "select": "form",
    "textarea": "form",
    "input": "form",
    "dialog": "form",
    "nav": "navigation",
    "menu": "navigation",
    "footer": "footer",
    "aside": "aside",
}


def _pattern(whole: str, stems: str = "") -> re.Pattern[str]:
    """Return what finds *whole* words, or *stems* inside longer ones; `_` stands for a blank."""
    alternatives = [f" (?:{'|'.join(re.escape(word).replace('_', ' ') for word in whole.split())}) "]
    alternatives += [re.escape(stem).replace("_", " ") for stem in stems.split()]
    return re.compile("|".join(alternatives))


# Names are compared as " word word word ": the parts of class and id, split at dashes, underscores and
# capitals. Short everyday words must stand whole; distinctive stems may be part of a longer word.
_FAMILIES: Mapping[str, re.Pattern[str]] = {
    "advert": _pattern(
        "ad ads adv advs iklan gpt dfp gam oop wpa mgid dable teads adslot adunit adbox adsbox adsense "
        "adstxt detads outsream outstream skyscraper leaderboard flying_carpet atatags para_caption "
        "banner banners banner_before banner_inside banner_after banner_ads bannerinside",
        "advertis adsbygoogle parallax paradetail taboola outbrain popin revcontent sponsor googletag",
    ),
    "related": _pattern(
        "terbaru terkini selengkapnya picked kgnw sisip populer popular most_popular trending "
        "other_news other_article other_articles more_news more_articles more_stories next_article "
        "next_news next_post latest_news latest_article another_article another_news berita_lain "
        "berita_lainnya berita_terbaru berita_terkini berita_populer berita_pilihan artikel_lain "
        "artikel_lainnya artikel_terbaru artikel_pilihan post_lain inline_related",
        "_related _terkait baca_juga lihat_juga simak_juga bacajuga lihatjg linksisip topiksisip "
        "read_also read_too read_next read_others readalso yarpp relatedposts recommend rekomendasi "
        "terpopuler recirculation zergnet menarik_dibaca",
    ),
    "share": _pattern(
        "share sharing shares shared sharebox sharer sharethis sosmed sosmeds medsos bagikan a2a sosial "
        "tweet_button fb_like",
        "social sharedaddy addthis addtoany copy_url copy_link _copied",
    ),
    "comment": _pattern(
        "comment comments komentar respond disqus livefyre replies fb_comments",
        "commentlist comment_list comment_form comment_box kolomkomentar disclaimer_comment",
    ),
    "tags": _pattern(
        "tag tags tagcloud taglist newstag hashtag keyword keywords topik topics topic tagging",
        "tagscloud _tagname",
    ),
    "embed": _pattern(
        "twitter_tweet twitter_video instagram_media instagram_embed tiktok_embed fb_post fb_video "
        "embed_video embedly wp_block_embed jwplayer vjs aevp video_player player_container "
        "player_wrapper player_wrap videojs",
    ),
    "navigation": _pattern(
        "breadcrumb breadcrumbs breadcumb breadcome menu navbar navigation pagination pager paginator "
        "pagenav page_number page_numbers page_link page_links page_nav paging_list paging_link "
        "paging_links paging_nav pages_number toc ez_toc skip_link scrolltop",
    ),
    "promotion": _pattern(
        "langganan berlangganan paywall gtwsub gnews whatsapp telegram google_news ikuti_kami follow_us "
        "download_app install_app appstore ext_channel track_gnews kompasid kgplus gate_kgplus",
        "newsletter subscri",
    ),
    "author_box": _pattern(
        "author_box author_bio author_info author_description author_profile penulis_box penulis_bio "
        "penulis_info penulis_profile",
        "about_author about_the_author tentang_penulis",
    ),
    "sidebar": _pattern("sidebar side_bar sidebars widget_area"),
    "summary": _pattern("intinya quiz", "summary_article ai_summary ringkasan_ai keypoint key_point"),
    "post_data": _pattern("postmetadata post_metadata entry_footer post_footer entry_utility post_utility"),
    "control": _pattern(
        "font_size size_font fontsize zoom_font resize_font print printer dark_mode button_zoom "
        "load_more loadmore"
    ),
}
_CAPTION = _pattern(
    "caption captions figcaption imageinfo copyright photodesc imgcaption keterangan_foto "
    "keterangan_gambar keterangangambar ket_foto foto_desc photo_desc img_desc image_desc photo_credit "
    "image_credit photo_info img_info image_info source_img gallery_item_description headlineimg "
    "teks_foto"
)
_CREDIT = _pattern("source credit credits copyright author photographer fotografer sumber kredit")
_PICTURE = re.compile(r" (?:photo|foto|image|img|picture|pic|gambar|thumb|detfoto)[a-z]* ")
_PAGE_PART = _pattern(
    "page pages paging paged halaman part continue continued lanjut lanjutan full multipage infinite "
    "collapse readmore more"
)
_HIDDEN_CLASSES = wordlist(
    "hidden hide d-none is-hidden sr-only screen-reader-text visually-hidden visuallyhidden dont-display"
)
_HIDDEN_STYLE = re.compile(r"display\s{0,5}:\s{0,5}none|visibility\s{0,5}:\s{0,5}hidden", re.IGNORECASE)
_POST_CLASSES = ("tag-", "category-", "post-", "type-", "status-", "format-", "author-", "post_tag-")
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_MAX_NAMES = 300


def words_of(attributes: Mapping[str, str | None]) -> str:
    """Return the words of an element's class and id names as `" word word "`, lower case."""
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    return _split(names[:_MAX_NAMES])


@lru_cache(maxsize=8192)
def _split(names: str) -> str:
    kept = names.split()
    if ":" in names:  # variants such as print:hidden or md:block are no names
        kept = [name for name in kept if ":" not in name]
    if "hentry" in kept or "status-publish" in kept:  # WordPress names a post after its tags and categories
        kept = [name for name in kept if not name.startswith(_POST_CLASSES)]
    return f" {' '.join(_WORDS.findall(' '.join(kept))).lower()} "


@lru_cache(maxsize=8192)
def family_of(words: str) -> str | None:
    """Return the family of furniture that the words of an element name, or None."""
    if len(words) <= 2:  # noqa: PLR2004 - the two blanks around nothing
        return None
    for family, pattern in _FAMILIES.items():
        if pattern.search(words):
            return family
    return None


@lru_cache(maxsize=8192)
def names_caption(words: str) -> bool:
    """Tell whether the words of an element name a caption or a photo credit."""
    return bool(_CAPTION.search(words))


@lru_cache(maxsize=8192)
def names_credit(words: str) -> bool:
    """Tell whether the words of an element inside a caption name whoever took the picture."""
    return bool(_CREDIT.search(words))


@lru_cache(maxsize=8192)
def names_picture(words: str) -> bool:
    """Tell whether the words of an element name a picture."""
    return bool(_PICTURE.search(words))


@lru_cache(maxsize=8192)
def names_page_part(words: str) -> bool:
    """Tell whether the words of an element name a further part of the same text."""
    return bool(_PAGE_PART.search(words))


def is_hidden(attributes: Mapping[str, str | None]) -> bool:
    """Tell whether an element is not shown: attribute, inline style or a well-known class."""
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return True
    style = attributes.get("style")
    if style and _HIDDEN_STYLE.search(style[:_MAX_NAMES]):
        return True
    classes = (attributes.get("class") or "")[:_MAX_NAMES].split()
    # `hidden md:block` is shown on wider screens
    return not _HIDDEN_CLASSES.isdisjoint(classes) and not any(":" in name for name in classes)
