"""Where the next crawl begins, so that no downtime leaves a hole."""

from datetime import datetime

import pytest
from sqlalchemy import Engine

from crawler.storage import runs
from crawler.storage.coverage import Past, covered_by
from crawler.storage.reach import FURTHEST, TRIES, Reach, reach, reach_of
from crawler.storage.runs import STOPPED, Looked
from tests.core.histories import AT, DAY, USUAL, crawl, lost, midnight


def next_since(history: list[Past], day: int) -> datetime:
    return reach_of(history, midnight(day) - USUAL, midnight(day) + AT).since


class TestReach:
    def test_a_first_crawl_has_the_usual_window(self):
        assert next_since([], 0) == midnight(-3)

    def test_a_daily_crawl_has_the_usual_window(self):
        assert next_since([crawl(day) for day in range(10)], 10) == midnight(7)

    def test_downtime_is_made_up_for(self):
        # Covered until day 5, 05:00; what was listed late is looked for some hours before that.
        assert next_since([crawl(day) for day in range(6)], 15) == midnight(4)

    @pytest.mark.parametrize("verdict", ["failed", None])
    def test_what_failed_or_was_killed_covered_nothing(self, verdict: str | None):
        history = [crawl(0), *(lost(day, verdict) for day in range(1, 9))]
        assert next_since(history, 9) == midnight(-1)

    def test_a_failed_run_covers_nothing_whatever_it_says(self):
        assert covered_by(crawl(3, verdict="failed")) is None
        assert covered_by(crawl(3, verdict="degraded")) is not None

    def test_a_run_cannot_cover_what_came_after_it_began(self):
        assert covered_by(crawl(3, covered_until=midnight(4))) == (midnight(0), midnight(3) + AT)

    def test_a_crawl_that_stopped_at_its_limit_is_made_up_for(self):
        history = [crawl(0), *(lost(day, "healthy", article_limit=5) for day in range(1, 9))]
        assert next_since(history, 9) == midnight(-1)

    def test_a_crawl_of_days_that_were_asked_for_does_not_hide_a_hole_before_them(self):
        asked = crawl(12, asked=True, since=midnight(11), covered_since=midnight(11))
        assert next_since([crawl(0), asked], 13) == midnight(-1)

    def test_a_look_far_back_does_not_make_the_days_after_it_owed(self):
        asked = crawl(0, asked=True, since=midnight(-300), until=midnight(-290), covered_until=midnight(-290))
        assert next_since([asked, *(crawl(day) for day in range(3))], 3) == midnight(0)

    def test_a_hole_that_cannot_be_filled_is_sought_so_many_times_and_no_more(self):
        # An outlet whose lists reach back one day only.
        history = [crawl(0)]
        begun = []
        for day in range(10, 10 + TRIES + 2):
            since = next_since(history, day)
            begun.append(since)
            history.append(crawl(day, since=since, covered_since=midnight(day) - DAY))
        assert begun == [midnight(-1)] * TRIES + [midnight(day) - USUAL for day in (13, 14)]

    def test_lists_that_are_never_covered_are_not_asked_for_ever_more(self):
        history, begun = [crawl(0)], []
        for day in range(1, 40):
            since = next_since(history, day)
            begun.append(midnight(day) - since)
            history.append(lost(day, "degraded", since=since))
        assert max(begun) <= (TRIES + 3) * DAY

    def test_runs_that_were_stopped_early_did_not_seek_in_vain(self):
        stopped = [lost(day, "degraded", why=(f"{STOPPED}: shutdown",)) for day in range(1, 9)]
        assert next_since([crawl(0), *stopped], 9) == midnight(-1)

    def test_what_is_too_old_is_given_up_and_told_once(self):
        far = FURTHEST.days + 20
        found = reach_of([crawl(0)], midnight(far) - USUAL, midnight(far) + AT)
        assert found == Reach(midnight(20), (midnight(0) + AT, midnight(20)))
        history = [crawl(0), crawl(far, since=found.since)]
        assert reach_of(history, midnight(far + 1) - USUAL, midnight(far + 1) + AT) == Reach(
            midnight(far + 1) - USUAL
        )

    def test_it_rests_on_the_store(self, store: Engine):
        for outlet in ("kontan", "republika"):
            run = runs.start_run(store, outlet, since=midnight(-3), until=midnight(1), now=midnight(0) + AT)
            covered = (midnight(-3), midnight(0) + AT) if outlet == "kontan" else None
            runs.finish_run(store, run.id, "healthy", looked=Looked(covered=covered))
        now = midnight(20) + AT
        assert reach(store, "kontan", midnight(17), now).since == midnight(-1)
        assert reach(store, "republika", midnight(17), now).since == midnight(-4)
        assert reach(store, "mercinews", midnight(17), now).since == midnight(17)
