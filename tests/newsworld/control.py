"""The host through which another process sets a world's time, plants events and reads the log.

GET http://control.newsworld/now                              {"now": "2026-03-09T00:00:00+07:00"}
GET http://control.newsworld/now?to=2026-03-10T02:00:00%2B07:00&outlet=kontan
GET http://control.newsworld/plant?what=outage&outlet=kontan&since=…&until=…&how=503
GET http://control.newsworld/plant?what=edit&url=…&at=…&kind=number
GET http://control.newsworld/plant?what=delete&url=…&at=…&until=…&how=410
GET http://control.newsworld/log?host=mercinews.com           {"requests": …, "smallest_gap_s": …}
"""

from datetime import datetime

from tests.newsworld.log import RequestLog
from tests.newsworld.messages import Request, Response, as_json
from tests.newsworld.world import World

HOST = "control.newsworld"


class Control:
    """A site beside the outlets that steers the world."""

    hosts = (HOST,)

    def __init__(self, world: World, log: RequestLog) -> None:
        self._world, self._log = world, log

    def answer(self, request: Request) -> Response:
        """Answer one command; a wrong one by 400 and its reason."""
        commands = {"/now": self._now, "/plant": self._plant, "/log": self._requests}
        command = commands.get(request.path)
        if command is None:
            return as_json({"error": f"no command {request.path}: {', '.join(commands)}"}, status=404)
        try:
            return as_json(command(dict(request.query)))
        except (KeyError, StopIteration, TypeError, ValueError) as wrong:
            return as_json({"error": f"{type(wrong).__name__}: {wrong}"}, status=400)

    def _now(self, query: dict[str, str]) -> dict[str, object]:
        if "to" in query:
            self._world.set_now(datetime.fromisoformat(query["to"]), query.get("outlet"))
        return {"now": self._world.now.isoformat()}

    def _plant(self, query: dict[str, str]) -> dict[str, object]:
        what = query.pop("what")
        plant = {"edit": self._world.edit, "delete": self._world.delete, "outage": self._world.outage}[what]
        times = {name for name in query if name in {"at", "since", "until"}}
        plant(
            **{name: datetime.fromisoformat(text) if name in times else text for name, text in query.items()}
        )
        return {"planted": what}

    def _requests(self, query: dict[str, str]) -> dict[str, object]:
        host = query.get("host")
        return {"requests": self._log.by_kind(host), "smallest_gap_s": self._log.smallest_gap_s(host)}
