"""What a rehearsed year is measured by: promises kept or broken, cost against the oracle, quiet days."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.newsworld.messages import Request
from tests.newsworld.outlets.base import Outlet
from tests.yearly.expected import histories
from tests.yearly.held import Verdict, hold
from tests.yearly.oracle import Need, needs
from tests.yearly.rehearsal import Day

MOST_REQUESTS = 1.2  # times what the oracle asks
# Complaints that break no promise: what was gone when it was first listed is owed without a time, and an edit
# may be told by one kind more than was planted.
NOTED = frozenset({"missing after absence", "late after absence", "kind too many"})


@dataclass(slots=True)
class Cost:
    """Requests by kind, and what the oracle needs; the same for the days without news."""

    asked: Counter[str] = field(default_factory=Counter)
    needed: Counter[str] = field(default_factory=Counter)
    quiet_days: int = 0
    quiet_lists: int = 0
    quiet_addresses: int = 0
    quiet_conditional: int = 0
    not_modified: int = 0
    seconds: float = 0.0
    crawls: int = 0
    kills: int = 0

    @property
    def ratio(self) -> float:
        """How many times the oracle's requests were sent."""
        return self.asked.total() / max(1, self.needed.total())

    def add(self, other: "Cost") -> None:
        """Add the cost of another outlet."""
        self.asked.update(other.asked)
        self.needed.update(other.needed)
        for name in ("quiet_days", "quiet_lists", "quiet_addresses", "quiet_conditional", "not_modified"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.seconds += other.seconds
        self.crawls += other.crawls
        self.kills += other.kills


def judged(outlet: Outlet, days: Sequence[Day], data: Path) -> tuple[Verdict, Cost]:
    """Return how an outlet's days kept their promises, and what they cost."""
    moments = [day.moment for day in days]
    verdict = hold(outlet, moments, data)
    cost = Cost()
    owed = list(histories(outlet, moments))
    for number, (day, need) in enumerate(zip(days, needs(outlet, moments, owed), strict=True)):
        asked = Counter(
            request.kind for each in day.crawls for request in each.requests if request.method != "CONNECT"
        )
        cost.asked.update(asked)
        cost.needed.update({"robots": need.robots, "list": need.lists, "article": need.articles})
        cost.seconds += sum(each.seconds for each in day.crawls)
        cost.crawls += len(day.crawls)
        cost.kills += day.kills
        cost.not_modified += sum(request.status == 304 for each in day.crawls for request in each.requests)
        if _is_quiet(days, number, need):
            verdict.broken["asked on a quiet day"] += _hold_quiet(outlet, day, need, cost)
    return verdict, cost


def _is_quiet(days: Sequence[Day], number: int, need: Need) -> bool:
    """Tell whether nothing is new, and nothing went wrong that day or the day before."""
    day, before = days[number], days[number - 1] if number else None
    undisturbed = before is not None and all(
        each.moment.outage is None and not each.kills for each in (day, before)
    )
    return undisturbed and number > 2 and not need.new


def _hold_quiet(outlet: Outlet, day: Day, need: Need, cost: Cost) -> Iterator[str]:
    """Yield what a day without news cost beyond one request a list and the looks that were due."""
    requests = [request for each in day.crawls for request in each.requests]
    lists = [request for request in requests if request.kind == "list"]
    addresses = {request.url for request in lists}
    cost.quiet_days += 1
    cost.quiet_lists += len(lists)
    cost.quiet_addresses += need.lists
    cost.quiet_conditional += sum(request.conditional for request in lists)
    for request in requests:
        story = outlet.story(Request.of("GET", request.url))
        if story is not None and story.url not in need.looked_at:
            yield f"{outlet.name} {day.at:%d %b}: {request.status} {request.url}"
    for url in addresses:
        if (times := sum(request.url == url for request in lists)) > 1:
            yield f"{outlet.name} {day.at:%d %b}: {times} times {url}"


def summary(verdict: Verdict, cost: Cost) -> dict[str, tuple[float, str]]:
    """Return the figures by their names, each with its unit."""
    counts, broken = verdict.counts, verdict.broken

    def complaints(*kinds: str) -> tuple[float, str]:
        return sum(len(broken[kind]) for kind in kinds), "articles"

    return {
        "articles_owed": (counts["owed"], "articles"),
        "articles_stored": (counts["stored"], "articles"),
        "articles_missing": complaints("missing"),
        "articles_missing_after_absence": complaints("missing after absence"),
        "articles_late": complaints("late"),
        "articles_doubled": complaints("doubled"),
        "articles_unexpected": complaints("unexpected"),
        "articles_wrong_text": complaints("wrong text", "false revision"),
        "looks_owed": (counts["looks"], "looks"),
        "edits_owed": (counts["edits"], "edits"),
        "edits_found_at_their_look": (counts["edits right"], "edits"),
        "edits_missed": (len(broken["edit missed"]), "edits"),
        "edits_of_wrong_kind": (len(broken["wrong kind"]), "edits"),
        "deletions_owed": (counts["suspected"], "deletions"),
        "deletions_suspected": (counts["suspected right"], "deletions"),
        "confirmations_owed": (counts["confirmed"], "deletions"),
        "deletions_confirmed": (counts["confirmed right"], "deletions"),
        "restorations_owed": (counts["restored"], "restorations"),
        "restorations_seen": (counts["restored right"], "restorations"),
        "false_suspicions": complaints("false suspected"),
        "false_deletions": complaints("false confirmed"),
        "outage_runs": (counts["outage runs"], "runs"),
        "outage_runs_called_healthy": (len(broken["blind but healthy"]), "runs"),
        "other_runs_healthy": (
            round(counts["other runs healthy"] / max(1, counts["other runs"]), 4),
            "share",
        ),
        "requests": (cost.asked.total(), "requests"),
        "requests_of_oracle": (cost.needed.total(), "requests"),
        "requests_ratio": (round(cost.ratio, 3), "x"),
        **{f"requests_ratio_{kind}": (_ratio(cost, kind), "x") for kind in ("list", "article", "robots")},
        "not_modified": (cost.not_modified, "responses"),
        "quiet_days": (cost.quiet_days, "days"),
        "quiet_requests_a_list": (round(cost.quiet_lists / max(1, cost.quiet_addresses), 3), "requests"),
        "quiet_conditional": (round(cost.quiet_conditional / max(1, cost.quiet_lists), 3), "share"),
        "quiet_broken": (len(broken["asked on a quiet day"]), "requests"),
        "kills": (cost.kills, "kills"),
        "crawls": (cost.crawls, "crawls"),
        "seconds_a_crawl": (round(cost.seconds / max(1, cost.crawls), 2), "s"),
    }


def _ratio(cost: Cost, kind: str) -> float:
    return round(cost.asked[kind] / max(1, cost.needed[kind]), 3)


def promises_broken(verdict: Verdict, cost: Cost) -> list[str]:
    """Return the names of the promises that do not hold."""
    broken = [kind for kind, lines in verdict.broken.items() if lines and kind not in NOTED]
    return [*broken, "requests"] if cost.ratio > MOST_REQUESTS else broken
