"""What the markup itself says is no article text: tags, hidden elements, and class or id vocabulary by family.

A family is the name under which a dropped subtree is recorded (`markup:share`, `markup:related`, …). The words are
general: English and Indonesian names that themes, widgets and in-house layouts give to these boxes.
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

# Each pattern is searched in " word word word ": the parts of the class and id names, split at dashes, underscores
# and capitals. Distinctive stems may stand inside a longer word; short everyday words must be whole.
_FAMILIES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (family, re.compile(pattern))
    for family, pattern in (
        (
            "advert",
            r" (ads?|adv|advs|iklan|gpt|dfp|adslot|adunit|adbox|adsense|outsream|outstream|mgid|dable|teads|"
            r"skyscraper|leaderboard|flying carpet|adsbox|detads|gam|oop|wpa|atatags|ads[a-z]{0,12}) "
            r"|advertis|adsbygoogle|parallax|taboola|outbrain|popin|revcontent|sponsor|googletag|"
            r" (gmr )?banner(s|inside)? | banner (before|inside|after|ads?)",
        ),
        (
            "related",
            r" related| terkait| (baca|lihat|simak) (juga|jg)|bacajuga|lihatjg|linksisip| sisip|read (also|too|next|others)"
            r"|readmore| yarpp| jp relatedposts|recommend|rekomendasi| (most )?popular|terpopuler| trending"
            r"| (berita|artikel|news|post|posts) (lain|lainnya|terbaru|terkini|populer|pilihan)| (other|more|next|latest|another) "
            r"(news|article|articles|post|posts|stories|story)| next article| picked| inline related| kgnw | topiksisip"
            r"| terbaru| terkini| selengkapnya| recirculation| zergnet | picked article| menarik dibaca",
        ),
        (
            "share",
            r" (share|sharing|shares|shared|sharebox|sharer|sharethis|sosmed|sosmeds|medsos|bagikan) |"
            r"social|sharedaddy|addthis|addtoany|a2a| sosial | tweet button| fb like| copy (url|link)|copied",
        ),
        (
            "comment",
            r" (comment|comments|komentar|respond|disqus|livefyre|replies) | fb comments|commentlist|comment (list|form|box)"
            r"|kolomkomentar| disclaimer comment",
        ),
        (
            "tags",
            r" (tag|tags|tagcloud|taglist|newstag|hashtag|keyword|keywords|topik|topics|topic|tagging) |tagscloud| tagname",
        ),
        (
            "embed",
            r" (twitter (tweet|video)|instagram (media|embed)|tiktok embed|fb (post|video)|embed(ly|ded)? ?video|wp block embed|"
            r"jwplayer|vjs|aevp|video player|player (container|wrapper|wrap)|videojs) | embed video",
        ),
        (
            "navigation",
            r" (breadcrumb|breadcrumbs|breadcumb|breadcome|menu|navbar|navigation|pagination|pager|paginator|pagenav|"
            r"page (number|numbers|link|links|nav)|paging (list|link|links|nav)|pages number|toc|ez toc|skip link|scrolltop) ",
        ),
        (
            "promotion",
            r"newsletter|subscri| (langganan|berlangganan|paywall|gtwsub|gnews|whatsapp|telegram|google ?news|ikuti kami|follow us|"
            r"download app|install app|appstore|ext channel|track gnews|kompasid|kgplus|gate kgplus) ",
        ),
        (
            "author_box",
            r" (author|penulis) (box|bio|info box|description|profile)| about (the )?author| tentang penulis",
        ),
        ("summary", r" summary article| ai summary| ringkasan ai| key ?points?| intinya | quiz "),
        (
            "control",
            r" (font size|size font|fontsize|zoom font|resize font|print|printer|dark mode|button zoom|load more|loadmore) ",
        ),
    )
)
_CAPTION = re.compile(
    r" (caption|captions|figcaption|imageinfo|copyright|photodesc|imgcaption|image caption|img caption|photo caption|foto caption|"
    r"caption foto|wp caption text|ket foto|keterangan foto|keterangan gambar|keterangangambar|foto desc|photo desc|img desc|image desc|"
    r"photo credit|image credit|photo info|img info|image info|caption img|source img|detail media caption|gallery item description|"
    r"headlineimg|teks foto) "
)
_PICTURE = re.compile(r" (photo|foto|image|img|picture|gambar|media|thumbnail|detfoto)")
_HIDDEN_CLASSES = wordlist(
    "hidden hide d-none is-hidden sr-only screen-reader-text visually-hidden visuallyhidden dont- display"
)
_HIDDEN_STYLE = re.compile(r"display\s{0,5}:\s{0,5}none|visibility\s{0,5}:\s{0,5}hidden", re.IGNORECASE)
_PAGE_PART = re.compile(
    r" (page|pages|paging|paged|halaman|part|continue|continued|lanjut|lanjutan|full|multipage|infinite|collapse|readmore|more) "
)
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_MAX_NAMES = 300


def words_of(attributes: Mapping[str, str | None]) -> str:
    """Return the words of an element's class and id names as `" word word "`, lower case."""
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    return _split(names[:_MAX_NAMES])


@lru_cache(maxsize=8192)
def _split(names: str) -> str:
    if ":" in names:  # variants such as print:hidden or md:block are no names
        names = " ".join(name for name in names.split() if ":" not in name)
    return f" {' '.join(_WORDS.findall(names)).lower()} "


@lru_cache(maxsize=8192)
def family_of(words: str) -> str | None:
    """Return the family of furniture that the words of an element name, or None."""
    if len(words) <= 2:  # noqa: PLR2004 - the two blanks around nothing
        return None
    for family, pattern in _FAMILIES:
        if pattern.search(words):
            return family
    return None


@lru_cache(maxsize=8192)
def names_caption(words: str) -> bool:
    """Tell whether the words of an element name a caption or a photo credit."""
    return bool(_CAPTION.search(words))


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
    if "hidden" in attributes:
        return True
    style = attributes.get("style")
    if style and _HIDDEN_STYLE.search(style[:_MAX_NAMES]):
        return True
    classes = (attributes.get("class") or "")[:_MAX_NAMES].split()
    # `hidden md:block` is shown on wider screens
    return not _HIDDEN_CLASSES.isdisjoint(classes) and not any(":" in name for name in classes)
