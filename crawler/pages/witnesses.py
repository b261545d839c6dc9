"""Who else says what of a field: which of the witnesses agree with the one that won, and which differ.

Names and headlines have the same words, addresses are the same address. Of two texts the one may be longer:
metadata cuts a summary short, and a witness of the body may hold a caption more. They agree where most of
each stands in the other.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.items import Witness
from crawler.pages.bodies import Body, texts_in
from crawler.pages.generic import find_body
from crawler.pages.metadata import Metadata
from crawler.pages.site import own_canonical
from crawler.text.normalise import fold, likeness

AGREE: Final = 0.8
"""Two bodies agree where this share of each, by characters of paragraphs, stands in the other."""

_MIN_CHARS = 20  # shorter lines stand in any text
_MAX_SHOWN = 300
# Each paragraph is sought in the whole of the other text, so both are bounded.
_MAX_PARAGRAPHS, _MAX_COMPARED = 400, 200_000
_CUT = " .…"


def headline_claims(metadata: Metadata, listed: str | None) -> dict[str, str | None]:
    """Return what metadata and the list entry give as the headline, best witness first."""
    meta, article = metadata.meta, metadata.article
    return {
        "og:title": meta.get("og:title"),
        "json-ld": article.headline if article else None,
        "twitter:title": meta.get("twitter:title"),
        "title": metadata.title,
        "list": listed,
    }


def summary_claims(metadata: Metadata) -> dict[str, str | None]:
    """Return what metadata gives as the article's summary."""
    article, meta = metadata.article, metadata.meta
    return {
        "json-ld": article.description if article else None,
        "og:description": meta.get("og:description"),
        "description": meta.get("description"),
    }


def tag_claims(metadata: Metadata, declared: Sequence[str], given: Sequence[str]) -> dict[str, list[str]]:
    """Return the tags that each witness names, best witness first; *given* are those of `article:tag`."""
    article, meta = metadata.article, metadata.meta
    words = meta.get("news_keywords") or meta.get("keywords") or ""
    claims = {
        "selector": declared,
        "json-ld": article.keywords if article else (),
        "article:tag": given,
        "keywords": words.split(","),
    }
    tags = {by: [tag for word in named if (tag := fold(word).strip("# "))] for by, named in claims.items()}
    return {by: named for by, named in tags.items() if named}


def text_witness(by: str, text: str, claims: Mapping[str, str | None]) -> Witness:
    """Return who agrees with a short text: the same words, or as many of them as there was room for."""
    wanted = likeness(text)
    agree, differ = [], {}
    for name, claim in claims.items():
        if name == by or not claim or not (said := likeness(claim.rstrip(_CUT))):
            continue
        if said in wanted or wanted in said:
            agree.append(name)
        else:
            differ[name] = claim[:_MAX_SHOWN]
    return Witness(by=by, agree=tuple(agree), differ=differ)


def tags_witness(claims: Mapping[str, Sequence[str]]) -> Witness | None:
    """Return who agrees with the first witness of the tags: who names no others, or all of them and more."""
    if not claims:
        return None
    (by, won), *others = claims.items()
    wanted = {likeness(tag) for tag in won}
    agree, differ = [], {}
    for name, tags in others:
        said = {likeness(tag) for tag in tags}
        if said <= wanted or wanted <= said:
            agree.append(name)
        else:
            differ[name] = ", ".join(tags)[:_MAX_SHOWN]
    return Witness(by=by, agree=tuple(agree), differ=differ)


def canonical_witness(metadata: Metadata, url: str | None, won: str | None) -> Witness | None:
    """Return who says the canonical address: the page's link, `og:url`, linked data, the address itself."""
    if won is None:
        return None
    article = metadata.article
    said = {
        "link": metadata.link,
        "og:url": metadata.meta.get("og:url"),
        "json-ld": article.url if article else None,
        "address": url,
    }
    claims = {by: own_canonical(text, url) for by, text in said.items() if text}
    by = next((by for by, claim in claims.items() if claim == won), "address")
    agree = tuple(name for name, claim in claims.items() if name != by and claim == won)
    differ = {name: (said[name] or "")[:_MAX_SHOWN] for name, claim in claims.items() if claim != won}
    return Witness(by=by, agree=agree, differ=differ)


def body_witness(
    body: Body, tree: LexborHTMLParser, headline: LexborNode | None, drop: Sequence[str], metadata: Metadata
) -> Witness:
    """Return who agrees with the body: the generic finder, and the text that linked data carries.

    The finder takes half a millisecond: this is for pages that are read whole, which are those that are kept.
    """
    by = body.witness or body.found_by or "none"
    ours = [line.block.text for line in body.reading.lines]
    claims: dict[str, Sequence[str]] = {}
    if by == "selector" and (found := find_body(tree, headline)) is not None:
        same = any(found.mem_id == container.mem_id for container in body.containers)
        claims["generic"] = ours if same else texts_in(found, drop)
    linked = metadata.article.body if metadata.article else None
    if by != "json-ld" and linked:
        claims["json-ld"] = linked.split("\n")
    agree, differ = [], {}
    for name, theirs in claims.items():
        here, there = (1.0, 1.0) if theirs is ours else (share_in(ours, theirs), share_in(theirs, ours))
        if min(here, there) >= AGREE:
            agree.append(name)
        else:
            differ[name] = f"{here:.0%} of the body stands there, {there:.0%} of it in the body"
    return Witness(by=by, agree=tuple(agree), differ=differ)


def share_in(texts: Sequence[str], others: Sequence[str]) -> float:
    """Return the share of *texts*, by characters, that stands in *others*; 1.0 where there is nothing."""
    room = likeness(" ".join(others)[:_MAX_COMPARED])
    found = whole = 0
    for text in map(likeness, texts[:_MAX_PARAGRAPHS]):
        if len(text) >= _MIN_CHARS:
            whole += len(text)
            found += len(text) if text in room else 0
    return found / whole if whole else 1.0
