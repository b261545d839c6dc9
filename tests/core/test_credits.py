"""Credits: who took a picture, who signed, who wrote."""

import pytest

from crawler.text.credits import has_credit, is_credit_line, without_credit
from crawler.text.people import People, first_published_at, is_name, read_people, unglued
from crawler.text.signoff import is_signoff, signoff_start


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Reporter: Ani Lestari | Editor: Budi S", People(("Ani Lestari",), ("Budi S",))),
        ("Sumber: Reuters | Editor: Budi S", People((), ("Budi S",), "Reuters")),
        ("Rep: Ani Lestari/ Red: Budi S", People(("Ani Lestari",), ("Budi S",))),
        ("Rep: Ani Lestari Red: Budi S", People(("Ani Lestari",), ("Budi S",))),
        ("Reporter: Ani Lestari, Cici Wijaya", People(("Ani Lestari", "Cici Wijaya"))),
        ("Redaktur & Reporter : Ani", People(("Ani",), ("Ani",))),
        ("Ani Lestari, Jurnalis", People(("Ani Lestari",))),
        ("Ani Lestari | Redaktur Pelaksana", People(("Ani Lestari",))),
        ("EditorBudi Santoso", People((), ("Budi Santoso",))),
        ("By Ani L", People(("Ani L",))),
        ("abc by abc", People(("abc",))),
        ("Editor: budi santoso", People((), ("budi santoso",))),
        ("Editor: Budi S (budi@contoh.id)", People((), ("Budi S",))),
        ("Penulis: Kontributor Garut, Ani Lestari", People(("Ani Lestari",))),
        ("Penulis: Tim Redaksi", People()),
        ("sumber : Antara", People(source="Antara")),
        ("Sumber Warta Desa", People(source="Warta Desa")),
        ("Laporan Wartawan Warta.com, Ani Lestari", People(("Ani Lestari",))),
        ("(Laporan Wartawan Warta Timur, Ani Lestari)", People(("Ani Lestari",))),
        ("Laporan Reporter WARTA-TIMUR.COM, Ani L. Sari dan Budi S.", People(("Ani L. Sari", "Budi S"))),
        ("Laporan Jurnalis Warta: Ani Lestari dari Tanjung Sari", People(("Ani Lestari",))),
        ("Laporan Wartawan Warta.com Ani Lestari", People(("Ani Lestari",))),
        ("Editor:", People(waiting=("editors",))),
        ("Penulis", People(waiting=("byline",))),
    ],
)
def test_lines_of_credits_are_read(text: str, expected: People) -> None:
    assert read_people(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Editor surat kabar itu menolak berkomentar.",
        "Sumber di kepolisian mengatakan penyelidikan berlanjut.",
        "Penulis buku itu, Andi, hadir.",
        "Laporan wartawan itu, kata Budi Santoso, keliru.",
        "Laporan wartawan Warta.com Ani Lestari mengejutkan pembaca",
        "Penulis: itulah pekerjaan yang dipilihnya.",
        "Oleh karena itu sidang ditunda.",
        "Komentar presiden: kami tidak tahu",
        "",
    ],
)
def test_sentences_are_no_credits(text: str) -> None:
    assert read_people(text) is None


def test_names_run_together_are_parted_and_the_outlet_dropped() -> None:
    assert unglued("Ani LestariBBC Warta.Com") == ("Ani Lestari", "BBC")


def test_a_name_is_no_outlet() -> None:
    assert is_name("Ani Lestari")
    assert not is_name("CNN Indonesia")
    assert not is_name("Panen kopi dimulai")


def test_the_first_publisher_is_read() -> None:
    assert first_published_at('Artikel ini telah tayang di Warta.com dengan judul "Panen"') == "Warta.com"
    assert first_published_at("Artikel ini telah lebih dulu tayang di: warta.com") == "warta.com"
    assert first_published_at("*) Artikel ini terbit pertama kali di Warta.com") == "Warta.com"
    assert first_published_at("Artikel itu memicu perdebatan.") is None


@pytest.mark.parametrize(
    "text",
    [
        "Foto: AP Photo/Ani L",
        "AFP",
        "(AFP / ANI) via Warta.com",
        "Ani L / POOL / AFP",
        "ANI/AFP",
        "©Sinema",
        "Sumber gambar, Reuters",
        "Foto: Ani Lestari (Warta.com)",
    ],
)
def test_a_line_may_be_a_pictures_credit(text: str) -> None:
    assert is_credit_line(text)


@pytest.mark.parametrize(
    "text",
    [
        "Foto: Limusin hitam di halaman istana (Reuters)",
        "Foto: Gudang garam (AFP/Ani Lestari)",
        "Putin Bertemu Kim",
        "AS/Rusia Sepakati Gencatan Senjata",
        "Foto keduanya dipasang di ruang tunggu.",
        "Pelabuhan lama. [AFP/Ani]",
        "Bandara Syamsudin Noor, Banjarbaru, Senin (2/3/2026). Foto/AFP",
    ],
)
def test_a_caption_or_a_headline_is_no_credit_line(text: str) -> None:
    assert not is_credit_line(text)


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("Pelabuhan lama. (Foto: AFP)", "Pelabuhan lama."),
        ("Pelabuhan lama (Sumber: Pixabay)", "Pelabuhan lama"),
        ("Pelabuhan lama. [ANTARA/Ani]", "Pelabuhan lama."),
        ("Pelabuhan lama (Ani Lestari/detikcom)", "Pelabuhan lama"),
        ("Pelabuhan lama. Foto: Warta", "Pelabuhan lama."),
        ("Pelabuhan lama. REUTERS/Ani L", "Pelabuhan lama."),
        ("Pelabuhan lama/©Warta", "Pelabuhan lama"),
        ("Pelabuhan lama. ©www.warta.co.id", "Pelabuhan lama."),
        ("Rapat nelayan di Bogor. AP Photo/Ani Lestari", "Rapat nelayan di Bogor."),
        ("Rapat nelayan di Balai Kota Bogor AP Photo/Ani Lestari", "Rapat nelayan di Balai Kota Bogor"),
        ("Gudang di Tanjung Priok, Jakarta. ANTARA FOTO/Ani", "Gudang di Tanjung Priok, Jakarta."),
        ("Minyak dikirim ke Rusia. Sputnik/Ani L/Pool via REUTERS", "Minyak dikirim ke Rusia."),
        ("Kapal di Pantai Pasir Hitam. Foto/Dok", "Kapal di Pantai Pasir Hitam."),
        ("Pelabuhan lama - Bloomberg", None),
        ("Pelabuhan lama. Kantor Berita via REUTERS", "Pelabuhan lama."),
        ("Pelabuhan lama. (Kantor Berita via REUTERS)", "Pelabuhan lama."),
        ("Pelabuhan lama. KCNA VIA AFP", "Pelabuhan lama."),
        ("Pelabuhan lama--", None),
    ],
)
def test_captions_end_in_credits(text: str, bare: str | None) -> None:
    assert has_credit(text)
    if bare is not None:
        assert without_credit(text) == bare


def test_a_caption_may_name_the_site_that_its_picture_is_from() -> None:
    caption = "ilustrasi pelabuhan lama (pexels.com/dewi lestari)"
    assert without_credit(caption) == "ilustrasi pelabuhan lama"
    assert not has_credit(caption)
    assert without_credit("(pexels.com/dewi lestari)") == "(pexels.com/dewi lestari)"


@pytest.mark.parametrize(
    "text",
    [
        "Kapal itu bersandar pada Rabu (13/9/2023).",
        "Begitu dilansir AFP.",
        "Ia bergabung dengan partai buruh (PAP).",
        "Kesepakatan itu mengikat AS/NATO.",
        "Presiden (kiri) dan tamunya (kanan).",
        "Demikian Reuters, Senin (29/7).",
    ],
)
def test_sentences_have_no_credit(text: str) -> None:
    assert not has_credit(text)
    assert without_credit(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "(abc/def)",
        "(tpz)",
        "(Warta.com/Ani)",
        "(Ani Lestari)",
        "***",
        "(*)",
        "[mel]",
        "AP | Warta Timur | ani",
        "rs/hp (afp, rtr)",
    ],
)
def test_lines_sign_off(text: str) -> None:
    assert is_signoff(text)


@pytest.mark.parametrize(
    "text", ["(kiri)", "(48)", "(19/8/2013)", "(ia menolak hadir karena sakit)", "Andi | Budi", "Selesai."]
)
def test_other_lines_do_not(text: str) -> None:
    assert not is_signoff(text)


@pytest.mark.parametrize(
    ("text", "signoff"),
    [
        ("Kapal itu berlayar lagi.(*)", "(*)"),
        ("Kapal itu berlayar lagi. (ab/cd)", "(ab/cd)"),
        ("Kapal itu berlayar lagi. (ant/ab/warta)", "(ant/ab/warta)"),
        ("Kapal itu berlayar lagi. ***", "***"),
        ("Kapal itu berlayar lagi. [mel]", "[mel]"),
        ("Kapal itu berlayar lagi. (AFP)", "(AFP)"),
        ("Kapal itu berlayar lagi. (Ani – warta.com)", "(Ani – warta.com)"),
        ("8. Pelabuhan Timur (mdk/ab)", "(mdk/ab)"),
        ("Kapal itu berlayar lagi. (H114/M073)", "(H114/M073)"),
        ("Kapal itu berlayar lagi. (T.A121/KR-PLG)", "(T.A121/KR-PLG)"),
        ("“Kami berlayar lagi,” katanya. (Red)\u200b", "(Red)\u200b"),
    ],
)
def test_a_signoff_is_cut_off_the_last_sentence(text: str, signoff: str) -> None:
    start = signoff_start(text)
    assert start is not None
    assert text[start:] == signoff


@pytest.mark.parametrize(
    "text",
    [
        "Undang-undang itu disahkan pada masa perang (19/8/2013).",
        "Ia bergabung dengan partai buruh setempat (PAP).",
        "Korban bernama Andi (48)",
        "Kapal itu berlayar lagi. (Baca: Pelabuhan Timur Dibuka)",
        "Kursi itu diperebutkan dua partai (pemerintah dan oposisi).",
        "(ab/cd)",
    ],
)
def test_brackets_of_the_text_are_no_signoff(text: str) -> None:
    assert signoff_start(text) is None
