"""A look at a site as lines for a person; whatever the site says is made inert."""

from collections.abc import Iterator, Sequence

from crawler.authoring.findings import ArticleFound, Look
from crawler.dates import isoformat
from crawler.items import Draft

_LABEL = 15
_MAX_RULES, _MAX_BODY_CHARS = 12, 300


def lines_of(look: Look, code: Sequence[str], imports: Sequence[str]) -> Iterator[str]:
    """Yield the report: what the site offers, what is read of articles, the proposed declaration."""
    yield f"{look.url}: {look.asked} requests, robots.txt not counted"
    yield from _robots(look)
    if look.made_with:
        yield _line("made with", "; ".join(look.made_with))
    yield _line("front page", look.drawn or f"{look.front_links} links to articles")
    for found in look.lists:
        usable = "" if found.rung else "cannot be used: "
        yield _line(found.what, f"{found.url + ': ' if found.url else ''}{usable}{found.says}")
    if look.paging:
        yield _line("paging", look.paging)
    if look.body_css:
        yield _line("body", f"selectors that hold on all pages read: {' or '.join(look.body_css)}")
    for article in look.articles:
        yield ""
        yield from _article(article)
    yield ""
    if not code:
        yield "No list could be used: look for one with `scrapy shell`, or see whether a browser shows one."
        return
    yield "Proposed for the outlet's file:"
    yield ""
    yield from (f"    {line}" for line in imports)
    yield ""
    if look.pattern and not look.wordpress:
        yield f'    article_pattern = r"{look.pattern}"'
    yield from (f"    {line}" for line in code)


def _line(label: str, text: str) -> str:
    return f"  {label:<{_LABEL}} {text}"


def _robots(look: Look) -> Iterator[str]:
    robots = look.robots
    if robots.status is None:
        yield _line("robots.txt", "not seen")
        return
    said = [f"HTTP {robots.status}" if robots.status != 200 else "open to pantau"]  # noqa: PLR2004 - success
    if robots.closes:
        shown, more = robots.closes[:_MAX_RULES], len(robots.closes) - _MAX_RULES
        said.append(f"but for {' '.join(shown)}{f' and {more} more' if more > 0 else ''}")
    if robots.delay_s is not None:
        said.append(f"Crawl-delay {robots.delay_s:g} s")
    if robots.bars_scrapy:
        said.append("bars Scrapy's own token, which pantau does not use")
    if robots.sitemaps:
        said.append(f"names {len(robots.sitemaps)} sitemaps")
    yield _line("robots.txt", "; ".join(said))


def _article(article: ArticleFound) -> Iterator[str]:
    yield f"  article {article.url}"
    if article.draft is None:
        yield f"    refused: {article.refused}"
        return
    yield from (f"    {label:<14} {value}" for label, value in _fields(article, article.draft) if value)


def _fields(article: ArticleFound, draft: Draft) -> Iterator[tuple[str, str]]:
    by = {name: f"  [{witness.by}]" for name, witness in draft.witnesses.items()}
    at = isoformat(draft.published_at) if draft.published_at else ""
    text = " / ".join(draft.body)
    yield "headline", f"{draft.headline}{by.get('headline', '')}" if draft.headline else "none found"
    yield "published_at", f"{at}{by.get('published_at', '')}" if at else "none found: declare published_css"
    yield "byline", ", ".join(draft.byline) + by.get("byline", "") if draft.byline else ""
    yield "editors", ", ".join(draft.editors) + by.get("editors", "") if draft.editors else ""
    yield "standfirst", draft.standfirst or ""
    yield "dateline", draft.dateline or ""
    yield "source", draft.source or ""
    shown = text[:_MAX_BODY_CHARS] + ("…" if len(text) > _MAX_BODY_CHARS else "")
    where = f"by {article.known_css}" if article.known_css else f"by the {draft.body_from} finder"
    yield (
        "body",
        f"{len(draft.body)} paragraphs, {where}: {shown}",
    )
    yield "captions", " / ".join(draft.captions)
    yield (
        "linked data",
        f"{', '.join(article.types)}: {', '.join(article.linked) or 'no field of the article'}"
        if article.types
        else "",
    )
    yield "split", f"goes on at {', '.join(article.parts)}" if article.parts else ""
    yield "AMP", article.amp or ""
