"""The spider that every outlet's spider is: it finds articles by a ladder and reads each by a page object.

To add an outlet, subclass `ArticleSpider` in a file of its own under `spiders/` and declare `name`,
`allowed_domains`, `article_pattern`, `page_class`, `discovery` and `sample_url`. Nothing else is edited.
"""

import contextlib
import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import tzinfo
from typing import Any, ClassVar, Self

from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider, DontCloseSpider
from scrapy.http import Request, Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from crawler import agent
from crawler.clock import Clock
from crawler.config import Config
from crawler.dates import WIB
from crawler.discovery.arguments import read_limit, read_plan, read_window
from crawler.discovery.fetching import ListFetcher
from crawler.discovery.ladder import Ladder, Past
from crawler.discovery.listing import AWAITS, Listed, ListPage, Quest, Rung, Window
from crawler.discovery.reading import LISTED_AT, LISTED_HEADLINE, read_article
from crawler.discovery.revisiting import UNCHANGED_STATUS, is_ended, look_request, told_at_once, validators_of
from crawler.discovery.watching import KeptPast
from crawler.errors import CrawlerError, StoreError
from crawler.failures import classify_failure
from crawler.items import Draft, Expect, Quarantine, Verdict
from crawler.pages.article import ArticlePage
from crawler.pages.parse import NotAnArticle
from crawler.session import VERDICT_STAT, Session
from crawler.storage.frontier import Entry, Work
from crawler.storage.looks import Look
from crawler.storage.runs import Order
from crawler.storage.states import HEADLINE, LISTED, State, state_of
from crawler.text.relevance import closest, judge, load_topics, names_a_side
from crawler.urls import UrlError, canonical_url


class ArticleSpider(Spider):
    """One outlet's crawl.

    Arguments, as `-a` gives them: *since* and *until* (`YYYY-MM-DD`, both included, days of the outlet's
    zone), *limit* (articles to fetch at most), *recheck* (only look at stored articles again), *dry_run*
    (list what would be fetched; fetch, store nothing), *plan* (what the schedule started it for).
    `scrapy replay` gives it *replay*, done in place of a crawl.
    """

    name: str
    allowed_domains: list[str]
    article_pattern: ClassVar[str]
    foreign_pattern: ClassVar[str] = ""  # addresses that are read whatever their headline says
    discovery: ClassVar[tuple[Rung, ...]] = ()
    page_class: ClassVar[type[ArticlePage]] = ArticlePage
    zone: ClassVar[tzinfo] = WIB
    sample_url: ClassVar[str] = ""
    quarantine: ClassVar[Quarantine | None] = None  # since when and why no crawl of all outlets includes it
    expect: ClassVar[Expect] = Expect()
    browser_shaped: ClassVar[bool] = False  # for outlets that turn bare clients away
    render: ClassVar[bool] = False  # a browser draws what says `awaits`: rungs, and with this its articles
    article_awaits: ClassVar[str] = ""

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Add the agent that the outlet needs and the delay that the operator wants for it."""
        super().update_settings(settings)
        config: Config = settings["CONFIG"]
        if cls.browser_shaped:
            settings.set("USER_AGENT", agent.browser_shaped(config.contact), "spider")
        own = config.outlets.get(cls.name)
        if own is not None and own.delay_s is not None:
            settings.set("DOWNLOAD_DELAY", max(own.delay_s, config.delay_s), "spider")

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:  # noqa: ANN401 - as Scrapy's
        """Return the spider with what the operator configured.

        Raises:
            ConfigError: an argument cannot be used.
        """
        spider = super().from_crawler(crawler, *args, **kwargs)
        config: Config = crawler.settings["CONFIG"]
        spider.configure(config)
        crawler.signals.connect(spider.prove, signals.spider_idle)
        return spider

    def configure(self, config: Config) -> None:
        """Set clock, topic and window from the configuration and the spider's own arguments."""
        self.config = config
        self.clock = Clock.starting_at(config.now)
        self.topics = load_topics(config.topics)
        since, until = getattr(self, "since", None), getattr(self, "until", None)
        self.window = read_window(since, until, self.clock.now(), config.window_days, self.zone)
        self.asked = bool(since or until)
        self.limit = read_limit(getattr(self, "limit", None))
        self.plan_id = read_plan(getattr(self, "plan", None))
        self.recheck = str(getattr(self, "recheck", "")).lower() in {"1", "true", "yes"}
        self.dry_run = str(getattr(self, "dry_run", "")).lower() in {"1", "true", "yes"}
        self.replay: Callable[[ArticleSpider], Awaitable[None]] | None = getattr(self, "replay", None)
        self.session: Session | None = None

    @property
    def outlet(self) -> str:
        """Return the name under which articles are stored."""
        return self.name

    # --- Finding articles

    def rungs(self) -> tuple[Rung, ...]:
        """Return the ladder; a spider that takes its site as an argument builds it here."""
        return self.discovery

    async def start(self) -> AsyncIterator[Request]:
        """Yield a request for each article that an earlier run left over or that a list newly names."""
        if self.dry_run:
            await self._rehearse()
            return
        if self.replay is not None:
            await self._replayed(self.replay)
            return
        try:
            ladder, window = Ladder(self.rungs()), self.window
            order = Order(
                outlet=self.outlet,
                since=window.since,
                until=window.until,
                asked=self.asked,
                limit=self.limit,
                look="recheck" if self.recheck else "crawl",
                plan_id=self.plan_id,
            )
            self.session = await Session.open(self.crawler, order, self.clock)
        except CrawlerError as error:
            self.logger.error("%s", error)  # noqa: TRY400 - wrong use, not a fault: no traceback
            raise CloseSpider("not begun") from error
        if self.session.run.since is not None:
            self.window = Window(self.session.run.since, window.until)
        if self.quarantine is not None:
            self.session.note(f"in quarantine {self.quarantine}")
        with contextlib.suppress(StoreError):  # the session has ended the crawl, and said why
            sent = 0
            async for request in self._requests(self.session, ladder):
                if sent == self.limit:
                    self.session.note(f"stopped at the limit of {sent} articles: not all was looked at")
                    return
                yield request
                sent += 1

    async def _requests(self, session: Session, ladder: Ladder) -> AsyncIterator[Request]:
        """Yield what there is to fetch: left over, newly listed, then stored articles that are due again."""
        if not self.recheck:
            async for work in self._due(session, ladder):
                yield Request(
                    work.url,
                    self.parse_article,
                    errback=self.not_fetched,
                    cb_kwargs={"url_id": work.url_id},
                    meta=self.article_meta() | {LISTED_HEADLINE: work.headline, LISTED_AT: work.published_at},
                    dont_filter=True,
                )
        for look in await session.due():
            yield self._look_again(session, look)

    def _look_again(self, session: Session, look: Look, *, plainly: bool = False) -> Request:
        _, validators = session.looks.ask(look, plainly=plainly)
        request = look_request(look, validators, self.parse_article, self.not_fetched)
        request.meta.update(self.article_meta())
        return request

    def article_meta(self) -> dict[str, Any]:
        """Return what each request for an article, or for a part of one, carries."""
        return {"kind": "article"} | ({AWAITS: self.article_awaits} if self.article_awaits else {})

    def prove(self) -> None:
        """Before the crawl ends, read what shows whether missing articles are gone or the outlet is out."""
        engine, session = self.crawler.engine, self.session
        if engine is None or session is None:
            return
        controls = list(session.looks.controls())
        for look in controls:
            engine.crawl(self._look_again(session, look, plainly=True))
        if controls:
            raise DontCloseSpider

    async def _due(self, session: Session, ladder: Ladder) -> AsyncIterator[Work]:
        for work in await session.leftover():
            yield work

        quest, planned_at = self._quest(), session.run.planned_at
        past = KeptPast(session, quest, lambda url: self.article_url(url) or url, planned_at)
        async for rung, page in ladder.climb(ListFetcher(self.crawler, self.config), quest, past):
            offered = await session.offer([self.judge_entry(rung, page, entry) for entry in page.entries])
            past.count(rung, len(page.entries), offered.known_earlier)
            for work in offered.fetch:
                yield work
        quiet = past.not_modified + past.not_due
        if ladder.lists or quiet:
            await past.keep(ladder)
        self._remark_on(ladder, session, quiet)
        session.found(not_modified=past.not_modified)
        session.listed.update(dict.fromkeys(past.read, 0))  # what was read and names nothing
        until = ladder.looked_until
        if until is not None and until > self.window.since and (ladder.lists or quiet):
            session.covered(self.window.since, min(self.window.until, until))

    @staticmethod
    def _remark_on(ladder: Ladder, session: Session, quiet: int) -> None:
        """Say in the record what could not be looked at; *quiet* lists had nothing new, or are not due."""
        lists = ladder.lists + quiet
        if not lists and ladder.failures:
            session.remark("no list could be read", failed=True)
        elif not lists:
            session.remark("no list names any article: the outlet is silent, or its lists have changed")
        else:
            for part in _parts_uncovered(ladder):
                session.remark(f"the window is not covered by a {part}")
        if ladder.uncovered:
            for failure in ladder.failures:
                session.remark(failure)

    async def _replayed(self, replay: Callable[["ArticleSpider"], Awaitable[None]]) -> None:
        try:
            await replay(self)
        except CrawlerError as error:
            self.logger.error("%s", error)  # noqa: TRY400 - wrong use, not a fault: no traceback
            raise CloseSpider("not begun") from error

    async def _rehearse(self) -> None:
        ladder, met = Ladder(self.rungs()), dict[str, bool]()
        async for rung, page in ladder.climb(ListFetcher(self.crawler, self.config), self._quest(), Past()):
            for entry in (self.judge_entry(rung, page, listed) for listed in page.entries):
                # As in a real run: what one list rules out, another may still have fetched.
                if entry.url in met and (met[entry.url] or entry.state is not State.PENDING):
                    continue
                met[entry.url] = entry.state is State.PENDING
                verdict = "would fetch" if entry.state is State.PENDING else f"{entry.state} ({entry.reason})"
                self.logger.info("%s: %s | %s", verdict, entry.url, entry.headline or "")
        for part in _parts_uncovered(ladder):
            self.logger.warning("the window is not covered by a %s", part)
        self.crawler.stats.set_value(VERDICT_STAT, "healthy" if ladder.lists else "failed")

    def _quest(self) -> Quest:
        return Quest(
            window=self.window,
            keywords=tuple(dict.fromkeys(word for topic in self.topics for word in topic.search)),
            tags=tuple(dict.fromkeys(tag for topic in self.topics for tag in topic.tags)),
            now=self.clock.now(),
            max_pages=self.config.list_pages,
            steady=not self.asked,
        )

    def article_url(self, url: str) -> str | None:
        """Return the address under which a linked article is known, None where it is no article's."""
        try:
            clean = canonical_url(url)
        except UrlError:
            return None
        return clean if re.match(self.article_pattern, clean) else None

    def judge_entry(self, rung: Rung, page: ListPage, listed: Listed) -> Entry:
        """Return the frontier's entry for a listed link: to be fetched, or settled by what the list says."""
        url = self.article_url(listed.url)
        state, reason = State.PENDING, None
        if url is None:
            state, reason = State.NOT_AN_ARTICLE, "address"
        elif listed.published_at is not None and not self.window.holds(listed.published_at):
            state, reason = State.OUT_OF_WINDOW, LISTED
        elif rung.kind == "listing" and not self._worth_reading(url, listed):
            state, reason = State.OFF_TOPIC, HEADLINE
        return Entry(
            url=url or listed.url,
            source=rung.name,
            list_url=page.url,
            headline=listed.headline,
            published_at=listed.published_at,
            state=state,
            reason=reason,
        )

    def _worth_reading(self, url: str, listed: Listed) -> bool:
        """Apply the loose filter: a name from either side is enough, and a sample passes without one."""
        if self.foreign_pattern and re.search(self.foreign_pattern, url):
            return True
        slug = re.sub(r"[-_/.]+", " ", url.partition("://")[2])
        said = f"{listed.headline or ''} | {listed.keywords} | {slug}"
        if any(names_a_side(topic, said) for topic in self.topics):
            return True
        if listed.headline is None and not re.search(r"[a-z]{2} [a-z]{2}", slug):
            return True  # the list says nothing at all of it
        drawn = int.from_bytes(hashlib.sha256(url.encode()).digest()[:4]) / 2**32
        return drawn < self.config.sample_share

    # --- Reading them

    async def parse_article(
        self, response: Response, url_id: int | None = None
    ) -> AsyncIterator[Draft | Request]:
        """Read one article, all parts of it.

        @sample
        @returns items 1 1
        @scrapes headline blocks published_at
        """
        session, look = self.session, None
        if session is not None and url_id is not None:
            look = session.looks.look_at(url_id)
            if look and response.status == UNCHANGED_STATUS and session.looks.is_lie(url_id):
                self.logger.info("%s has not changed, it says, when it had: it is read", response.url)
                yield self._look_again(session, look, plainly=True)
                return
            told = told_at_once(look, response, self.article_url) if look else None
            if told is not None:
                session.settle(url_id, told.state, told.reason, told.detail, told.record_ids)
                return
        # Of a stored article all of the text is wanted, whatever it is about now.
        glance = self._glance if look is None else _read_all
        outcome = await read_article(
            response, self.page_class, self._fetch_part, self.clock.now(), glance, watch=self._watch
        )
        if isinstance(outcome, Draft):
            outcome.outlet, outcome.url_id = self.outlet, url_id
            outcome.look_at = look.article_id if look else None
            if session is not None and url_id is not None:
                session.looks.came(url_id, validators_of(response, outcome), ended=is_ended(response))
            yield outcome
        elif self.session and url_id is not None:
            self.session.settle(url_id, outcome.state, outcome.reason, outcome.detail, outcome.record_ids)
        else:
            self.logger.info("Not an article (%s): %s", outcome.reason, response.url)

    def _glance(self, page: ArticlePage) -> Verdict | None:
        """Return the verdict on a page that does not name both sides anywhere, None for any other.

        Cleaning only takes text away, so for such a page it need not be done. Commands that only look at a
        page (`scrapy parse`, `scrapy check`) get it whole.
        """
        if self.session is None:
            return None
        text = [block.text for block in page.blocks]
        verdicts = [judge(topic, page.headline, text, page.summary) for topic in self.topics]
        for topic, verdict in zip(self.topics, verdicts, strict=True):
            if {evidence.side for evidence in verdict.evidence}.issuperset(topic.sides):
                return None
        return closest(verdicts)

    def _watch(self, page: ArticlePage, refusal: NotAnArticle | None) -> None:
        if self.session is not None:
            self.session.pages.saw(page, refusal, self.clock.now())

    async def _fetch_part(self, url: str) -> Response:
        if self.crawler.engine is None:
            raise RuntimeError("a part of an article can only be fetched while the engine runs")
        return await self.crawler.engine.download_async(Request(url, meta=self.article_meta()))

    def not_fetched(self, failure: Failure) -> None:
        """Settle the address of an article that could not be fetched."""
        request: Request = failure.request  # type: ignore[attr-defined] # Scrapy adds it to a download's failure
        reason = classify_failure(failure, request)
        self.logger.info("Not fetched (%s): %s", reason, request.url)
        url_id = request.cb_kwargs.get("url_id")
        if self.session and url_id is not None:
            detail = {"error": str(failure.value)[:500]}
            records = request.meta.get("record_ids", ())
            self.session.settle(url_id, state_of(reason), reason, detail, records)


def _parts_uncovered(ladder: Ladder) -> list[str]:
    """Name the parts of the outlet that were not looked at whole: `listing of www.kontan.co.id`."""
    return [f"{kind}{f' of {section}' if section else ''}" for section, kind in sorted(ladder.uncovered)]


def _read_all(_page: ArticlePage) -> None:
    return None
