"""Page text: the main content of a page in the format of the sample files."""

from crawler.text.page_text import page_text

PAGE = """<html><head><title>T</title><script>var x = 1</script></head><body>
<nav><a href="/">Beranda</a></nav>
<main><article><h1>Jembatan Kayu Diganti Baja</h1>
<figure><img src="a.jpg" alt="Jembatan kayu tua"><figcaption>Jembatan kayu tua di hulu.</figcaption></figure>
<p>Jembatan kayu di&nbsp;hulu sungai diganti rangka baja sejak pekan lalu, kata camat setempat.</p>
<ul><li>Panjang empat puluh meter</li><li>Lebar enam meter</li></ul>
<p>Warga boleh melintas mulai bulan depan setelah uji beban selesai dilakukan.</p></article></main>
<footer>Hak cipta</footer></body></html>"""


def test_blocks_stand_apart_and_scripts_and_menus_are_gone() -> None:
    text = page_text(PAGE)
    lines = text.split("\n")
    assert lines[0] == "Jembatan Kayu Diganti Baja"
    assert lines[1] == ""
    assert "var x" not in text
    assert "Beranda" not in text


def test_no_break_spaces_and_alternative_texts_survive() -> None:
    text = page_text(PAGE)
    assert "di\u00a0hulu" in text
    assert "Jembatan kayu tua\n" in text


def test_list_entries_have_the_bullets_of_the_samples() -> None:
    page = (
        "<html><body><article><h1>Judul</h1><p>Satu kalimat pembuka.</p><div><div>"
        '<ul class="isi"><li class="butir"><span>tepi kiri</span></li></ul>'
        "</div></div></article></body></html>"
    )
    assert "  • tepi kiri" in page_text(page).split("\n")


def test_hostile_characters_are_taken_out_before_the_extractor_refuses_them() -> None:
    assert page_text("<p>a\ud800b\x00c</p>") == "a\ufffdbc"


def test_an_empty_page_has_empty_text() -> None:
    assert page_text("") == ""
    assert page_text("<html><head></head><body></body></html>") == ""
