"""Conditional requests whose validators must prove themselves before they are believed.

A server may give one ETag for ever, or answer 304 to whatever it is asked: both would hide what is new. So a
resource is read in full until its content and its validator have changed together; then the *stale* validator
is sent as a challenge, which an honest server answers with the content. From then on it is asked
conditionally, and every `AUDIT_EVERY`-th time it is challenged again. Who was caught once is always read in
full. Pure: what was learned is a value, and each answer makes the next one.
"""

from typing import Final, Literal

import attrs

Trust = Literal["unproven", "changed", "proven", "liar"]
Ask = Literal["plain", "challenge", "conditional"]

AUDIT_EVERY: Final = 7
"""Of so many polls in a row at least one is not answered by a belief."""


@attrs.frozen
class Validators:
    """What a server gave to recognise a version by."""

    etag: str | None = None
    last_modified: str | None = None

    @property
    def effective(self) -> str | None:
        """Return the one that counts: servers that get both go by the ETag."""
        return self.etag or self.last_modified

    def headers(self) -> dict[str, str]:
        """Return the headers of a conditional request."""
        if self.etag:
            return {"If-None-Match": self.etag}
        return {"If-Modified-Since": self.last_modified} if self.last_modified else {}


@attrs.frozen(kw_only=True)
class Memory:
    """What is known of a resource's validators. `digest` stands for its content when it was last read.

    `stale` are the validators of an earlier content, `unasked` counts the conditional polls since the
    resource was last read in full or challenged.
    """

    trust: Trust = "unproven"
    validators: Validators = Validators()
    stale: Validators = Validators()
    digest: str | None = None
    unasked: int = 0

    def next_poll(self, *, believe: bool = True) -> tuple[Ask, Validators]:
        """Return how to ask next, and with which validators.

        Without *believe* a 304 would not be enough this time, so none is invited, unless to test the server.
        """
        audit = not believe or self.unasked >= AUDIT_EVERY - 1
        if (
            self.trust in {"changed", "proven"}
            and self.stale.effective
            and (self.trust == "changed" or audit)
        ):
            return "challenge", self.stale
        if self.trust == "proven" and self.validators.effective and not audit:
            return "conditional", self.validators
        return "plain", Validators()

    def unchanged(self, asked: Ask) -> "Memory":
        """Return what is known after a 304. One that answers a challenge is a lie: read the resource then."""
        if asked == "conditional":
            return attrs.evolve(self, unasked=self.unasked + 1)
        return self._lying()

    def read(self, asked: Ask, seen: Validators, digest: str) -> "Memory":
        """Return what is known after the content came, with the validators of the answer."""
        if self.trust == "liar":
            return attrs.evolve(self, digest=digest)
        known = attrs.evolve(
            self,
            validators=seen,
            digest=digest,
            unasked=self.unasked + 1 if asked == "conditional" else 0,
            trust="proven" if asked == "challenge" else self.trust,
        )
        if self.digest is None:
            return known
        if digest != self.digest:
            if seen.effective and seen.effective == self.validators.effective:
                return self._lying(digest)
            known = attrs.evolve(known, stale=self.validators)
            if asked == "plain":
                known = attrs.evolve(known, trust="changed")
        if not seen.effective or not known.stale.effective or known.stale.effective == seen.effective:
            # Nothing to challenge with: a proof needs two contents and two validators.
            return attrs.evolve(known, stale=Validators(), trust="unproven")
        return known

    def moved(self) -> "Memory":
        """Return what is known once the resource has another address: of the server, not of its content."""
        return Memory(trust=self.trust if self.trust in {"proven", "liar"} else "unproven")

    def _lying(self, digest: str | None = None) -> "Memory":
        return Memory(trust="liar", digest=digest or self.digest)
