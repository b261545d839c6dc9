"""Forms of text: what is stored, what copies share, what is shown."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.text.normalise import fold, likeness, sanitise, sanitised, shown


def test_fold_makes_single_plain_spaces_and_keeps_typography() -> None:
    assert fold(" “Damai”,\u00a0kata\u2009dia —  lalu\tpergi\u200b \n") == "“Damai”, kata dia — lalu pergi"


@pytest.mark.parametrize("unseen", ["\u200b", "\ufeff", "\u00ad", "\u2060"])
def test_fold_drops_zero_width_characters_without_parting_words(unseen: str) -> None:
    assert fold(f"Pyong{unseen}yang") == "Pyongyang"


def test_fold_composes_letters_and_leaves_marks_of_direction() -> None:
    assert fold("cafe\u0301 \u202eabc") == "café \u202eabc"


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert folded == folded.strip()
    assert "  " not in folded
    assert unicodedata.is_normalized("NFC", folded)


def test_sanitise_takes_out_what_no_store_takes() -> None:
    result = sanitised("a\x00b\x07c\x9d\td\ud800e")
    assert result.text == "abc\td\ufffde"
    assert (result.controls, result.surrogates, result.trimmed) == (3, 1, 0)


def test_sanitise_keeps_breaks_and_marks_of_direction() -> None:
    text = "baris satu\r\nbaris\tdua \u202btiga\u202c"
    assert sanitise(text) == text


def test_sanitise_trims_and_counts() -> None:
    result = sanitised("x" * 20, limit=12)
    assert (len(result.text), result.trimmed) == (12, 8)


@given(st.text(st.characters(codec=None)))
def test_sanitised_text_can_be_encoded(text: str) -> None:
    clean = sanitise(text)
    clean.encode("utf-8")
    assert "\x00" not in clean


def test_shown_text_cannot_turn_its_surroundings() -> None:
    assert shown("judul \u202egnp.exe\u202c\u200e \u2066x\u2069") == "judul gnp.exe x"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("“Damai itu mahal,” katanya.", '"Damai itu mahal," katanya'),
        ("Bendungan baru. [AFP/Nama]", "Bendungan baru. AFP/Nama"),
        ("KAPAL RISET", "Kapal riset\u200b"),
        ("Kapal\u00a0riset", "Kapal riset"),
    ],
)
def test_copies_of_a_line_are_alike(one: str, other: str) -> None:
    assert likeness(one) == likeness(other)


def test_different_lines_are_not_alike() -> None:
    assert likeness("Naik 5 persen") != likeness("Naik 6 persen")
    assert likeness("Naik 5%") != likeness("Naik 5")
