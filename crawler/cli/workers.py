"""What commands say of workers and of re-extractions: records for programs, lines for people."""

from collections.abc import Iterator, Sequence
from typing import Any

import attrs
from sqlalchemy import Engine

from crawler.dates import WIB, wib
from crawler.storage import deferrals
from crawler.storage.parts import Progress
from crawler.storage.plans import Plan
from crawler.storage.workers import Worker


def plans_by_worker(engine: Engine) -> dict[str, list[Plan]]:
    """Return what each worker is at work on, by its name."""
    going: dict[str, list[Plan]] = {}
    for plan in deferrals.in_hands(engine):
        if plan.taken_by is not None:
            going.setdefault(plan.taken_by, []).append(plan)
    return going


def waiting_for_workers(engine: Engine) -> int:
    """Return how many plans wait for a worker to take them."""
    return sum(plan.state == "deferred" for plan in deferrals.in_hands(engine))


def workers_line(found: Sequence[Worker], deferred: int) -> str | None:
    """Return in one line how many workers there are; None where there are none and nothing waits for one."""
    alive = [each for each in found if each.alive]
    if not found and not deferred:
        return None
    parts = [
        f"{len(alive)} workers on {len({each.host for each in alive})} machines" if alive else "no worker"
    ]
    parts += [f"{len(found) - len(alive)} dead"] * (len(alive) < len(found))
    refusing = sum(each.refuses is not None for each in alive)
    parts += [f"{refusing} of them refuse jobs"] * bool(refusing)
    parts += [f"{deferred} plans wait for one"] * bool(deferred)
    return ", ".join(parts) + "; `pantau worker --list` tells more"


def worker_record(each: Worker, going: Sequence[Plan]) -> dict[str, Any]:
    """Return a worker and its work as JSON values."""
    shown = attrs.asdict(each, filter=lambda field, _: field.name != "queue_id")
    work = [{"plan": plan.id, "outlet": plan.outlet, "look": plan.look} for plan in going]
    return {**shown, "since": each.since.astimezone(WIB).isoformat(timespec="seconds"), "at_work_on": work}


def progress_lines(progress: Sequence[Progress]) -> Iterator[str]:
    """Yield how far each re-extraction is, a line each."""
    for one in progress:
        pages = ", ".join(f"{number} {kind}" for kind, number in one.came_to.items() if number) or "none read"
        parts = [f"{one.done} of {one.parts} parts done"]
        parts += [f"{one.going} going"] * bool(one.going) + [f"{one.failed} failed"] * bool(one.failed)
        ended = f", ended at {wib(one.ended_at)}" if one.ended_at else ""
        yield (
            f"re-extraction of {wib(one.asked_at)}, {one.outlets} outlets: {', '.join(parts)}{ended}; "
            f"pages: {pages}; {one.stored} revisions stored"
        )
