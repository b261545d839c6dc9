"""Every way in which pages mark paragraphs gives the same blocks, and nothing is lost without a name."""

# ruff: noqa: E501 - markup and cases stay on one line each

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.pages.parse import parse_html
from crawler.pages.tree import MAX_BLOCKS, MAX_DEPTH, Reading, read_body, visible_text

ONE = "Nelayan Pulau Merbau menunda keberangkatan karena ombak setinggi tiga meter."
TWO = "Kepala desa meminta warga tidak mendekati dermaga sampai cuaca membaik."
THREE = "Bantuan beras sudah dibagikan kepada 120 keluarga di tepi pantai."


def read(html: str, drop: str = "") -> Reading:
    tree = parse_html(f'<div id="isi">{html}</div>')
    node = tree.css_first("#isi")
    assert node is not None
    dropped = {found.mem_id for found in node.css(drop)} if drop else set()
    return read_body([node], drop=dropped)


def texts(html: str) -> list[str]:
    return [block.text for block in read(html).blocks]


@pytest.mark.parametrize(
    "html",
    [
        f"<p>{ONE}</p><p>{TWO}</p><p>{THREE}</p>",
        f"<div>{ONE}</div><div><br></div><div>{TWO}</div><div>{THREE}</div>",
        f"{ONE}<br><br>{TWO}<br />\n<br />{THREE}",
        f"{ONE}<p>{TWO}</p>{THREE}",
        f'<p class="b2"><p>{ONE}</p></p><p class="b2"><p>{TWO}</p></p><p class="b2"><p>{THREE}</p></p>',
        f"<span>{ONE}<div>{TWO}</div></span><p><span><span>{THREE}</span></span></p>",
        f"<p>{ONE}<br>{TWO}</p><p>{THREE}",
        f"<section><article><p>{ONE}</p></article></section><table><tr><td>{TWO}</td></tr></table><pre>{THREE}</pre>",
        f"<p>{ONE[:20]}\n   {ONE[20:]}</p><blockquote><p>{TWO}</p></blockquote><center><font>{THREE}</font></center>",
        f"<p>{ONE[:7]}<b>{ONE[7:12]}</b><a href='/x'>{ONE[12:15]}</a>{ONE[15:]}</p><!-- catatan --><p>{TWO}<p>{THREE}",
    ],
)
def test_paragraphs_are_found_however_they_are_marked(html: str) -> None:
    assert texts(html) == [ONE, TWO, THREE]


def test_a_single_break_only_ends_a_paragraph_where_the_sense_says_so() -> None:
    assert texts("Baris pertama yang panjang dan dibungkus oleh penyunting,<br>lalu bersambung di sini.") == [
        "Baris pertama yang panjang dan dibungkus oleh penyunting, lalu bersambung di sini."
    ]
    assert texts("1. Dermaga Utara<br>2. Dermaga Selatan<br>3. Pasar Ikan") == [
        "1. Dermaga Utara",
        "2. Dermaga Selatan",
        "3. Pasar Ikan",
    ]
    assert texts("Pewarta: Danu Sasmita<br>Editor: Lintang Rahayu") == [
        "Pewarta: Danu Sasmita",
        "Editor: Lintang Rahayu",
    ]


def test_two_breaks_and_labels_always_end_a_paragraph() -> None:
    assert texts("Baris tanpa titik<br><br>lalu baris kecil") == ["Baris tanpa titik", "lalu baris kecil"]
    long = "Pewarta: Danu Sasmita Wirabumi, Lintang Rahayu Prameswari, Surya Atmadja"
    assert texts(f"{long}<br>Editor: Citra Ayu<br>© Kabar Merbau") == [
        long,
        "Editor: Citra Ayu",
        "© Kabar Merbau",
    ]


def test_kinds_links_and_weight_are_noted() -> None:
    found = read(
        "<h2>Cuaca</h2><p><strong>Bantuan tiba</strong></p><ul><li>Beras</li><li><p>Minyak</p></li></ul>"
        "<figure><img><figcaption>Dermaga sepi</figcaption></figure><div class='photo__caption'>Perahu ditarik</div>"
        "<p>Lihat <a href='/x'>tabel</a></p><div class='foto'><img><span>Ombak besar</span></div>"
    )
    assert [(block.kind, block.text, block.bold) for block in found.blocks] == [
        ("heading", "Cuaca", False),
        ("text", "Bantuan tiba", True),
        ("item", "Beras", False),
        ("item", "Minyak", False),
        ("caption", "Dermaga sepi", False),
        ("caption", "Perahu ditarik", False),
        ("text", "Lihat tabel", False),
        ("caption", "Ombak besar", False),
    ]
    assert found.blocks[6].link_share == pytest.approx(0.5)
    assert [block.line for block in found.blocks] == list(range(1, 9))


def test_a_bold_line_between_breaks_is_a_block_of_its_own() -> None:
    found = read(f"<p>{ONE}<br><br><strong>Layanan Baru</strong><br><br>{TWO}</p>")
    assert [(block.text, block.bold) for block in found.blocks] == [
        (ONE, False),
        ("Layanan Baru", True),
        (TWO, False),
    ]


def test_tables_stay_readable() -> None:
    html = "<table><tr><td>Penulis</td><td>: Arum Wijayanti</td></tr><tr><td>Beras</td><td>10 kg</td></tr></table>"
    assert texts(html) == ["Penulis : Arum Wijayanti", "Beras | 10 kg"]


def test_no_break_spaces_stay_and_other_white_space_is_one() -> None:
    assert texts("<p>Rp\u00a010\u00a0ribu \t\n  saja\u2028ya</p>") == ["Rp\u00a010\u00a0ribu saja ya"]


@pytest.mark.parametrize(
    ("html", "rule"),
    [
        ("<aside>Kotak samping</aside>", "markup:aside"),
        ("<form><input><button>Kirim</button> Tulis surel Anda</form>", "markup:form"),
        ("<nav>Beranda Dunia</nav>", "markup:navigation"),
        ("<iframe>Peta</iframe>", "markup:embed"),
        ('<div style="display: NONE">Tersembunyi</div>', "markup:hidden"),
        ("<p hidden>Tersembunyi</p>", "markup:hidden"),
        ('<p class="sr-only">Tersembunyi</p>', "markup:hidden"),
        ('<div class="baca-juga">Baca juga: lain</div>', "markup:related"),
        ('<div class="RelatedPosts">Lain</div>', "markup:related"),
        ('<div id="div-gpt-ad-123">Iklan</div>', "markup:advert"),
        ('<div class="sharedaddy">Bagikan</div>', "markup:share"),
        ('<div id="disqus_thread">Komentar</div>', "markup:comment"),
        ('<div class="tagcloud">angin</div>', "markup:tags"),
        ('<blockquote class="twitter-tweet"><p>Kicauan</p></blockquote>', "markup:embed"),
        ('<blockquote class="instagram-media">Gambar</blockquote>', "markup:embed"),
        ('<div class="newsletter__box">Langganan surel</div>', "markup:promotion"),
        (
            "<ul><li><a href='/1'>Harga garam di pasar turun lagi</a></li><li><a href='/2'>Dermaga baru segera dibuka</a></li></ul>",
            "markup:links",
        ),
        (
            "<div><a href='/1'><img></a><h3><a href='/1'>Dermaga baru dibuka</a></h3><p>Ringkasan.</p></div>",
            "markup:card",
        ),
    ],
)
def test_furniture_in_the_markup_is_dropped_under_a_name(html: str, rule: str) -> None:
    found = read(f"<p>{ONE}</p>{html}<p>{TWO}</p>")
    assert [block.text for block in found.blocks] == [ONE, TWO]
    assert [removed.rule for removed in found.removed] == [rule]
    assert found.removed[0].text
    assert found.removed[0].line == 2


def test_declared_furniture_is_dropped() -> None:
    found = read(f"<p>{ONE}</p><p class='x9'>{TWO}</p>", drop=".x9")
    assert [(removed.rule, removed.text) for removed in found.removed] == [("markup:declared", TWO)]


def test_rows_of_links_go_with_the_label_above_them() -> None:
    titles = [f"Judul berita lain nomor {number} yang panjang" for number in range(1, 5)]
    bare = "".join(f"<a href='/{at}'>{title}</a>" for at, title in enumerate(titles))
    for html in (
        f"<h2>Jangan Lewatkan</h2>{bare}",
        "<p><b>Baca juga:</b></p>" + bare.replace("</a>", "</a><br>"),
    ):
        found = read(f"<p>{ONE}</p>{html}<p>{TWO}</p>")
        assert [block.text for block in found.blocks] == [ONE, TWO]
        assert [removed.text for removed in found.removed][1:] == titles
        assert [block.line for block in found.blocks] == [1, 2]


def test_a_box_that_holds_the_text_is_the_text_whatever_its_name() -> None:
    found = read(
        f"<div class='share-content related'><p>{ONE}</p><p>{TWO}</p><p>{THREE}</p></div><p>Akhir.</p>"
    )
    assert [block.text for block in found.blocks] == [ONE, TWO, THREE, "Akhir."]


def test_a_hidden_further_page_is_text_and_other_hidden_things_are_not() -> None:
    further = f"<p>{TWO}</p><p>{THREE}</p><p>{ONE}</p>"
    tree = parse_html(
        f"<div class='isi-teks'><p>{ONE}</p><div class='isi-teks' style='display:none'>{further}</div>"
        f"<div class='modal' style='display:none'>{further}</div></div>"
    )
    node = tree.css_first(".isi-teks")
    assert node is not None
    found = read_body([node])
    assert [block.text for block in found.blocks] == [ONE, TWO, THREE, ONE]
    assert [removed.rule for removed in found.removed] == ["markup:hidden"]


def test_utility_classes_do_not_hide_and_wordpress_post_classes_name_nothing() -> None:
    assert texts(
        f'<div class="hidden md:block print:hidden"><p>{ONE}</p></div><p>{TWO}</p><p>{THREE}</p>'
    ) == [ONE, TWO, THREE]
    html = f'<article class="post-7 type-post hentry tag-iklan category-share"><p>{ONE}</p></article><p>{TWO}</p><p>{THREE}</p>'
    assert texts(html) == [ONE, TWO, THREE]


def test_caps_are_recorded() -> None:
    deep = read("<div>" * (MAX_DEPTH + 5) + ONE + "</div>" * (MAX_DEPTH + 5))
    assert deep.blocks == ()
    assert [(removed.rule, removed.text) for removed in deep.removed] == [("cap:depth", ONE)]
    wide = read("<p>Satu baris.</p>" * (MAX_BLOCKS + 5))
    assert len(wide.blocks) == MAX_BLOCKS
    assert "cap:nodes" in {removed.rule for removed in wide.removed}


def test_what_goes_keeps_its_place_among_the_lines_that_stay() -> None:
    links = "".join(f'<p><a href="/{n}">Berita lain tentang nelayan nomor {n}</a></p>' for n in range(6))
    found = read(f'<p>{ONE}</p>{links}<p>{TWO}</p><div class="iklan">Kuis ini</div><p>{THREE}</p>', ".iklan")
    assert [(block.line, block.text) for block in found.blocks] == [(1, ONE), (2, TWO), (3, THREE)]
    gone = [(removed.line, removed.text.split()[0]) for removed in found.removed]
    assert gone == [*[(2, "Berita")] * 6, (3, "Kuis")]


FRAGMENT = st.sampled_from(
    [
        "<p>", "</p>", "<div>", "</div>", "<br>", "<b>", "</b>", "<a href='/x'>", "</a>", "<ul><li>", "</li></ul>", "<aside>",
        "</aside>", "<table><tr><td>", "</td></tr></table>", "<h2>", "</h2>", "<div class='share'>", "<span hidden>", "</span>",
        "kata", " lain. ", "&nbsp;", "\n", "<figure>", "</figure>", "<i>", "</i>", "<form>", "</form>", "<div class='caption'>",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(FRAGMENT, max_size=40))
def test_every_text_ends_in_a_block_or_in_a_named_stretch(fragments: list[str]) -> None:
    tree = parse_html(f'<div id="isi">{"".join(fragments)}</div>')
    node = tree.css_first("#isi")
    assert node is not None
    found = read_body([node])
    kept = "".join(block.text for block in found.blocks) + "".join(removed.text for removed in found.removed)

    def letters(text: str) -> list[str]:
        return sorted(re.sub(r"[\s|]", "", text))

    assert letters(kept) == letters(visible_text(node))
    assert all("\n" not in block.text and block.text.strip() for block in found.blocks)


@pytest.mark.parametrize(
    "between",
    [
        '<ul class="toc"><li><a href="#a">Ombak</a></li></ul>',
        '<table class="linksisip"><tr><td><a href="/x">Kapal Kandas</a></td></tr></table>',
    ],
)
def test_what_is_taken_out_between_two_stretches_of_bare_text_keeps_them_apart(between: str) -> None:
    assert texts(f"<strong>Garam</strong> {between} {ONE}") == ["Garam", ONE]


def test_an_advert_in_the_middle_of_a_sentence_does_not_cut_it() -> None:
    assert texts(f'{ONE[:30]}<div class="iklan">Iklan</div>{ONE[30:]}') == [ONE]
    assert texts(f'{ONE[:-1]} <div class="iklan">Iklan</div> dan hujan.') == [f"{ONE[:-1]} dan hujan."]
    assert texts('Kepala desa <div class="iklan">Iklan</div>Rahmat') == ["Kepala desa Rahmat"]


@pytest.mark.parametrize("gap", ["", "\n", "<br>", "<script>x()</script>"])
def test_an_advert_between_two_sentences_keeps_them_apart(gap: str) -> None:
    assert texts(f'{ONE}{gap}<div class="iklan">Iklan</div>{gap}{TWO}') == [ONE, TWO]


@pytest.mark.parametrize("label", ["Baca juga:", "<b>Baca Juga</b> :", "LIHAT JUGA:"])
def test_a_single_break_ends_a_cross_link(label: str) -> None:
    link = '<a href="/x">Dermaga Kayu di Pulau Merbau Selesai Dicat Ulang</a>'
    first, *rest = texts(f"<i>{label} {link}</i> <br>{ONE}<br><br>{TWO}")
    assert first.endswith("Selesai Dicat Ulang")
    assert rest == [ONE, TWO]


def test_a_single_break_behind_a_link_wraps_a_sentence() -> None:
    lead = "Menurut keterangan tertulis yang dibacakan oleh Kepala Desa"
    assert texts(f'{lead} <a href="/x">Merbau</a><br>Rahmat, {TWO}') == [f"{lead} Merbau Rahmat, {TWO}"]


def test_an_inserted_picture_is_a_caption_and_a_link_with_a_picture_is_not() -> None:
    box = '<table class="pic_sisip"><tr><td><div class="pic_sisip"><img src="/a.jpg"><span>{}</span></div></td></tr></table>'
    html = f"<p>{ONE}</p>" + box.format("Dermaga Merbau.") + box.format("<a href='/x'>Kapal Kandas</a>")
    assert [(block.kind, block.text) for block in read(html).blocks[1:]] == [("caption", "Dermaga Merbau.")]


def test_a_block_stands_apart_from_what_follows_it() -> None:
    tree = parse_html(
        "<p id=a><span>Tara</span><b>wih</b></p><div id=b><div>Tara Wiratama</div><span>Jurnalis</span></div>"
    )
    assert [visible_text(node) for node in tree.css("#a, #b")] == ["Tarawih", "Tara Wiratama Jurnalis"]


def test_a_list_of_the_pages_own_headings_goes_and_notes_in_a_sentence_stay() -> None:
    contents = '<div class="kotak"><a href="#a">Ombak</a><a href="#b">Kapal</a></div>'
    notes = f'<p>{TWO} <a href="#c1">[1]</a> <a href="#c2">[2]</a></p>'
    assert texts(f"{contents}<p>{ONE}</p>{notes}") == [ONE, f"{TWO} [1] [2]"]
