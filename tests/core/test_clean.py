"""The engine: pieces add up, rules can be switched off and refused, fields keep their witnesses."""

import logging
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.dates import WIB
from crawler.items import Block, BlockKind, Draft, Instant, Removed, Witness
from crawler.text.clean import Cleaned, clean_blocks, clean_draft, clean_page, read_page_text
from crawler.text.lines import MAX_BLOCK_CHARS, MAX_BLOCKS
from crawler.text.normalise import fold
from crawler.text.rules import COMMON, Rule, Rules

PARAGRAPHS = [
    "Petani di lereng gunung memulai panen kopi dua pekan lebih awal.",
    "Hujan turun teratur sejak awal tahun, kata ketua kelompok tani.",
    "Hasilnya dijual ke pasar kabupaten dan sebagian dikirim ke kota.",
    "Harga di tingkat petani naik tipis dibanding musim lalu.",
]
PAGE = "\n".join(
    [
        "wartadesa.co.id",
        "Advertisement",
        "",
        "Panen Kopi Dimulai Lebih Awal",
        "",
        "Rabu, 3 April 2024 - 10:05 WIB",
        "Panen Kopi Dimulai Lebih Awal",
        "Petani memetik kopi. (Foto: Warta/Ani)",
        "",
        "Reporter: Ani Lestari | Editor: Budi Santoso",
        "",
        "WARTADESA.CO.ID - GARUT. " + PARAGRAPHS[0],
        "",
        "Baca juga: Harga Pupuk Turun Menjelang Musim Tanam",
        "",
        PARAGRAPHS[1],
        "\u00a0",
        PARAGRAPHS[2],
        "",
        PARAGRAPHS[3] + " (ani/bud)",
        "",
        "Sumber: Antara",
        "Berita Terkait",
        "Jalan Desa Diperbaiki Warga",
        "Kamis, 4 April 2024 - 08:00 WIB",
        "Tinggalkan Balasan",
    ]
)


@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("label", ["Baca", "Baca juga"])
def test_a_link_in_brackets_leaves_the_text_round_it(label: str, alone: bool) -> None:
    link = f"({label}: Harga Pupuk Turun, Petani Lega)"
    parted = [*PARAGRAPHS[:2], link, *PARAGRAPHS[2:]]
    behind = [PARAGRAPHS[0], f"{PARAGRAPHS[1]} {link}", *PARAGRAPHS[2:]]
    texts = parted if alone else behind
    cleaned = clean_blocks([Block(text, at) for at, text in enumerate(texts, 1)], known=Draft())
    assert list(cleaned.body) == PARAGRAPHS
    assert [(each.rule.partition("/")[0], each.text.strip()) for each in cleaned.removed] == [
        ("crosslink", link)
    ]
    assert "".join(piece.text for piece in cleaned.pieces) == "".join(texts)


def test_a_control_over_a_picture_is_no_caption() -> None:
    kinds: list[BlockKind] = ["caption", "caption", "text", "text"]
    texts = ["Lihat Foto", "Petani memetik kopi di lereng gunung.", *PARAGRAPHS[:2]]
    blocks = [Block(text, at, kind=kind) for at, (text, kind) in enumerate(zip(texts, kinds, strict=True), 1)]
    assert clean_blocks(blocks, known=Draft()).captions == (texts[1],)


def joined(cleaned: Cleaned, line: int) -> str:
    return "".join(piece.text for piece in cleaned.pieces if piece.line == line)


def test_a_page_text_gives_every_field() -> None:
    draft = read_page_text(PAGE, url="https://wartadesa.co.id/panen")
    assert draft.headline == "Panen Kopi Dimulai Lebih Awal"
    assert draft.published_at == Instant(datetime(2024, 4, 3, 10, 5, tzinfo=WIB))
    assert (draft.byline, draft.editors) == (("Ani Lestari",), ("Budi Santoso",))
    assert (draft.dateline, draft.source) == ("GARUT", "Antara")
    assert draft.captions == ("Petani memetik kopi. (Foto: Warta/Ani)",)
    assert draft.body == tuple(PARAGRAPHS)
    assert draft.body_from == "text"
    assert draft.witnesses["headline"] == Witness(by="text")


@pytest.mark.parametrize(
    ("behind", "rule"),
    [
        (" (Baca juga: Harga Pupuk Turun Menjelang Musim Tanam)", "crosslink/inline"),
        (" [Lihat Juga : Harga Pupuk Turun]. (ani)", "crosslink/inline"),
        (" Baca Juga: Harga Pupuk Turun Menjelang Musim Tanam", "crosslink/inline"),
        (" Baca juga: harga pupuk turun, kata mereka.", None),
        (" Baca juga: harga pupuk turun di semua kios kabupaten ini", None),
        (" (Baca: surat itu)", None),
        (" (mereka menyebutnya: panen raya kedua)", None),
        (" Baca juga surat itu: isinya tetap sama.", None),
    ],
)
def test_a_cross_link_in_brackets_behind_a_paragraph_is_cut(behind: str, rule: str | None) -> None:
    blocks = [Block(text, line) for line, text in enumerate((PARAGRAPHS[0], PARAGRAPHS[1] + behind), 1)]
    cleaned = clean_blocks(blocks, known=Draft(url=None, headline="Panen Kopi", blocks=tuple(blocks)))
    assert cleaned.body[1] == PARAGRAPHS[1] + ("" if rule else behind)
    assert [(removed.rule, removed.text) for removed in cleaned.removed] == (
        [(rule, behind.strip())] if rule else []
    )
    assert joined(cleaned, 2) == PARAGRAPHS[1] + behind


def test_every_removed_stretch_names_its_line_and_rule() -> None:
    removed = {(entry.line, entry.text): entry.rule for entry in read_page_text(PAGE).removed}
    assert removed[(2, "Advertisement")] == "advert/label"
    assert removed[(7, "Panen Kopi Dimulai Lebih Awal")] == "repeat/headline"
    assert removed[(14, "Baca juga: Harga Pupuk Turun Menjelang Musim Tanam")] == "crosslink/label"
    assert removed[(17, "")] == "blank/line"
    assert removed[(20, "(ani/bud)")] == "signoff/inline"
    assert removed[(24, "Jalan Desa Diperbaiki Warga")] == "related/after-end"
    assert removed[(26, "Tinggalkan Balasan")] == "comment_form/heading"


def test_body_and_fields_and_furniture_give_back_the_page() -> None:
    cleaned = clean_page(PAGE)
    for number, line in enumerate(PAGE.split("\n"), 1):
        assert joined(cleaned, number) == line


LINES = st.one_of(
    st.text(max_size=80).map(lambda text: text.replace("\n", " ")),
    st.sampled_from(
        PAGE.split("\n")
        + [label for rule in COMMON for label in (*rule.labels, *rule.openers, *rule.leads)]
        + ["-", "***", "(a/b)", "Editor:", "Jakarta -", "Baca juga:", "…", "Penulis", "• X", "[]", "Sumber :"]
    ),
    st.tuples(
        st.sampled_from(["Baca juga: ", "JAKARTA, WARTA.com - ", "Foto: ", "• ", "\u200b"]),
        st.text(max_size=40),
    ).map(lambda pair: (pair[0] + pair[1]).replace("\n", " ")),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(LINES, max_size=25))
def test_the_pieces_of_a_line_are_exactly_the_line(lines: list[str]) -> None:
    cleaned = clean_page("\n".join(lines))
    for number, line in enumerate("\n".join(lines).split("\n"), 1):
        assert joined(cleaned, number) == line
    assert all(piece.rule in COMMON.active for piece in cleaned.pieces if piece.role == "furniture")


KINDS: list[BlockKind] = ["text", "heading", "item", "caption"]
BLOCKS = st.lists(
    st.tuples(LINES, st.sampled_from(KINDS), st.sampled_from([0.0, 0.5, 1.0]), st.booleans()), max_size=20
)


@settings(max_examples=100, deadline=None)
@given(BLOCKS)
def test_the_pieces_of_a_block_are_exactly_the_block(
    given_blocks: list[tuple[str, BlockKind, float, bool]],
) -> None:
    blocks = [Block(text, number, *rest) for number, (text, *rest) in enumerate(given_blocks, 1)]
    cleaned = clean_blocks(blocks, known=Draft(headline="Panen Kopi Dimulai Lebih Awal"))
    for block in blocks:
        assert joined(cleaned, block.line) == block.text
    assert all(paragraph == fold(paragraph) and paragraph for paragraph in cleaned.body)


@pytest.mark.parametrize("rule", sorted({entry.rule for entry in clean_page(PAGE).removed}))
def test_switching_a_rule_off_brings_back_exactly_its_lines(rule: str) -> None:
    whole, without = clean_page(PAGE), clean_page(PAGE, rules=COMMON.without(rule))
    assert without.removed == tuple(entry for entry in whole.removed if entry.rule != rule)
    changed = [(old, new) for old, new in zip(whole.pieces, without.pieces, strict=True) if old != new]
    assert {old.rule for old, _ in changed} == {rule}
    assert all((new.role, new.rule, new.text) == ("body", None, old.text) for old, new in changed)


def test_deleting_a_rule_of_words_gives_its_lines_to_the_body() -> None:
    rules = Rules(rule for rule in COMMON if rule.family != "crosslink")
    gained = set(clean_page(PAGE, rules=rules).body) - set(clean_page(PAGE).body)
    assert gained == {"Baca juga: Harga Pupuk Turun Menjelang Musim Tanam"}


def test_an_outlets_own_rule_takes_its_own_furniture_only() -> None:
    own = Rule(name="promo/harvest", family="promo", patterns=(r"petani di lereng\b",))
    page = PAGE.replace(PARAGRAPHS[2], "Petani di Lereng Gunung, sebuah seri laporan Warta Desa")
    cleaned = clean_page(page, rules=COMMON + Rules((own,)))
    assert ("promo/harvest", "Petani di Lereng Gunung, sebuah seri laporan Warta Desa") in {
        (entry.rule, entry.text) for entry in cleaned.removed
    }


def test_a_rule_that_would_take_too_much_is_refused_and_said(caplog: pytest.LogCaptureFixture) -> None:
    greedy = Rule(name="promo/greedy", family="promo", patterns=(r"(?:petani|hujan|hasilnya|harga) [^:]*$",))
    with caplog.at_level(logging.WARNING):
        cleaned = clean_page(PAGE, rules=COMMON + Rules((greedy,)))
    assert [(refusal.rule, refusal.lines) for refusal in cleaned.refused] == [("promo/greedy", (16, 18, 20))]
    assert cleaned.refused[0].share > 0.5
    assert set(PARAGRAPHS[1:3]) <= set(cleaned.body)
    assert "promo/greedy refused" in caplog.text


def test_a_rule_may_take_a_small_share() -> None:
    small = Rule(name="promo/small", family="promo", patterns=("hasilnya dijual",))
    cleaned = clean_page(PAGE, rules=COMMON + Rules((small,)))
    assert cleaned.refused == ()
    assert PARAGRAPHS[2] not in cleaned.body


def test_blocks_know_repeats_of_what_the_page_object_found() -> None:
    known = Draft(headline="Panen Kopi Dimulai", captions=("Petani memetik kopi di lereng gunung",))
    texts = ["Panen kopi dimulai", "Petani memetik kopi di lereng gunung", *PARAGRAPHS]
    cleaned = clean_blocks([Block(text, number) for number, text in enumerate(texts, 1)], known=known)
    assert cleaned.body == tuple(PARAGRAPHS)
    assert [entry.rule for entry in cleaned.removed] == ["repeat/headline", "repeat/caption"]


def test_a_first_paragraph_like_the_standfirst_stays() -> None:
    known = Draft(standfirst=PARAGRAPHS[0])
    blocks = [Block(text, number) for number, text in enumerate(PARAGRAPHS, 1)]
    assert clean_blocks(blocks, known=known).body == tuple(PARAGRAPHS)


def test_a_line_that_is_one_link_goes_and_a_linked_word_stays() -> None:
    blocks = [
        Block(PARAGRAPHS[0], 1, link_share=0.1),
        Block("Harga pupuk turun menjelang musim tanam", 2, link_share=1.0),
        Block(PARAGRAPHS[1], 3),
        Block("Gunung Papandayan", 4, kind="heading", link_share=1.0),
        Block(PARAGRAPHS[2], 5, link_share=1.0),
    ]
    cleaned = clean_blocks(blocks, known=Draft())
    assert cleaned.body == (PARAGRAPHS[0], PARAGRAPHS[1], "Gunung Papandayan", PARAGRAPHS[2])
    assert [entry.rule for entry in cleaned.removed] == ["crosslink/linked-line"]


def test_a_draft_is_filled_from_its_text_and_keeps_its_witnesses() -> None:
    blocks = [
        Block("Reporter: Ani Lestari | Editor: Budi Santoso", 1),
        Block("Kebun kopi. (Foto: Warta/Ani)", 2, kind="caption"),
        Block("WARTADESA.CO.ID - GARUT. " + PARAGRAPHS[0], 3),
        *(Block(text, number) for number, text in enumerate(PARAGRAPHS[1:], 4)),
        Block("Sumber: Antara", 8),
    ]
    draft = Draft(
        headline="Panen",
        byline=("Ani Lestari",),
        source="Reuters",
        captions=("Kebun kopi.",),
        blocks=tuple(blocks),
        witnesses={"byline": Witness(by="json-ld", agree=("meta",)), "source": Witness(by="selector")},
    )
    clean = clean_draft(draft)
    assert clean.body == tuple(PARAGRAPHS)
    assert clean.byline == ("Ani Lestari",)
    assert clean.witnesses["byline"] == Witness(by="json-ld", agree=("meta", "text"))
    assert clean.source == "Reuters"
    assert clean.witnesses["source"] == Witness(by="selector", differ={"text": "Antara"})
    assert (clean.editors, clean.witnesses["editors"]) == (("Budi Santoso",), Witness(by="text"))
    assert (clean.dateline, clean.witnesses["dateline"]) == ("GARUT", Witness(by="text"))
    assert clean.captions == ("Kebun kopi.",)


def test_cleaning_a_draft_changes_no_other_draft() -> None:
    draft = Draft(headline="Panen", blocks=(Block(PARAGRAPHS[0], 1),))
    clean_draft(draft)
    assert (draft.body, draft.witnesses) == ((), {})


def test_too_long_a_block_is_cut_and_said(caplog: pytest.LogCaptureFixture) -> None:
    text = "kata " * (MAX_BLOCK_CHARS // 5 + 7) + "akhir."
    with caplog.at_level(logging.WARNING):
        cleaned = clean_blocks([Block(text, 1)], known=Draft())
    assert joined(cleaned, 1) == text
    assert len(cleaned.body[0]) <= MAX_BLOCK_CHARS
    assert [entry.rule for entry in cleaned.removed] == ["cap/block-length"]
    assert cleaned.capped == 1
    assert "exceed" in caplog.text


def test_too_many_blocks_are_cut_and_counted() -> None:
    blocks = [
        Block(f"Kalimat nomor {number} tentang panen kopi.", number) for number in range(MAX_BLOCKS + 3)
    ]
    cleaned = clean_blocks(blocks, known=Draft())
    assert len(cleaned.body) == MAX_BLOCKS
    assert cleaned.capped == 3
    assert {entry.rule for entry in cleaned.removed} == {"cap/block-count"}


def test_hostile_characters_do_not_reach_the_draft() -> None:
    draft = read_page_text(PAGE.replace("kata ketua", "kata\x00 ke\ud800tua"))
    assert "\x00" not in draft.page_text
    assert any("ke\ufffdtua" in paragraph for paragraph in draft.body)


@pytest.mark.parametrize("text", ["", "\n\n", " \u00a0\n", "-", "Baca Juga", "Editor:", "Jakarta -"])
def test_pages_without_a_text_have_no_body(text: str) -> None:
    draft = read_page_text(text)
    assert draft.body == ()


@pytest.mark.parametrize("url", ["https://[", "not a url", "", "https://warta.id/a-b-c.html"])
def test_any_address_is_taken(url: str) -> None:
    assert read_page_text(PAGE, url=url).body == tuple(PARAGRAPHS)


def test_the_address_speaks_for_a_headline_that_ends_in_a_stop() -> None:
    text = "\n\n".join(["Panen kopi dimulai lebih awal di lereng gunung.", *PARAGRAPHS])
    url = "https://warta.id/panen-kopi-dimulai-lebih-awal-di-lereng-gunung"
    assert read_page_text(text, url=url).headline == "Panen kopi dimulai lebih awal di lereng gunung."
    assert read_page_text(text).body[0] == "Panen kopi dimulai lebih awal di lereng gunung."


PROSE = "Warga pesisir itu berkumpul di balai desa pada Selasa pagi untuk membahas perahu bantuan nomor {}."


@pytest.mark.parametrize(
    "opening",
    [["Berikut butir yang disepakati:", "Penambahan dermaga kayu", "Perbaikan mercusuar"], ["Tidak."]],
)
def test_a_widget_label_inside_a_body_ends_nothing(opening: list[str]) -> None:
    before = [PROSE.format(number) for number in range(3)]
    after = [PROSE.format(number) for number in range(10, 15)]
    texts = [*before, "Berita Rekomendasi", *opening, *after[:2], "Tanggapan Nelayan", *after[2:]]
    blocks = [Block(text, line) for line, text in enumerate(texts, 1)]
    cleaned = clean_blocks(blocks, known=Draft(headline="Perahu bantuan tiba"))
    assert list(cleaned.body) == [*before, *opening, *after[:2], "Tanggapan Nelayan", *after[2:]]


def test_no_rule_takes_half_of_a_body_container() -> None:
    texts = [PROSE.format(number) for number in range(4)]
    texts += [
        "Berita Terkait",
        *(f"KOTA BARU, KABAR.COM - {PROSE.format(number)}" for number in range(20, 26)),
    ]
    cleaned = clean_blocks(
        [Block(text, line) for line, text in enumerate(texts, 1)], known=Draft(headline="Perahu")
    )
    assert [refusal.rule for refusal in cleaned.refused] == ["related/after-end"]
    assert len(cleaned.body) > 6


def test_what_went_with_the_markup_stays_named() -> None:
    gone = Removed(2, "markup:related", "Harga Ikan Naik Lagi")
    blocks = tuple(
        Block(text, line) for line, text in enumerate([PROSE.format(1), "Baca Juga:", PROSE.format(2)], 1)
    )
    draft = clean_draft(Draft(headline="Perahu", blocks=blocks, removed=(gone,)))
    assert [(removed.line, removed.rule) for removed in draft.removed] == [
        (2, "markup:related"),
        (2, "crosslink/label"),
    ]


@pytest.mark.parametrize(
    ("line", "text", "link_share", "taken"),
    [
        pytest.param(3, "", 0.0, True, id="the-line-below-is-the-target"),
        pytest.param(3, "Harga Ikan Naik Lagi", 0.0, False, id="the-target-is-gone"),
        pytest.param(3, "Harga Ikan Naik Lagi", 1.0, True, id="a-second-target"),
        pytest.param(3, "Iklan", 0.0, True, id="only-an-advert-is-gone"),
        pytest.param(2, "Harga Ikan Naik Lagi", 0.0, True, id="gone-above-the-label"),
    ],
)
def test_a_label_whose_target_is_gone_takes_no_more(
    line: int, text: str, link_share: float, taken: bool
) -> None:
    removed = (Removed(line, "markup:related", text),) if text else ()
    below = "Warga Desa Menanam Kopi di Lereng Gunung Sejak Pagi"
    blocks = (
        Block(PARAGRAPHS[0], 1),
        Block("Baca Juga:", 2),
        Block(below, 3, link_share=link_share),
        *(Block(text, number) for number, text in enumerate(PARAGRAPHS[1:], 4)),
    )
    draft = clean_draft(Draft(headline="Perahu", blocks=blocks, removed=removed))
    assert (below not in draft.body) is taken
    assert "Baca Juga:" not in draft.body


def test_a_list_below_a_label_whose_link_is_gone_stays() -> None:
    gone = Removed(3, "markup:related", "Harga Ikan Naik Lagi")
    texts = [
        *(PARAGRAPHS[0], "Menarik Dibaca:", "Beberapa tonggak kebun itu antara lain:"),
        *("2021: bibit pertama ditanam", "2023: koperasi didirikan", PARAGRAPHS[1]),
    ]
    blocks = tuple(Block(text, number) for number, text in enumerate(texts, 1))
    draft = clean_draft(Draft(headline="Perahu", blocks=blocks, removed=(gone,)))
    assert list(draft.body) == [text for text in texts if text != "Menarik Dibaca:"]
