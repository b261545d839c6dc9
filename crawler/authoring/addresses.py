"""What an outlet's addresses tell: which look like an article's, and a pattern that they have in common."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from crawler.pages.site import site_of
from crawler.urls import UrlError, canonical_url

_NO_ARTICLE = re.compile(
    r"/(?:tags?|topi[ck]s?|kategori|category|rubrik|author|authors|penulis|editor|reporter|search|cari|page"
    r"|indeks|index|index-news|arsip|archive|about|about-us|tentang|tentang-kami|redaksi|kontak|contact|privacy"
    r"|login|register|feed|rss|amp|video|videos|foto|photos?|galeri|gallery|wp-[^/]*)(?:/|\Z)",
    re.IGNORECASE,
)
_EXTENSION = re.compile(r"\.(?:s?html?|php|aspx?)\Z")
_SLUG_WORDS, _NUMBERED_WORDS = 4, 2
_NUMBERED = re.compile(r"\d{5,}|/\d{4}/\d{1,2}/")
_MAX_SHAPES, _LEAST_SHARE = 3, 0.1
_SLUG = r"[a-z0-9]+(?:-[a-z0-9]+){2,}"
_ANY = "[^/?#]+"
_YEAR, _MONTH_OR_DAY = r"\d{4}", r"\d{2}"


def looks_like_article(url: str) -> bool:
    """Tell whether an address has the form that articles have everywhere: a headline in it, or a number."""
    path = urlsplit(url).path
    if _NO_ARTICLE.search(path):
        return False
    last = _EXTENSION.sub("", path.rstrip("/").rpartition("/")[2])
    words = re.findall(r"[a-z0-9]+", last.lower())
    return len(words) >= (_NUMBERED_WORDS if _NUMBERED.search(path) else _SLUG_WORDS)


def pattern_of(urls: Iterable[str], site: str) -> str | None:
    """Return a regular expression for the canonical forms of articles like these; None without any."""
    known = [
        clean
        for url in urls
        if (clean := _canonical(url)) and site_of(urlsplit(clean).hostname or "") == site
    ]
    if not known:
        return None
    groups: dict[tuple[str, ...], list[list[str]]] = defaultdict(list)
    for url in known:
        steps = urlsplit(url).path.strip("/").split("/")
        groups[_shape_of(steps[:-1])].append(steps)
    counted = Counter({shape: len(members) for shape, members in groups.items()})
    kept = [shape for shape, count in counted.most_common(_MAX_SHAPES) if count >= len(known) * _LEAST_SHARE]
    paths = [_path_pattern(shape, groups[shape]) for shape in kept]
    path = paths[0] if len(paths) == 1 else f"(?:{'|'.join(paths)})"
    return rf"https?://{_host_pattern(known, site)}/{path}/?$"


def _canonical(url: str) -> str | None:
    try:
        return canonical_url(url)
    except UrlError:
        return None


def _shape_of(steps: Sequence[str]) -> tuple[str, ...]:
    """Return what each step of a path is, as a pattern; empty for a word."""
    kinds: list[str] = []
    for step in steps:
        in_date = bool(kinds) and kinds[-1] in {_YEAR, _MONTH_OR_DAY}
        kinds.append(_MONTH_OR_DAY if in_date and re.fullmatch(r"\d\d", step) else _kind(step))
    return tuple(kinds)


def _kind(step: str) -> str:
    if step.isdigit():
        return _YEAR if re.fullmatch(r"(?:19|20)\d\d", step) else r"\d+"
    if re.fullmatch(r"[a-z]-?\d{4,}", step):
        return rf"{step.rstrip('0123456789')}\d+"
    if re.fullmatch(r"(?=[a-z]*\d)[a-z0-9]{6,14}", step):
        return "[a-z0-9]+"
    return ""


def _path_pattern(shape: Sequence[str], members: Sequence[Sequence[str]]) -> str:
    steps = []
    for at, kind in enumerate(shape):
        words = {member[at] for member in members}
        steps.append(
            kind or (re.escape(words.pop()).replace(r"\-", "-") if len(words) == 1 else "[a-z0-9-]+")
        )
    return "/".join([*steps, _last_pattern([member[-1] for member in members], told=any(shape))])


def _last_pattern(lasts: Sequence[str], *, told: bool) -> str:
    """Return the pattern of the last steps; where no number before tells articles, they must be headlines."""
    endings = {found[0] if (found := _EXTENSION.search(last)) else "" for last in lasts}
    ending = re.escape(endings.pop()) if len(endings) == 1 else ""
    bare = [_EXTENSION.sub("", last) if ending else last for last in lasts]
    if told or not all(re.fullmatch(_SLUG, each) for each in bare):
        return f"{_ANY}{ending}"
    return f"{_SLUG}{ending}"


def _host_pattern(urls: Sequence[str], site: str) -> str:
    hosts = {urlsplit(url).hostname or "" for url in urls}
    bare = re.escape(site)
    if hosts <= {site, f"www.{site}"}:
        return rf"(?:www\.)?{bare}"
    return rf"(?:[a-z0-9-]+\.)*{bare}"
