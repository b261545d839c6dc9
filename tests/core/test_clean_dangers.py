"""Genuine paragraphs that begin, end or look like furniture stay in the body; their twins in labels go."""

from pathlib import Path

import pytest

from crawler.items import Block, Draft
from crawler.text.clean import clean_blocks, clean_page

FILLER = "Kalimat pengisi nomor {} menceritakan perjalanan rombongan dari pelabuhan menuju ibu kota."
HEAD = ["Rombongan Kereta Tiba Sesudah Dua Hari", "", "Rabu, 3 April 2024 10:00 WIB", ""]

GENUINE = (Path(__file__).parent / "genuine.txt").read_text(encoding="utf-8").splitlines()


DELEGATION = (
    "Rombongan tiba di pelabuhan pada pagi hari dan disambut kepala dusun.",
    "Mereka membawa benih padi dari lereng timur.",
    "Kepala dusun mengucapkan terima kasih kepada semua tamu.",
)
AFTERWARDS = (
    "Sesudah itu mereka makan siang di balai desa.",
    "Malamnya diadakan pertunjukan wayang di lapangan.",
    "Acara ditutup pada pukul sepuluh malam oleh panitia.",
)


@pytest.mark.parametrize(
    "own",
    [
        ('Yang dipamerkan adalah sistem rudal "Triumf" (S-400).',),
        ("Kapal itu mengangkut jet tempur. (F-16)",),
        ("Ayo beli beras dari petani, ajak bupati kepada para pedagang pasar.",),
        ("Kriteria (salah satu): lahan di bawah dua hektare dan milik sendiri, kata panitia lelang.",),
        (
            "Berikut kesepakatan kedua desa itu.",
            "- Perjanjian Kemitraan Menyeluruh antara Desa Bukit dan Desa Lembah",
            "- Pembangunan Jembatan Kereta Baru di Atas Sungai Perbatasan",
        ),
        (
            "Kekuatan kedua pihak dicatat panitia.",
            "Desa Bukit | 40 Ekor Kerbau | 12 Pedati Tua |",
            "Desa Lembah | 55 Ekor Kerbau | 9 Pedati Tua |",
        ),
    ],
)
def test_weapons_appeals_lists_and_tables_of_a_story_stay(own: tuple[str, ...]) -> None:
    text = "\n\n".join(
        ("Rombongan Petani Tiba di Pelabuhan Tua", "3 Maret 2026", *DELEGATION, *own, *AFTERWARDS)
    )
    assert clean_page(text).body == (*DELEGATION, *own, *AFTERWARDS)


def test_a_dispatch_from_an_unknown_town_may_begin_with_what_was_seen() -> None:
    first = "Suasana pasar ikan di tepi teluk itu lengang sejak perahu dilarang melaut."
    text = "\n\n".join(
        ("Pasar Ikan di Tepi Teluk Lengang", "3 Maret 2026", f"TOBOALIA - {first}", *DELEGATION)
    )
    assert clean_page(text).body == (first, *DELEGATION)


@pytest.mark.parametrize("paragraph", GENUINE)
def test_a_genuine_paragraph_of_a_page_text_stays(paragraph: str) -> None:
    before = [FILLER.format(number) for number in range(4)]
    after = [FILLER.format(number) for number in range(4, 8)]
    text = "\n\n".join([*HEAD[::2], *before, paragraph, *after])
    assert list(clean_page(text).body) == [*before, paragraph, *after]


@pytest.mark.parametrize("paragraph", GENUINE)
def test_a_genuine_block_of_a_body_stays(paragraph: str) -> None:
    texts = [FILLER.format(0), paragraph, FILLER.format(1), FILLER.format(2)]
    blocks = [Block(text, number) for number, text in enumerate(texts, 1)]
    assert list(clean_blocks(blocks, known=Draft()).body) == texts


def body_of(*lines: str) -> list[str]:
    return list(clean_page("\n".join([*HEAD, *lines])).body)


def test_the_line_below_a_label_alone_stays_where_it_is_a_sentence() -> None:
    assert body_of(FILLER.format(0), "Baca Juga", FILLER.format(1)) == [FILLER.format(0), FILLER.format(1)]


def test_the_headline_below_a_label_alone_goes() -> None:
    lines = (FILLER.format(0), "Baca Juga:", "Harga Kopi Naik Lagi Menjelang Panen", FILLER.format(1))
    assert body_of(*lines) == [FILLER.format(0), FILLER.format(1)]


def test_the_last_line_below_a_label_stays_where_nothing_follows() -> None:
    lines = (FILLER.format(0), FILLER.format(1), "Baca Juga:", "Keadaan di perbatasan kembali memanas")
    assert body_of(*lines)[-1] == "Keadaan di perbatasan kembali memanas"


def test_an_advert_that_parts_dateline_and_text_takes_neither() -> None:
    lines = ("Jakarta, CNN Indonesia --", "", "Advertisement", "", FILLER.format(0), FILLER.format(1))
    cleaned = clean_page("\n".join([*HEAD, *lines]))
    assert list(cleaned.body) == [FILLER.format(0), FILLER.format(1)]
    assert cleaned.stated.dateline == "Jakarta"


def test_a_heading_of_other_stories_inside_a_body_does_not_end_it() -> None:
    lines = (FILLER.format(0), "Berita Rekomendasi", *(FILLER.format(number) for number in range(1, 4)))
    assert body_of(*lines) == [FILLER.format(number) for number in range(4)]


def test_headlines_under_a_heading_below_the_body_go() -> None:
    lines = (
        FILLER.format(0),
        FILLER.format(1),
        "Berita Terkait",
        "Harga Kopi Naik Lagi",
        "Panen Raya Ditunda",
    )
    assert body_of(*lines) == [FILLER.format(0), FILLER.format(1)]


def test_a_teaser_with_a_dateline_of_its_own_below_the_editor_goes() -> None:
    lines = (
        FILLER.format(0),
        FILLER.format(1),
        "Editor : Budi Santoso",
        "Panen Raya Ditunda",
        "JAKARTA, WARTADESA.COM - Panen raya di sejumlah daerah ditunda karena hujan d...",
    )
    assert body_of(*lines) == [FILLER.format(0), FILLER.format(1)]


def test_several_lines_at_the_end_that_break_off_go_but_one_stays() -> None:
    cut = ["Panen raya di sejumlah daerah ditunda karena…", "Pertandingan sore itu berakhir dengan…"]
    assert body_of(FILLER.format(0), FILLER.format(1), *cut) == [FILLER.format(0), FILLER.format(1)]
    assert body_of(FILLER.format(0), FILLER.format(1), cut[0])[-1] == cut[0]


def test_questions_of_a_machine_go_with_their_dash() -> None:
    lines = (FILLER.format(0), "-", "Di mana panen itu? Panen itu di lereng gunung.", FILLER.format(1))
    assert body_of(*lines) == [FILLER.format(0), FILLER.format(1)]


def test_unlabelled_headlines_in_series_go_and_a_lone_subheading_stays() -> None:
    foreign = [
        "Harga Kopi Naik Lagi Menjelang Panen Raya Tahun Depan",
        "Ribuan Petani Menanam Jagung Setelah Hujan Pertama Turun",
    ]
    lines = (FILLER.format(0), foreign[0], FILLER.format(1), foreign[1], FILLER.format(2))
    assert body_of(*lines) == [FILLER.format(number) for number in range(3)]
    subheading = "Jalan Panjang Menuju Meja Perundingan"
    assert subheading in body_of(FILLER.format(0), subheading, FILLER.format(1))


def test_a_cut_label_in_the_last_line_goes() -> None:
    assert body_of(FILLER.format(0), FILLER.format(1), "Daftarkan em") == [FILLER.format(0), FILLER.format(1)]
    assert body_of(FILLER.format(0), FILLER.format(1), "Daftarkan ka")[-1] == "Daftarkan ka"


def test_a_repeated_paragraph_is_judged_by_its_words_not_its_marks() -> None:
    said = "“Kami menunggu kapal itu sejak pagi,” kata penjaga dermaga."
    again = '"Kami menunggu kapal itu sejak pagi," kata penjaga dermaga'
    assert body_of(FILLER.format(0), said, FILLER.format(1), again) == [
        FILLER.format(0),
        said,
        FILLER.format(1),
    ]


def test_a_source_of_a_widget_above_the_headline_is_not_the_storys() -> None:
    text = "\n".join(
        ["Hasil Rekapitulasi KPU", "24,9%", "40.971.906 suara", "Sumber: KPU", "", *HEAD, FILLER.format(0)]
    )
    assert clean_page(text).stated.source is None


def test_the_day_of_the_visit_is_not_the_time_of_the_story() -> None:
    text = "\n".join(["Kamis, 15 Mei 2025", "", *HEAD, FILLER.format(0), FILLER.format(1)])
    published = clean_page(text).stated.published_at
    assert published is not None
    assert published.at.year == 2024


def test_dates_of_related_stories_are_not_the_time_of_the_story() -> None:
    text = "\n".join(
        [
            HEAD[0],
            "",
            FILLER.format(0),
            FILLER.format(1),
            "Terkini",
            "Panen Raya Ditunda",
            "Kamis, 15 Mei 2025 | 10:00 WIB",
        ]
    )
    assert clean_page(text).stated.published_at is None
