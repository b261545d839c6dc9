"""Datelines: outlet and place before the first sentence."""

import pytest

from crawler.text.dateline import read_prefix

REST = "Panen kopi di lereng gunung dimulai lebih awal tahun ini."


@pytest.mark.parametrize(
    ("prefix", "place"),
    [
        ("WARTADESA.CO.ID - MOSKOW. ", "MOSKOW"),
        ("WARTADESA.CO.ID -\u00a0MOSKOW. ", "MOSKOW"),
        ("WARTADESA.CO.ID, BEIJING -- ", "BEIJING"),
        ("WARTADESA.CO.ID,DHAKA – ", "DHAKA"),
        ("BANGKOK, WARTA.com — ", "BANGKOK"),
        ("Kuala Lumpur (ANTARA News) - ", "Kuala Lumpur"),
        ("Jakarta (ANTARA) - ", "Jakarta"),
        ("Beijing (ANTARA/Xinhua) - ", "Beijing"),
        ("Seoul (ANTARA/Yonhap-OANA) - ", "Seoul"),
        ("Moskow (ANTARA News/Reuters) - ", "Moskow"),
        ("Jakarta, 5/3 (ANTARA) - ", "Jakarta"),
        ("Tokyo/Beijing (ANTARA) - ", "Tokyo/Beijing"),
        ("Desa Lubukanyar (ANTARA Lampung) - ", "Desa Lubukanyar"),
        ("Wartadesa.com, JAKARTA—", "JAKARTA"),
        ("Tokyo (Wartadesa.com)–", "Tokyo"),
        ("WARTANEWS | BANDUNG – ", "BANDUNG"),
        ("WARTA-DESA.COM, Jakarta", "Jakarta"),
        ("Jakarta, CNN Indonesia -- ", "Jakarta"),
        ("Jakarta, CNBC Indonesia -Â ", "Jakarta"),
        ("MANILA, WartaDesa.id ", "MANILA"),
        ("JAKARTA ", "JAKARTA"),
        ("Wartadesa.com, Bangkok: ", "Bangkok"),
        ("Wartadesa.com, San Antonio - ", "San Antonio"),
        ("TEMPO Interaktif, Yangon -", "Yangon"),
        ("WARTA DESA, JAKARTA - ", "JAKARTA"),
        ("Lintas Gaza, //wartadesa.id || ", "Lintas Gaza"),
        ("KBRN, Jakarta: ", "Jakarta"),
        ("Moskow: ", "Moskow"),
        ("SINGAPURA. ", "SINGAPURA"),
        ("Pyongyang – ", "Pyongyang"),
        ("KUALA LUMPUR - ", "KUALA LUMPUR"),
        ("MOSKOW, Rusia – ", "MOSKOW"),
        ("Wartadesa.com – ", None),
        ("WARTADESA.COM -\u00a0", None),
        ("WARTADESA.COM-", None),
        ("WARTADESA.CO.ID, ", None),
        ("ANTARA - ", None),
        ("Warta-Desa.com - ", None),
        ("RM.id  Rakyat Merdeka - ", None),
        ("Wartapesisir – ", None),
    ],
)
def test_a_prefix_is_cut_off_whole(prefix: str, place: str | None) -> None:
    found = read_prefix(prefix + REST)
    assert found is not None
    assert found.end == len(prefix)
    assert found.place == place


@pytest.mark.parametrize(
    "text",
    [
        REST,
        "Kim - yang tiba lebih dulu - menunggu di tangga pesawat.",
        "Kim Jong Un – Pemimpin Korea Utara itu menunggu di tangga.",
        "Moskow-Pyongyang sepakat membuka lagi jalur kereta penumpang.",
        "GELOMBANG panas menewaskan belasan orang di selatan.",
        "KABINET Kerja menggelar sidang pertamanya pada Rabu.",
        "KAPAL Motor Bintang karam di selatan pulau.",
        "AUSTRALIA mulai menaksir kerugian akibat kebakaran hutan.",
        "KOREA Utara menembakkan dua rudal jarak pendek.",
        "Express.co.uk, Selasa (3/11/2020), mengingatkan pembacanya.",
        "Rusia: kami tidak memasok senjata apa pun.",
        "Menurut Moskow, sidang itu ditunda.",
        "Ilustrasi - Tumpukan buku di ruang kelas.",
        "“Kami menunggu,” kata juru bicara.",
        "",
        "   ",
    ],
)
def test_a_sentence_has_no_prefix(text: str) -> None:
    assert read_prefix(text) is None


@pytest.mark.parametrize(
    ("line", "place"),
    [("Jakarta, CNN Indonesia --", "Jakarta"), ("Jakarta -", "Jakarta"), ("VIVA.co.id", None)],
)
def test_a_prefix_may_fill_its_line(line: str, place: str | None) -> None:
    found = read_prefix(line)
    assert found is not None
    assert found.alone
    assert found.place == place


@pytest.mark.parametrize(
    ("host", "place", "brand"),
    [
        ("tanjungsari.warta.com", "TANJUNGSARI", None),
        ("tanjungsari.co.id", None, "TANJUNGSARI"),
        ("tanjungsarinews.com", None, "TANJUNGSARI"),
    ],
)
def test_a_regional_edition_is_named_after_its_place(host: str, place: str | None, brand: str | None) -> None:
    found = read_prefix("TANJUNGSARI – " + REST, host)
    assert found is not None
    assert (found.place, found.brand) == (place, brand)


def test_a_known_place_is_one_whatever_the_host_is_called() -> None:
    found = read_prefix("WARTA.COM, MAKASSAR - " + REST, "makassarpos.com")
    assert found is not None
    assert (found.place, found.brand) == ("MAKASSAR", "WARTA.COM")


def test_the_host_tells_an_outlet_from_a_place() -> None:
    text = "Pelita Timur – " + REST
    assert read_prefix(text) is None
    found = read_prefix(text, "pelitatimur.com")
    assert found is not None
    assert (found.brand, found.place) == ("Pelita Timur", None)


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("Merbau Timur -", "Merbau Timur"),
        ("Jakarta -", "Jakarta"),
        ("Merbau Timur, WARTA.com --", "Merbau Timur"),
    ],
)
def test_a_name_alone_before_a_dash_is_a_place_known_or_not(line: str, place: str) -> None:
    found = read_prefix(line)
    assert found is not None
    assert (found.alone, found.place) == (True, place)


@pytest.mark.parametrize("line", ["Merbau Timur", "Merbau Timur:", "Menurut catatan lama -", "Dermaga itu -"])
def test_other_lines_that_stand_alone_are_no_place(line: str) -> None:
    assert read_prefix(line) is None
