"""Validators are believed once they have proved themselves, and no lie costs more than a late look."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.conditional import AUDIT_EVERY, Ask, Memory, Validators

Version = int


@dataclass
class Server:
    """Serves versions of one resource; *etag* and *holds* are its manners."""

    etag: Callable[[Version], str | None]
    holds: Callable[[str, str | None], bool] = lambda sent, current: sent == current
    modified: Callable[[Version], str | None] = lambda version: None  # noqa: ARG005
    version: Version = 0
    asked: list[Ask] = field(default_factory=list)

    def get(self, sent: Validators) -> tuple[bool, Validators]:
        """Return whether the answer is a 304, and the validators of a full one."""
        now = Validators(self.etag(self.version), self.modified(self.version))
        if sent.etag:
            return self.holds(sent.etag, now.etag), now
        if sent.last_modified:
            return self.holds(sent.last_modified, now.last_modified), now
        return False, now


def poll(memory: Memory, server: Server) -> tuple[Memory, bool]:
    """Poll as a crawler does; return what is known then and whether the content was had."""
    asked, sent = memory.next_poll()
    server.asked.append(asked)
    unchanged, seen = server.get(sent)
    if unchanged:
        memory = memory.unchanged(asked)
        if asked == "conditional":
            return memory, False
        asked, (_, seen) = "plain", server.get(Validators())
        server.asked.append(asked)
    return memory.read(asked, seen, str(server.version)), True


def watch(server: Server, changes: list[bool]) -> list[int]:
    """Poll once for each of *changes*; return for each poll how many versions behind it left us."""
    memory, had, behind = Memory(), -1, []
    for changes_now in changes:
        server.version += changes_now
        memory, read = poll(memory, server)
        had = server.version if read else had
        behind.append(server.version - had)
    return behind


def serial() -> Callable[[Version], str]:
    numbers = count()
    return lambda _version: f'"{next(numbers)}"'


HONEST = {
    "etag": lambda: Server(lambda version: f'"{version}"'),
    "modified": lambda: Server(lambda _: None, modified=lambda version: f"date {version}"),
    "both": lambda: Server(lambda version: f'"{version}"', modified=lambda _: "date"),
    "no validators": lambda: Server(lambda _: None),
    "an etag for each answer": lambda: Server(serial()),
    "deaf to conditions": lambda: Server(lambda version: f'"{version}"', holds=lambda *_: False),
}
LIARS = {
    "constant etag": lambda: Server(lambda _: '"1"'),
    "constant date": lambda: Server(lambda _: None, modified=lambda _: "date"),
    "always 304": lambda: Server(lambda version: f'"{version}"', holds=lambda *_: True),
    "always 304, an etag for each answer": lambda: Server(serial(), holds=lambda *_: True),
    "constant etag beside a good date": lambda: Server(lambda _: '"1"', modified=lambda v: f"date {v}"),
}
CHANGES = st.lists(st.booleans(), max_size=40)


@pytest.mark.parametrize("make", [*HONEST.values(), *LIARS.values()], ids=[*HONEST, *LIARS])
@given(changes=CHANGES)
def test_no_server_that_is_what_it_is_from_the_start_hides_anything(
    make: Callable[[], Server], changes: list[bool]
) -> None:
    assert not any(watch(make(), changes))


@pytest.mark.parametrize("make", LIARS.values(), ids=LIARS)
@given(changes=CHANGES)
def test_a_liar_is_never_asked_conditionally_and_challenged_at_most_once(
    make: Callable[[], Server], changes: list[bool]
) -> None:
    server = make()
    watch(server, changes)
    assert "conditional" not in server.asked
    assert server.asked.count("challenge") <= 1


@pytest.mark.parametrize("kind", ["etag", "modified", "both"])
def test_an_honest_server_is_asked_conditionally_after_two_contents(kind: str) -> None:
    server = HONEST[kind]()
    watch(server, [True, False, True, False, *[False] * AUDIT_EVERY])
    assert server.asked[:5] == ["plain", "plain", "plain", "challenge", "conditional"]
    assert server.asked[4:].count("challenge") == 1
    assert "plain" not in server.asked[4:]


@given(before=CHANGES, after=CHANGES, to=st.sampled_from(["constant", "always"]))
def test_a_server_that_takes_to_lying_is_found_out_by_the_next_audit(
    before: list[bool], after: list[bool], to: str
) -> None:
    server = Server(lambda version: f'"{version}"')
    memory, had = Memory(), -1
    for changes in before:
        server.version += changes
        memory, read = poll(memory, server)
        had = server.version if read else had
    if to == "always":
        server.holds = lambda *_: True
    else:
        fixed = f'"{server.version}"'
        server.etag = lambda _: fixed
    blind = 0
    for changes in after:
        server.version += changes
        memory, read = poll(memory, server)
        had = server.version if read else had
        blind = 0 if had == server.version else blind + 1
        assert blind < AUDIT_EVERY


def test_who_was_caught_once_is_never_believed_again() -> None:
    memory = Memory()
    for content in ("a", "b"):
        memory = memory.read("plain", Validators('"1"'), content)
    for number in range(2, 2 + 2 * AUDIT_EVERY):
        assert memory.trust == "liar"
        assert memory.next_poll() == ("plain", Validators())
        memory = memory.read("plain", Validators(f'"{number}"'), str(number))


def test_what_cannot_be_believed_today_is_read_or_challenged() -> None:
    server = Server(lambda version: f'"{version}"')
    memory = Memory()
    for version in (0, 1, 1):
        server.version = version
        memory, _ = poll(memory, server)
    assert memory.trust == "proven"
    assert memory.next_poll()[0] == "conditional"
    assert memory.next_poll(believe=False) == ("challenge", Validators('"0"'))


def test_a_new_address_keeps_the_servers_name_and_none_of_its_validators() -> None:
    for trust, kept in {
        "unproven": "unproven",
        "changed": "unproven",
        "proven": "proven",
        "liar": "liar",
    }.items():
        moved = Memory(trust=trust, validators=Validators('"1"'), stale=Validators('"0"'), digest="d").moved()
        assert moved == Memory(trust=kept)
        assert moved.next_poll() == ("plain", Validators())


def test_a_content_that_comes_back_is_not_taken_for_a_lie() -> None:
    server = Server(lambda version: f'"{version % 2}"')
    memory = Memory()
    for version in (0, 1, 0):
        server.version = version
        memory = memory.read("plain", server.get(Validators())[1], str(version % 2))
    assert memory.next_poll() == ("challenge", Validators('"1"'))
