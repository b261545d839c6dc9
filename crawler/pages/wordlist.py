"""Sets of names, written as one text."""


def wordlist(text: str) -> frozenset[str]:
    """Return the names in *text*, apart at white space."""
    return frozenset(text.split())
