"""A run's eye on the build of the pages that it reads: it learns, notices, keeps evidence, calls the end."""

import logging
from datetime import datetime
from pathlib import Path
from typing import Final

import attrs
from sqlalchemy import Connection, Engine

from crawler.decay.evidence import Evidence
from crawler.decay.memory import Memory
from crawler.decay.signals import sentence
from crawler.pages.article import ArticlePage
from crawler.pages.parse import NotAnArticle
from crawler.pages.traits import traits_of
from crawler.storage.database import read, transact
from crawler.storage.decay import (
    Alarm,
    Baseline,
    GoodPage,
    baseline_of,
    end_alarm,
    keep_baseline,
    raise_alarm,
    standing_alarm,
)

logger = logging.getLogger(__name__)

MENDED: Final = "the outlet's declaration was mended, and its pages read well"
BACK: Final = "its pages are as they were"
_MIN_CHARS: Final = 400


@attrs.frozen(kw_only=True)
class _Rise:
    """An alarm that is to be written."""

    evidence: Evidence
    share: float
    told: tuple[str, ...]


class PageWatch:
    """Sees each article page that one run fetches, in order. Nothing here waits for a disk but `write`."""

    def __init__(self, outlet: str, ruleset: str, baseline: Baseline | None, alarm: Alarm | None) -> None:
        self.outlet = outlet
        self.pages = 0
        self.ruleset = ruleset
        self._memory = Memory.of(baseline.state) if baseline else Memory()
        self._good = baseline.good if baseline else None
        self._alarm = alarm
        if alarm is None and self._memory.standing:
            self._memory.recover()
        elif alarm is not None and not self._memory.standing:
            self._memory.stand()
        self._rise: _Rise | None = None
        self._ended: str | None = None
        self.signals: tuple[str, ...] = alarm.signals if alarm else ()

    @classmethod
    def open(cls, engine: Engine, outlet: str, ruleset: str) -> "PageWatch":
        """Return the watch over an outlet's pages with what earlier runs learned."""

        def known(connection: Connection) -> tuple[Baseline | None, Alarm | None]:
            return baseline_of(connection, outlet), standing_alarm(connection, outlet)

        return cls(outlet, ruleset, *read(engine, known))

    @property
    def standing(self) -> bool:
        """Whether the outlet's pages are taken for redesigned at present."""
        return self._memory.standing

    @property
    def told(self) -> str:
        """What is wrong with the pages, and where the evidence is."""
        said = "; ".join(self.signals) or "its pages are built otherwise"
        folder = self._alarm.evidence if self._alarm else None
        kept = f"; a failing fixture is in {folder}" if folder else ""
        return f"{said}, on {self._memory.share:.0%} of the pages since{kept}"

    @property
    def has_news(self) -> bool:
        """Whether an alarm began or ended that the store does not know of."""
        return self._rise is not None or self._ended is not None

    def saw(self, page: ArticlePage, refusal: NotAnArticle | None, at: datetime) -> None:
        """Take a page in, as it was read or refused."""
        traits = traits_of(page, refusal)
        if traits is None:
            return
        self.pages += 1
        memory = self._memory
        this = GoodPage(url=page.url or "", at=at, html=page.html)
        if noticed := memory.observe(traits):
            evidence = Evidence(
                outlet=self.outlet,
                page_class=type(page),
                page=this,
                good=self._good,
                noticed=noticed,
                marks=sorted(memory.known().marks),
                usual_paragraphs=memory.paragraphs,
                usual_chars=memory.chars,
            )
            self.signals = tuple(sentence(one.signal) for one in noticed)
            self._rise, self._ended = _Rise(evidence=evidence, share=memory.share, told=self.signals), None
            logger.warning("%s: redesigned: %s", self.outlet, "; ".join(one.told for one in noticed))
        elif memory.standing:
            mended = self._alarm is not None and self._alarm.ruleset != self.ruleset
            if memory.has_recovered(mended=mended):
                memory.recover()
                self._rise, self._ended = None, MENDED if mended else BACK
                logger.info("%s: %s", self.outlet, self._ended)
        elif memory.is_clean() and traits.chars >= _MIN_CHARS:
            self._good = this

    def write(self, engine: Engine, data_dir: Path, run_id: int, now: datetime) -> None:
        """Write what began or ended, and what was learned.

        Raises:
            StoreError: the store cannot be used.
        """
        if (rise := self._rise) is not None:
            self._raise(engine, data_dir, run_id, rise)
        elif self._ended is not None:
            end_alarm(engine, self.outlet, self._ended, now=now)
        elif self._memory.standing and self._alarm is not None:
            self._tell(engine, run_id, self._alarm)
        self._rise = self._ended = None
        found = Baseline(ruleset=self.ruleset, state=self._memory.state, good=self._good)
        keep_baseline(engine, self.outlet, found, run_id=run_id, now=now)

    def _raise(self, engine: Engine, data_dir: Path, run_id: int, rise: _Rise) -> None:
        folder = None
        try:
            folder = rise.evidence.write(data_dir)
        except OSError as error:
            logger.warning("%s: the evidence of its redesign could not be kept: %s", self.outlet, error)
        except Exception:  # the alarm counts more than its evidence, which is made of a page nobody knows
            logger.exception("%s: the evidence of its redesign could not be made", self.outlet)
        page = rise.evidence.page
        raise_alarm(
            engine,
            self.outlet,
            run_id=run_id,
            since=page.at,
            url=page.url,
            share=rise.share,
            signals=rise.told,
            evidence=folder,
            ruleset=self.ruleset,
        )
        self._alarm = transact(engine, lambda connection: standing_alarm(connection, self.outlet))

    def _tell(self, engine: Engine, run_id: int, alarm: Alarm) -> None:
        raise_alarm(
            engine,
            self.outlet,
            run_id=run_id,
            since=alarm.since,
            url=alarm.url,
            share=self._memory.share,
            signals=alarm.signals,
            evidence=alarm.evidence,
            ruleset=alarm.ruleset,
        )
