"""The hashes by which a changed text is told from one that is as it was."""

import hashlib
import json
from collections.abc import Sequence

from crawler.items import Instant
from crawler.storage.columns import storable


def content_hash(
    headline: str, byline: Sequence[str], published_at: Instant | None, body: Sequence[str]
) -> str:
    """Return the SHA-256 of what makes a revision when it changes, and of nothing else."""
    published = None if published_at is None else published_at.utc.isoformat()
    return _digest([storable(headline), list(byline), published, list(body)])


def body_hash(body: Sequence[str]) -> str:
    """Return the SHA-256 of the clean text alone."""
    return _digest(list(body))


def _digest(value: object) -> str:
    # ASCII JSON, so that any character has bytes; lists, so that a moved boundary is a change.
    return hashlib.sha256(json.dumps(value, separators=(",", ":")).encode()).hexdigest()
