"""The service killed at each step of its work: the next one goes on, and the due time is run exactly once."""

import signal

import pytest
from sqlalchemy import Engine

from crawler.storage import plans as planning
from crawler.storage.schema import plans, runs
from tests.daemon import later
from tests.sabotage.orders import SERVICE_POINTS, sabotaged
from tests.serving import PATIENCE_S, Services, rows, wait_until

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize("point", SERVICE_POINTS)
def test_a_service_that_dies_there_is_made_good_by_the_next(
    daemons: Services, store: Engine, point: str
) -> None:
    # Far from now, but where the planning itself is what is broken off: else a slow start would miss it.
    due, sound = f"kontan={later(15 if point == 'plan made' else 7200).isoformat()}", daemons.environ
    if point != "plan made":
        assert planning.ask_now(store, "kontan", now=later(0)) is not None
    daemons.environ = sabotaged(sound, kill=[point, 1], role="other")
    assert daemons.start(due).wait(PATIENCE_S) == -signal.SIGKILL, daemons.log()
    daemons.environ = sound
    daemons.start(due)
    done = wait_until(lambda: [row for row in rows(store, plans) if row.state == "done"])
    assert len(done) == 1
    assert [row.verdict for row in rows(store, runs)] == ["healthy"]
