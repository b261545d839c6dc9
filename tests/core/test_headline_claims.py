"""Which claim is the headline where no heading prints it."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.pages.headline import find_headline

FOUND_BY = "Dua Pemimpin Akhirnya Bertatap Muka di Tepi Sungai"


@pytest.mark.parametrize(
    ("claimed", "headline"),
    [
        (FOUND_BY, FOUND_BY),
        (f"{FOUND_BY} - Internasional", FOUND_BY),  # a channel's tail, which the list leaves out
        (f"{FOUND_BY} | Berita Hari Ini", FOUND_BY),
        (f"{FOUND_BY}, Begini Duduk Perkaranya", f"{FOUND_BY}, Begini Duduk Perkaranya"),  # edited since
        (f"{FOUND_BY} Malam Ini", f"{FOUND_BY} Malam Ini"),
    ],
)
def test_the_list_cuts_tails_but_no_words_off_a_headline(claimed: str, headline: str) -> None:
    tree = LexborHTMLParser("<body><h1></h1><p>Isi berita.</p></body>")
    found = find_headline(tree, {"og:title": claimed, "json-ld": claimed, "list": FOUND_BY})
    assert found is not None
    assert found.text == headline
