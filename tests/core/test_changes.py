"""The typed diff: what an editor would say was changed, sentence by sentence, in labelled pairs."""

import json
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.items import Article, Instant
from crawler.text.changes import changes, kinds_of, same_text, spans
from crawler.text.sentences import split_sentences
from tests.core.storing import article

PAIRS = [json.loads(line) for line in Path(__file__).with_name("edits.jsonl").read_text("utf-8").splitlines()]


def version(fields: dict[str, Any]) -> Article:
    published = datetime.fromisoformat(fields.get("published_at", "2026-03-04T12:00+07:00"))
    return article(
        1,
        body=tuple(fields["body"]),
        headline=fields.get("headline", "Delegasi Rusia Tiba"),
        byline=tuple(fields.get("byline", ("Wulan Rahmadani",))),
        published_at=Instant(published),
    )


def test_there_are_enough_pairs_and_some_were_held_out() -> None:
    assert len(PAIRS) >= 60
    assert sum(pair["held_out"] for pair in PAIRS) >= 20


@pytest.mark.parametrize("pair", [pytest.param(pair, id=pair["name"]) for pair in PAIRS])
def test_an_edit_is_found_once_and_typed(pair: dict[str, Any]) -> None:
    old, new = version(pair["old"]), version(pair["new"])
    found = changes(old, new)
    assert [[change.kind, change.action] for change in found] == pair["changes"]
    for change in found:
        assert change.action != "added" or change.old is None
        assert change.action != "removed" or change.new is None


@pytest.mark.parametrize("pair", [pytest.param(pair, id=pair["name"]) for pair in PAIRS])
def test_the_way_back_has_as_many_edits(pair: dict[str, Any]) -> None:
    old, new = version(pair["old"]), version(pair["new"])
    assert len(changes(new, old)) == len(changes(old, new))


@pytest.mark.parametrize("pair", [pytest.param(pair, id=pair["name"]) for pair in PAIRS])
def test_spans_give_back_their_text_and_mark_what_differs(pair: dict[str, Any]) -> None:
    for change in changes(version(pair["old"]), version(pair["new"])):
        for side, text in zip(spans(change), (change.old, change.new), strict=True):
            assert "".join(span.text for span in side) == (text or "")
        assert any(span.changed for side in spans(change) for span in side)


def test_what_differs_is_marked_by_words() -> None:
    old, new = version({"body": ["Sebanyak 12 kapal tiba."]}), version({"body": ["Sebanyak 15 kapal tiba."]})
    (change,) = changes(old, new)
    before, after = spans(change)
    assert [span.text for span in before if span.changed] == ["12"]
    assert [span.text for span in after if span.changed] == ["15"]


@pytest.mark.parametrize(
    ("paragraph", "sentences"),
    [
        ("Harga beras Rp 1.000 per liter. Naik lagi.", ["Harga beras Rp 1.000 per liter.", "Naik lagi."]),
        ("Prof. Dr. Budi hadir. Ia pulang.", ["Prof. Dr. Budi hadir.", "Ia pulang."]),
        ("Surat diteken a.n. Bupati. Selesai.", ["Surat diteken a.n. Bupati.", "Selesai."]),
        ("“Kami siap. Kami datang,” katanya. Ia pergi.", ["“Kami siap. Kami datang,” katanya.", "Ia pergi."]),
        ("“Benarkah?” tanya dia. “Ya.” Lalu diam.", ["“Benarkah?” tanya dia.", "“Ya.”", "Lalu diam."]),
        ("Ia menemui J. Suharto. Lalu pulang!", ["Ia menemui J. Suharto.", "Lalu pulang!"]),
        ("Beras, gula, dll. Semua naik.", ["Beras, gula, dll.", "Semua naik."]),
        ("Lihat hal. 12 buku itu. Ada banyak hal. Semua penting.", None),
        ("Pukul 10.30 WIB. Hujan turun...  Banjir.", ["Pukul 10.30 WIB.", "Hujan turun...", "Banjir."]),
        ("Letjen. Andi dan H. Umar datang.", ["Letjen. Andi dan H. Umar datang."]),
        ("", []),
        ("tanpa titik", ["tanpa titik"]),
    ],
)
def test_sentences_end_where_a_reader_sees_them_end(paragraph: str, sentences: list[str] | None) -> None:
    wanted = (
        ["Lihat hal. 12 buku itu.", "Ada banyak hal.", "Semua penting."] if sentences is None else sentences
    )
    assert split_sentences(paragraph) == wanted


@given(st.text(alphabet="aB1 .,?!\"“”'(\n", max_size=300))
def test_no_character_of_a_paragraph_is_lost(text: str) -> None:
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())


WORDS = st.lists(
    st.sampled_from(["rusia", "korut", "kapal", "12", "tiba", "Volkov", "“siap”", "pada"]), max_size=12
)
BODIES = st.lists(WORDS.map(lambda words: " ".join(words).capitalize() + "."), min_size=1, max_size=12)


@given(BODIES, st.randoms())
def test_moving_paragraphs_changes_nothing(body: list[str], random) -> None:
    moved = list(body)
    random.shuffle(moved)
    assert not changes(version({"body": body}), version({"body": moved}))


@given(BODIES, BODIES)
def test_every_sentence_is_kept_changed_added_or_removed(old: list[str], new: list[str]) -> None:
    found = changes(version({"body": old}), version({"body": new}))
    assert (
        bool(found) or sorted(old) == sorted(new) or same_text(version({"body": old}), version({"body": new}))
    )
    assert kinds_of(found)


def test_a_long_text_takes_no_longer_than_its_length() -> None:
    def seconds(count: int) -> float:
        old = [
            f"Kalimat {n} menyebut kapal {n * 7} dan kota {n % 97} di wilayah timur." for n in range(count)
        ]
        new = [text.replace("kapal", "perahu") for text in old]
        began = time.process_time()
        assert len(changes(version({"body": old}), version({"body": new}))) == count
        return time.process_time() - began

    short, long = seconds(500), seconds(2000)
    assert long < 12 * max(short, 0.02)


def test_one_sentence_two_thousand_times_is_no_trap() -> None:
    old, new = ["Rusia dan Korut sepakat."] * 2000, ["Rusia dan Korut batal."] * 2000
    began = time.process_time()
    assert changes(version({"body": old}), version({"body": new}))
    assert time.process_time() - began < 10


def test_typography_alone_is_the_same_text() -> None:
    one = version({"body": ["“Kami siap,” katanya. Lalu ia pergi."]})
    assert same_text(one, attrs.evolve(one, body=('"Kami  siap," katanya.', "Lalu ia pergi.")))
    assert not same_text(one, attrs.evolve(one, body=("“Kami siap,” katanya. Lalu dia pergi.",)))
