"""Full-text search: the same answers on both databases, and no input that breaks it."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from crawler.errors import StoreError
from crawler.storage import articles, runs
from crawler.storage.runs import Run
from crawler.storage.search import MAX_TERMS, Hit, parse_terms, search
from tests.core.storing import NOON, article, offered, saved

TEXTS = {
    1: (
        "Menlu tiba di Pyongyang",
        ("Lawatan ke Korea Utara berlangsung tiga hari.", "Rusia menyambut baik."),
    ),
    2: (
        "Pabrik amunisi dibuka",
        ("Utusan Korea Selatan absen dari acara di utara kota Pétersbourg.", "Rusia diam."),
    ),
    3: (
        "Rudal-rudal baru",
        (
            "Uji coba KN-23 dipantau dari Vladivostok; rudal jatuh di laut.",
            "Россия и КНДР: Российский йогурт, 한국어.",
        ),
    ),
    4: (
        "Kabar lain",
        ("Harga cabai (naik 12,5%) di pasar/induk kontan.co.id menurut redaksi@surat.example.",),
    ),
}


@pytest.fixture
def filled(store: Engine, run: Run) -> Engine:
    for number, (headline, body) in TEXTS.items():
        saved(store, run.id, number, headline=headline, body=body)
    return store


def ids(hits: list[Hit]) -> set[int]:
    return {hit.article_id for hit in hits}


class TestWords:
    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            ("rusia", {1, 2}),
            ("RUSIA pyongyang", {1}),
            ("korea utara", {1, 2}),
            ('"korea utara"', {1}),
            ('"Korea Utara" rusia', {1}),
            ("petersbourg", {2}),
            ("Pétersbourg", {2}),
            ("россия", {3}),
            ("российский йогурт", {3}),
            ("한국어", {3}),
            ("rudal", {3}),
            ("kn-23", {3}),
            ("23", {3}),
            ("12,5", {4}),
            ("induk", {4}),
            ("kontan.co.id", {4}),
            ("surat", {4}),
            ("amunisi", {2}),
            ("cab", set()),
            ("tidakada", set()),
        ],
    )
    def test_the_same_words_find_the_same_articles(self, filled: Engine, words: str, expected: set[int]):
        assert ids(search(filled, words)) == expected

    @pytest.mark.parametrize(
        "words",
        [
            'rusia"',
            '"rusia',
            '""" rusia',
            "rusia'",
            "rusia*",
            "rusia -",
            "(rusia",
            "rusia)",
            "^rusia",
            "rusia:*",
            "rusia & !",
            "{rusia}",
            "rusia\0",
            "rusia\ud800",
            "rusia; DROP TABLE search; --",
            "%rusia_",
        ],
    )
    def test_signs_only_separate(self, filled: Engine, words: str):
        asked = " ".join(term for [term] in parse_terms(words))
        assert ids(search(filled, words)) == ({1, 2} if asked == "rusia" else set())

    @pytest.mark.parametrize(
        "operator",
        ["AND", "OR", "NOT", "NEAR", "NEAR(rusia pyongyang, 5)", "headline:rusia", "headline : rusia"],
    )
    def test_operators_are_words_like_others(self, filled: Engine, operator: str):
        assert search(filled, f"rusia {operator} amunisi") == []

    @pytest.mark.parametrize("words", ["", "  ", "*", '""', "-- ; ( )", "\0", "_"])
    def test_no_word_at_all_is_said(self, filled: Engine, words: str):
        with pytest.raises(StoreError, match="holds no word to search for"):
            search(filled, words)

    def test_too_many_words_are_refused(self, filled: Engine):
        assert search(filled, "rusia " * MAX_TERMS) != []
        with pytest.raises(StoreError, match="give fewer"):
            search(filled, "rusia " * (MAX_TERMS + 1))
        with pytest.raises(StoreError, match="give fewer words"):
            search(filled, "a" * 5_000)

    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        words=st.text(
            alphabet=st.one_of(st.characters(), st.sampled_from("\"'*()^:-+&|!<>{}[]~\\%_ \0\ud800aNEAR"))
        )
    )
    @example("a" * 900)
    @example('"' * 999)
    @example("½ ﬁ ² ǆ \u0345 ß İ")
    def test_no_input_breaks_it(self, filled: Engine, words: str):
        try:
            hits = search(filled, words)
        except StoreError as error:
            assert "\n" not in str(error)  # noqa: PT017 either outcome is right
        else:
            assert ids(hits) <= set(TEXTS)

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_every_word_of_an_article_finds_it(self, filled: Engine, data: st.DataObject):
        number = data.draw(st.sampled_from(sorted(TEXTS)))
        headline, body = TEXTS[number]
        words = data.draw(
            st.lists(st.sampled_from(" ".join((headline, *body)).split()), min_size=1, max_size=6)
        )
        assert number in ids(search(filled, " ".join(words)))


class TestAnswers:
    def test_the_snippet_shows_where(self, filled: Engine):
        [hit] = search(filled, '"korea utara"')
        assert (hit.headline, hit.outlet, hit.url) == (TEXTS[1][0], "kontan", article(1).canonical_url)
        assert hit.published_at == article(1).published_at.utc
        assert "".join(text for text, _ in hit.snippet).startswith("Lawatan ke Korea Utara")
        assert "".join(text for text, is_hit in hit.snippet if is_hit).replace(" ", "") == "KoreaUtara"

    def test_a_word_in_the_headline_comes_first(self, filled: Engine, run: Run):
        saved(filled, run.id, 8, headline="Lain", body=("Kata amunisi jauh di dalam teks yang panjang.",))
        assert [hit.article_id for hit in search(filled, "amunisi")] == [2, 5]

    def test_marks_in_a_text_are_not_taken_for_hits(self, filled: Engine, run: Run):
        saved(filled, run.id, 9, body=("Teks \ue000berisi\ue001 tanda dan kata bendungan.",))
        [hit] = search(filled, "bendungan")
        assert [text for text, is_hit in hit.snippet if is_hit] == ["bendungan"]

    def test_markup_in_a_text_stays_text(self, filled: Engine, run: Run):
        saved(filled, run.id, 9, body=("Kata <b>bendungan</b> dan <script>alert(1)</script> tampil.",))
        [hit] = search(filled, "bendungan")
        shown = "".join(text for text, _ in hit.snippet)
        assert "alert(1)" in shown  # PostgreSQL leaves tags out of a snippet
        assert [text for text, is_hit in hit.snippet if is_hit] == ["bendungan"]

    def test_only_the_current_revision_is_found(self, filled: Engine, run: Run):
        url_id = articles.find(filled, 1).article.url_id
        runs.finish_run(filled, run.id, "healthy")
        later = runs.start_run(filled, "kontan")
        articles.save(
            filled, article(1, headline="Judul lain", body=("Kini tentang bendungan.",)), later.id, url_id
        )
        assert ids(search(filled, "pyongyang")) == set()
        assert ids(search(filled, "bendungan")) == {1}

    def test_filters_and_limit(self, filled: Engine, run: Run):
        other = runs.start_run(filled, "republika")
        [work] = offered(filled, other.id, 20)
        articles.save(filled, article(20, outlet="republika", body=("Rusia lagi.",)), other.id, work.url_id)
        saved(filled, run.id, 21, body=("Rusia tanpa tanggal.",), published_at=None)
        assert ids(search(filled, "rusia")) == {1, 2, 5, 6}
        assert ids(search(filled, "rusia", outlet="republika")) == {5}
        assert ids(search(filled, "rusia", since=NOON + timedelta(minutes=2))) == {2, 5, 6}
        assert ids(search(filled, "rusia", until=NOON + timedelta(minutes=1))) == {1, 6}
        assert len(search(filled, "rusia", limit=1)) == 1

    @pytest.mark.parametrize("word", ["kata", "\ud55c\uad6d\uc5b4"])
    def test_a_text_of_any_length_can_be_stored(self, filled: Engine, run: Run, word: str):
        long = tuple(f"{word}{number}" for number in range(60_000))
        saved(filled, run.id, 30, headline="Panjang sekali", body=long)
        assert ids(search(filled, f"panjang {word}7")) == {5}
        saved(filled, run.id, 31, headline="Satu kata raksasa", body=("z" * 3_000_000,))
        assert ids(search(filled, "raksasa")) == {6}
