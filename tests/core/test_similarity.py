"""What two texts share: copies in every form are recognised, what only looks like one is not."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.text.similarity import Likeness, Text, compare, print_of

WORDS = [
    f"{first}{second}{third}" for first in "bdgkmp" for second in ("ara", "elu", "ino") for third in "nrstk"
]


def written(seed: int, sentences: int = 12) -> list[str]:
    """Return invented paragraphs of two sentences each."""
    draw = Random(seed)
    made = [" ".join(draw.choices(WORDS, k=14)).capitalize() + "." for _ in range(sentences)]
    return [" ".join(made[at : at + 2]) for at in range(0, sentences, 2)]


def like(first: list[str], second: list[str]) -> Likeness | None:
    return compare(Text(print_of(first)), Text(print_of(second)))


def test_a_text_is_wholly_in_itself_however_it_is_set() -> None:
    text = written(1)
    for other in (text, [" ".join(text).upper()], [line.replace(" ", "\u00a0 ") for line in text]):
        assert like(text, other) == Likeness(1.0, 1.0, 0.0, 0.0)


def test_a_trimmed_copy_is_all_copied_and_the_rest_is_the_wires_own() -> None:
    found = like(written(1), written(1)[:2])
    assert found is not None
    assert (found.second, found.second_own) == (1.0, 0.0)
    assert found.first == pytest.approx(1 / 3, abs=0.01)
    assert found.first_own == pytest.approx(2 / 3, abs=0.01)


def test_of_two_merged_each_has_its_half() -> None:
    found = like(written(1), written(1)[:3] + written(2)[:3])
    assert found is not None
    assert found.second == pytest.approx(0.5, abs=0.03)
    assert found.second_own == pytest.approx(0.5, abs=0.03)


def test_a_rewritten_text_has_little_of_its_own() -> None:
    draw = Random(3)
    other = [
        " ".join("lain" if draw.random() < 0.15 else word for word in line.split()) for line in written(1)
    ]
    found = like(written(1), other)
    assert found is not None
    assert 0.4 < found.second < 0.9
    assert found.second_own < 0.2


def test_different_texts_share_nothing() -> None:
    assert like(written(1), written(2)) is None


def test_the_same_quotations_make_no_copy_but_the_same_words_around_them_do() -> None:
    quotes = [f"“{line}” katanya." for line in written(9, 8)]
    assert like(written(1) + quotes, written(2) + quotes) is None
    assert like(written(1) + quotes, written(1)[:4] + quotes) is not None


def test_daily_items_of_one_template_are_none() -> None:
    template = (
        "Harga beras di pasar A tercatat Rp {} per kilogram, naik {} persen dari {} pekan lalu, sementara "
    )
    template += (
        "gula pasir dijual Rp {} dan minyak goreng Rp {} per liter menurut catatan dinas perdagangan kota."
    )
    first, second = [template.format(*range(101, 106))], [template.format(*range(201, 206))]
    assert like(first, second) is None
    assert like(first, list(first)) is not None


def test_who_only_ends_with_the_same_formula_copied_nothing() -> None:
    formula = written(7, 6)
    assert like(written(1, 6) + formula, written(2, 6) + formula) is None


def test_hardly_any_words_are_nobodys_copy() -> None:
    assert not print_of(["Dua kata saja."]).minhash
    assert like([""], [""]) is None
    assert like([], written(1)) is None


@given(st.lists(st.text(max_size=60), max_size=6), st.lists(st.text(max_size=60), max_size=6))
def test_any_text_can_be_compared_and_both_ways_alike(first: list[str], second: list[str]) -> None:
    one, other = like(first, second), like(second, first)
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert (one.first, one.first_own) == (other.second, other.second_own)
        assert all(0 <= share <= 1 for share in (one.first, one.second, one.first_own, one.second_own))
