"""How an outlet is, in one word with its cause, its next step and since when.

The one place that says so: `pantau status`, `outlets`, `doctor`, `schedule` and the metrics print what
`judge` returns, and the schedule acts on it. Pure functions over what the store knows and what is declared.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final, Self

import attrs
from sqlalchemy import Connection

from crawler.dates import WIB, wib
from crawler.items import Quarantine
from crawler.reasons import REFUSALS, Reason
from crawler.storage import decay, plans
from crawler.storage.coverage import Cause, Past, cause_of, coverage_of, past_runs, why_not
from crawler.storage.decay import Alarm
from crawler.storage.plans import Standing
from crawler.storage.runs import KILLED, STOPPED
from crawler.storage.verdicts import quiet_since

GRACE: Final = timedelta(hours=6)
"""How late a look may be before it is missed: a crawl may wait for its turn, and take its time."""

PROBE_LEAST: Final = timedelta(hours=6)
PROBE_MOST: Final = timedelta(days=7)
PROBE_SLACK: Final = timedelta(hours=1)


class Word(StrEnum):
    """How an outlet is."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    SILENT = "silent"
    REDESIGNED = "redesigned"
    BLOCKED = "blocked"
    ROBOTS = "robots"
    FAILED = "failed"
    LATE = "late"
    NEW = "new"
    PAUSED = "paused"
    QUARANTINED = "quarantined"
    OFF = "switched off"


NOT_CRAWLED: Final = frozenset({Word.QUARANTINED, Word.OFF})
"""Words of outlets of which nothing is owed: no crawl of all outlets includes them."""


@attrs.frozen(kw_only=True)
class Health:
    """One word, and unless it is "healthy" a sentence that says why and what to do.

    `kind` tells more closely what "blocked" and "failed" mean. `since` is when that began, as far as known.
    """

    word: Word
    kind: str | None = None
    cause: str | None = None
    since: datetime | None = None

    @property
    def name(self) -> str:
        """Return the word with its kind, as in `blocked (challenge)`."""
        return f"{self.word} ({self.kind})" if self.kind else self.word.value

    def __str__(self) -> str:
        """Return all of it in one line."""
        since = f" since {wib(self.since)}" if self.since else ""
        return f"{self.name}{since}{f': {self.cause}' if self.cause else ''}"


@attrs.frozen(kw_only=True)
class Declared:
    """What is declared of an outlet: by its file, and by the operator.

    `longest` is how long all may go well and it is not looked at; None where nobody promised to look.
    """

    quarantine: Quarantine | None = None
    enabled: bool = True
    longest: timedelta | None = None

    @property
    def crawled(self) -> bool:
        """Tell whether a crawl of all outlets includes it."""
        return self.enabled and self.quarantine is None


@attrs.frozen(kw_only=True)
class Known:
    """What the store knows of one outlet; `runs` are oldest first."""

    runs: Sequence[Past] = ()
    standing: Standing = attrs.field(factory=Standing)
    alarm: Alarm | None = None

    @classmethod
    def of_all(cls, connection: Connection) -> dict[str, Self]:
        """Return what is known of every outlet that anything is known of."""
        runs: dict[str, list[Past]] = {}
        for run in past_runs(connection):
            runs.setdefault(run.outlet, []).append(run)
        held, alarms = plans.held_back(connection), decay.standing_alarms(connection)
        return {
            outlet: cls(
                runs=runs.get(outlet, ()),
                standing=held.get(outlet, Standing()),
                alarm=alarms.get(outlet),
            )
            for outlet in runs.keys() | held.keys() | alarms.keys()
        }


def healths(connection: Connection, declared: Mapping[str, Declared], now: datetime) -> dict[str, Health]:
    """Return how each declared outlet is."""
    known = Known.of_all(connection)
    return {outlet: judge(outlet, one, known.get(outlet, Known()), now) for outlet, one in declared.items()}


def judge(outlet: str, declared: Declared, known: Known, now: datetime) -> Health:
    """Return how an outlet is; what somebody decided comes before what was found."""
    decided = _decided(outlet, declared, known.standing)
    if decided is not None:
        return decided
    looks = usual_crawls(known.runs)
    if not looks:
        return Health(word=Word.NEW, cause=f"it was never crawled; `pantau crawl {outlet}` does")
    last = looks[-1]
    word = _word_of(last)
    if word in {Word.BLOCKED, Word.ROBOTS, Word.FAILED}:
        return _not_looked(outlet, looks, known.standing, now)
    late = None if declared.longest is None else _late(outlet, known.runs, declared.longest, now)
    if late is not None:
        return late
    if known.alarm is not None:
        return _redesigned(outlet, known.alarm)
    return _silent(outlet, looks) or _looked(looks)


def usual_crawls(runs: Sequence[Past]) -> list[Past]:
    """Return the crawls that ended and were after what is new; where there are none, those for anything.

    What somebody asks for beside the daily crawls, old days or a few articles, says nothing about today.
    """
    crawls = [run for run in runs if run.look == "crawl" and run.verdict is not None]
    return [run for run in crawls if run.whole] or crawls


def owed_until(longest: timedelta, now: datetime) -> datetime:
    """Return up to when somebody should have looked by now; *longest* is the time between two due times."""
    return now - longest - GRACE


def covered_until(runs: Sequence[Past]) -> datetime | None:
    """Return the end of the last time that was looked at, None where nothing ever was."""
    return max((end for _, end in coverage_of(runs)), default=None)


def probe_at(runs: Sequence[Past]) -> datetime | None:
    """Return before when the schedule leaves an outlet alone that turns crawls away; None for any other.

    The pause is as long as the outlet has done so, so that it doubles; at least `PROBE_LEAST`, and at most
    `PROBE_MOST`. It is cut by `PROBE_SLACK`: due times lie some minutes earlier or later from day to day.
    """
    refused = list(_trail(usual_crawls(runs), Word.BLOCKED))
    if not refused:
        return None
    first, last = refused[0].started_at, refused[-1].started_at
    return last + min(PROBE_MOST, max(PROBE_LEAST, last - first)) - PROBE_SLACK


# --- What somebody decided


def _decided(outlet: str, declared: Declared, standing: Standing) -> Health | None:
    if declared.quarantine is not None:
        on = datetime.combine(declared.quarantine.on, time.min, WIB)
        cause = (
            f"{declared.quarantine.reason}; `pantau crawl {outlet}` tries it all the same, and without "
            "`quarantine` in its file it is crawled again"
        )
        return Health(word=Word.QUARANTINED, cause=cause, since=on)
    if not declared.enabled:
        return Health(word=Word.OFF, cause="by the configuration; `enabled = true` there ends it")
    if standing.paused_at is not None:
        why = standing.paused_why or "by an operator"
        cause = f"{why}; `pantau schedule resume {outlet}` ends it"
        return Health(word=Word.PAUSED, cause=cause, since=standing.paused_at)
    return None


# --- What a crawl found


def _word_of(run: Past) -> Word:
    """Return what one crawl tells of its outlet."""
    if run.verdict == "failed":
        return _FAILED[cause_of(run)]
    if _turned_away(run):
        return Word.BLOCKED
    return Word.HEALTHY if run.verdict == "healthy" else Word.DEGRADED


def _turned_away(run: Past) -> bool:
    """Tell whether the lists of an outlet could be read, and hardly any of its articles."""
    refused = sum(number for reason, number in run.unread.items() if reason in REFUSALS)
    return refused >= _FEW and refused > run.read


def _trail(looks: Sequence[Past], word: Word) -> Iterator[Past]:
    """Yield the newest crawls that all say *word*, oldest first."""
    begin = len(looks)
    while begin and _word_of(looks[begin - 1]) is word:
        begin -= 1
    yield from looks[begin:]


def _since(looks: Sequence[Past], word: Word) -> datetime:
    return next(_trail(looks, word)).started_at


def _not_looked(outlet: str, looks: Sequence[Past], standing: Standing, now: datetime) -> Health:
    last = looks[-1]
    word = _word_of(last)
    since = _since(looks, word)
    told = _told(last)
    if word is Word.ROBOTS:
        cause = f"its robots.txt closes its lists ({told}); respect it, or ask the outlet for leave"
        return Health(word=word, cause=cause, since=since)
    if word is Word.FAILED:
        kind, what, step = _failure(outlet, last)
        return Health(word=word, kind=kind, cause=f"{what} ({told}); {step}", since=since)
    kind, what = _REFUSED[_most(last, REFUSALS)]
    where = "lists" if last.verdict == "failed" else "articles"
    probe = wib(probe_at(looks))
    step = f"the schedule leaves it alone until {probe}; write to the outlet and try `pantau crawl {outlet}`"
    if standing.not_before is not None and standing.not_before > now:
        step = f"it is left alone until {wib(standing.not_before)}, as it asked"
    return Health(word=word, kind=kind, cause=f"{what.format(where)} ({told}); {step}", since=since)


def _told(run: Past) -> str:
    """Return what a run says of itself, with the first list that could not be had and why."""
    if not run.why:
        return f"run {run.id}"
    lists = [why.partition(": ")[2] for why in run.why[1:2] if run.unusable]
    return ": ".join([f"run {run.id}", run.why[0], *(said[:_SAID_CHARS] for said in lists if said)])


def _failure(outlet: str, run: Past) -> tuple[str | None, str, str]:
    """Return the kind of a failure, what it was, and what to do."""
    again = f"`pantau crawl {outlet}` goes on from there"
    if KILLED in run.why:
        return "killed", "the crawl was killed", again
    if any(reason.startswith(STOPPED) for reason in run.why):
        return "stopped", "the crawl was ended before its end", again
    if not run.unusable:
        return None, "the crawl could not look", f"`pantau runs {run.id}` names its log"
    reason = _most(run, frozenset(Reason) - REFUSALS)
    if reason in _UNREACHED:
        step = f"see whether its site opens in a browser here; `pantau crawl {outlet}` asks again"
        return "unreachable", "none of its lists could be reached", step
    step = f"`pantau runs {run.id}` names its log; look at the site before you change its file"
    return "unusable", "its lists answer with what cannot be read", step


def _most(run: Past, among: frozenset[Reason]) -> Reason:
    """Return the reason that kept a run from most lists, else from most articles."""
    for found in (run.unusable, run.unread):
        counts = Counter({Reason(reason): number for reason, number in found.items() if reason in among})
        if counts:
            return counts.most_common(1)[0][0]
    return Reason.INTERNAL


def _late(outlet: str, runs: Sequence[Past], longest: timedelta, now: datetime) -> Health | None:
    owed, reached = owed_until(longest, now), covered_until(runs)
    if reached is not None and reached >= owed:
        return None
    why, detail = why_not(runs, (reached or owed, now))
    looked = f"looked at until {wib(reached)} only" if reached else "nothing was ever looked at to its end"
    step = f"see whether the service runs (`pantau schedule`), or `pantau crawl {outlet}`"
    since = reached + longest + GRACE if reached else None
    return Health(word=Word.LATE, cause=f"{looked}: {detail or why}; {step}", since=since)


def _redesigned(outlet: str, alarm: Alarm) -> Health:
    signals = "; ".join(alarm.signals[:_SAID]) or "its pages no longer show what they use to"
    step = f"record a page of today and mend spiders/{outlet}.py: `scrapy record {outlet} URL`"
    if alarm.evidence is not None:
        step = f"mend spiders/{outlet}.py until the failing fixture in {alarm.evidence} passes"
    cause = f"{signals} (on {alarm.share:.0%} of its pages, first on {alarm.url}); {step}"
    return Health(word=Word.REDESIGNED, cause=cause, since=alarm.since)


def _silent(outlet: str, looks: Sequence[Past]) -> Health | None:
    last = looks[-1]
    if last.unusable or last.learned:
        return None
    quiet = quiet_since(looks)
    if quiet is None:
        return None
    hours = (last.started_at - quiet) / timedelta(hours=1)
    cause = (
        f"its lists can be read and have named nothing new for {hours:.0f} hours, longer than its own past "
        f"makes likely; look at the site: if it publishes, the lists in spiders/{outlet}.py are not its own "
        "any more"
    )
    return Health(word=Word.SILENT, cause=cause, since=quiet)


def _looked(looks: Sequence[Past]) -> Health:
    last = looks[-1]
    word = _word_of(last)
    since = _since(looks, word)
    if word is Word.HEALTHY:
        return Health(word=word, since=since)
    said = "; ".join(last.why[:_SAID]) or "it missed something"
    cause = f"run {last.id}: {said}; `pantau runs {last.id}` tells all of it"
    return Health(word=word, cause=cause, since=since)


_FEW: Final = 3
_SAID: Final = 2
_SAID_CHARS: Final = 160
_FAILED: Final = {Cause.BLOCKED: Word.BLOCKED, Cause.ROBOTS: Word.ROBOTS, Cause.FAILED: Word.FAILED}
_UNREACHED: Final = frozenset(
    {
        *(Reason.DNS, Reason.REFUSED, Reason.RESET, Reason.TIMEOUT, Reason.TLS, Reason.PROXY),
        Reason.ROBOTS_UNAVAILABLE,  # the first that is asked for: the outlet is out, most often
    }
)
_REFUSED: Final[Mapping[Reason, tuple[str, str]]] = {
    Reason.CHALLENGE: ("challenge", "a bot check, login or paywall stands before its {}"),
    Reason.CONSENT: ("consent page", "a page that asks for consent to cookies stands before its {}"),
    Reason.BLOCKED: ("403", "the outlet refuses its {} to this crawler"),
    Reason.RATE_LIMITED: ("rate limit", "the outlet wants to be asked for its {} less often"),
    Reason.CAPTIVE_PORTAL: ("network", "the network in between answers in place of its {}"),
}
