"""An honest search over texts: a query finds what holds every one of its words."""

import re
from array import array
from collections.abc import Iterable

_WORD = re.compile(r"\w+")


class TextIndex:
    """Word → numbers of the texts that hold it, counted from 0 in the order given."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._places: dict[str, array[int]] = {}
        for number, text in enumerate(texts):
            for word in set(_WORD.findall(text.lower())):
                found = self._places.get(word)
                if found is None:
                    self._places[word] = array("I", (number,))
                else:
                    found.append(number)

    def find(self, query: str) -> list[int]:
        """Return the numbers of the texts with all words of *query*, ascending; none for an empty query."""
        words = _WORD.findall(query.lower())
        if not words:
            return []
        lists = sorted((self._places.get(word, array("I")) for word in words), key=len)
        found = set(lists[0])
        for other in lists[1:]:
            found.intersection_update(other)
        return sorted(found)
