"""Whose text an article is: credits are told from quotations, the text's from the pictures'."""

from typing import Any

import pytest

from crawler.items import Article, Removed
from crawler.text.agencies import credited_in, pictured_in
from tests.core.storing import article

PLAIN: dict[str, Any] = {
    "body": ("Delegasi tiba pada pagi hari.",),
    "source": None,
    "captions": (),
    "removed": (),
    "page_text": "",
    "dateline": None,
    "byline": (),
    "standfirst": None,
}


def signed(**changes: Any) -> Article:
    return article(1, **PLAIN | changes)


@pytest.mark.parametrize(
    ("changes", "credited"),
    [
        ({"source": "Antara"}, ("Antara",)),
        ({"source": "Sumber: Reuters, AFP"}, ("Reuters", "AFP")),
        ({"body": ("Demikian katanya. (Antara)",)}, ("Antara",)),
        ({"body": ("Demikian katanya.” (Ant/Reuters)",)}, ("Antara", "Reuters")),
        ({"body": ("Demikian katanya. — AFP",)}, ("AFP",)),
        ({"body": ("Moskow (ANTARA/Sputnik) - Delegasi tiba.",)}, ("Antara", "Sputnik")),
        ({"removed": (Removed(1, "field/dateline", "Pyongyang, KCNA –"),)}, ("KCNA",)),
        ({"removed": (Removed(9, "signoff/line", "(Yonhap/abc)"),)}, ("Yonhap",)),
        ({"removed": (Removed(9, "field/source", "Sumber: TASS"),)}, ("TASS",)),
        (
            {"page_text": "Menu\nMoskow (ANTARA) - Delegasi tiba pada pagi hari.\nSumber: TASS\n"},
            ("Antara", "TASS"),
        ),
        ({"byline": ("Antara",)}, ("Antara",)),
    ],
)
def test_a_credit_is_read_wherever_it_stands(changes: dict[str, Any], credited: tuple[str, ...]) -> None:
    assert credited_in(signed(**changes)) == credited


@pytest.mark.parametrize(
    "sentence",
    [
        "Kantor berita KCNA melaporkan hal itu.",
        "Korean Central News Agency (KCNA) melaporkan hal itu.",
        "Hal itu dikutip TASS dari Kremlin, seperti dilansir Reuters.",
        "Hubungan antara kedua negara membaik. Antara lain soal pangan.",
        "Ia berangkat (bersama istri).",
    ],
)
def test_an_agency_in_a_sentence_is_only_quoted(sentence: str) -> None:
    found = signed(body=(sentence, "Demikian."))
    assert credited_in(found) == pictured_in(found) == ()


@pytest.mark.parametrize(
    ("changes", "pictures"),
    [
        ({"captions": ("Kim di Pyongyang. (KCNA via REUTERS)",)}, ("KCNA", "Reuters")),
        ({"captions": ("Foto: AFP/Bayu",)}, ("AFP",)),
        ({"removed": (Removed(1, "field/photo-credit", "ANTARA FOTO/Bayu"),)}, ("Antara",)),
        ({"captions": ("Antara dua pejabat itu berdiri penerjemah.",)}, ()),
    ],
)
def test_whose_picture_it_is_says_nothing_of_the_text(
    changes: dict[str, Any], pictures: tuple[str, ...]
) -> None:
    found = signed(**changes)
    assert (credited_in(found), pictured_in(found)) == ((), pictures)
