"""Names come out of labelled lines, credit boxes and author elements; desks and outlets do not."""

# ruff: noqa: E501 - markup and cases stay on one line each

import pytest

from crawler.pages.people import People, clean_name, read_element, read_line, read_lines


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "Reporter: Arum Wijayanti, Bagus S. | Editor: Citra Ayu",
            People(("Arum Wijayanti", "Bagus S"), ("Citra Ayu",)),
        ),
        ("Sumber: Reuters | Editor: Bagus Santika", People((), ("Bagus Santika",), "Reuters")),
        ("Rep: Arum Sari/ Red: Bagus Utama", People(("Arum Sari",), ("Bagus Utama",))),
        ("Rep: Arum Sari Red: Bagus Utama", People(("Arum Sari",), ("Bagus Utama",))),
        ("Penulis : Kontributor Merbau, Danu Sasmita", People(("Danu Sasmita",))),
        ("Laporan wartawan Kabar Merbau, Danu Sasmita", People(("Danu Sasmita",))),
        ("(Laporan Reporter KABAR-MERBAU.COM, Danu Sasmita dari Tanjung)", People(("Danu Sasmita",))),
        ("Laporan wartawan kabarmerbau.com Danu Sasmita", People(("Danu Sasmita",))),
        ("Sumber Berita : Dinas Pasar Merbau", People(source="Dinas Pasar Merbau")),
        ("Sumber AFP, Reuters", People(source="AFP, Reuters")),
        ("Sumber daya air Merbau", People()),
        ("Sumber Foto", People()),
        ("5 November 2015 by Danu Sasmita", People(("Danu Sasmita",))),
        ("Diposting oleh Danu Sasmita di 14.20", People(("Danu Sasmita",))),
        ("Oleh Danu Sasmita pada 23 Jan 2021, 13:30 WIB", People(("Danu Sasmita",))),
        ("By Danu Sasmita on 16 Feb 2016 at 09:10 WIB", People(("Danu Sasmita",))),
        ("oleh: Danu Sasmita diperbarui 3 Maret 2026", People(("Danu Sasmita",))),
        ("DAERAH | 17 Juni 2021 11:38 Reporter : Danu Sasmita", People(("Danu Sasmita",))),
        ("Redaktur & Reporter : Danu", People(("Danu",), ("Danu",))),
        ("Danu Sasmita Editor", People((), ("Danu Sasmita",))),
        ("Danu Sasmita, Jurnalis", People(("Danu Sasmita",))),
        ("Editor: I Ketut Antara", People((), ("I Ketut Antara",))),
        ("Penulis: Tim Redaksi | Editor: Redaksi", People()),
        ("Editor:", People()),
        ("Penulis: Via Anggraini", People(("Via Anggraini",))),
        ("Penulis: Sergei Merbau via AFP", People()),
        ("Pilihan Editor: Jembatan Gantung Baru", People()),
        ("Menurut sumber: kapal itu tiba", People()),
        ("Komentar presiden memicu reaksi, kata editor majalah itu.", People()),
        ("Sarinah, Pasar Baru", People()),
        ("x" * 1_000, People()),
        ("", People()),
    ],
)
def test_labelled_lines(line: str, expected: People) -> None:
    assert read_line(line, "kabarmerbau") == expected


def test_a_name_with_the_outlet_is_a_byline_only_above_a_body() -> None:
    line = "Danu Sasmita, CNBC Indonesia"
    assert read_line(line, "cnbcindonesia", in_header=True) == People(("Danu Sasmita",))
    assert read_line(line, "cnbcindonesia") == People()
    assert read_line("Danu Sasmita, Teluk Merbau", "cnbcindonesia", in_header=True) == People()


@pytest.mark.parametrize(
    "lines",
    [
        ["Penulis", "Danu Sasmita", "Editor", "Citra Ayu"],
        ["Danu Sasmita", "Penulis", "Citra Ayu", "Editor"],
        ["Author", ": Danu Sasmita", "Tim Editor", ": Citra Ayu"],
        ["Penulis: Danu Sasmita", "Editor: Citra Ayu"],
        ["Rabu, 3 Maret 2026", "Penulis", "Danu Sasmita", "Editor", "Citra Ayu", "Halaman Berikutnya"],
    ],
)
def test_roles_and_names_on_lines_of_their_own(lines: list[str]) -> None:
    assert read_lines(lines) == People(("Danu Sasmita",), ("Citra Ayu",))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Danu Sasmita - detikJateng", ("Danu Sasmita",)),
        ("Danu Sasmita , Jurnalis-Senin, 29 Agustus 2022 |19:39 WIB", ("Danu Sasmita",)),
        ("Danu Sasmita | Citra Ayu", ("Danu Sasmita", "Citra Ayu")),
        ("Danu Sasmita dan Citra Ayu", ("Danu Sasmita", "Citra Ayu")),
        ("DANU SASMITA", ("DANU SASMITA",)),
        ("detikcom", ()),
        ("Diperbarui 18 Jun 2025", ()),
        ("Bagikan artikel ini", ()),
        ("Diterbitkan 18 Jun 2025, 14:05 WIB", ()),
        ("Danu Sasmita Detik.Com", ("Danu Sasmita",)),
        ("Detik.Com", ()),
        ("Danu Sasmita diterbitkan 18 Juni 2025", ("Danu Sasmita",)),
    ],
)
def test_elements_that_hold_the_byline(text: str, names: tuple[str, ...]) -> None:
    assert read_element(text, "detik") == names


@pytest.mark.parametrize(
    "text",
    ["Admin", "redaksi", "Tim Liputan", "Agregasi VOA", "Litbang Kabar", "MNC Portal", "Kompas.com", "KOMPAS TV", "Antara", "AFP", "vyp", "a@b.id", "https://x.id/a", "3 Maret", "12", "A", ""],
)  # fmt: skip
def test_what_is_no_person(text: str) -> None:
    assert clean_name(text, "kompas") is None


@pytest.mark.parametrize(
    "text",
    ["Danu", "Danu Sasmita", "B Kunto Wibisono", "Nur'aini", "Y. A. Putra", "Abdul bin Said", "Ni Luh Dewi"],
)
def test_what_is_a_person(text: str) -> None:
    assert clean_name(f" {text}, ", "kompas") == text
