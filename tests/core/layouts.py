"""Article pages in the markup of Indonesian outlets, several generations, with invented prose."""

# ruff: noqa: E501 - markup and cases stay on one line each

import json
from collections.abc import Callable

import attrs

HEADLINE = "Festival Layang-layang Teluk Sariwangi Ditunda karena Angin Kencang"
STANDFIRST = "Panitia memilih menunggu cuaca membaik agar ratusan peserta dari tujuh kabupaten tetap aman."
CAPTION = "Peserta merapikan benang di tepi Pantai Kerang Putih"
CREDIT = "(Foto: Dok. Panitia)"
PARAGRAPHS = (
    "Panitia Festival Layang-layang Teluk Sariwangi menunda pembukaan acara selama dua hari karena angin di tepi pantai terlalu kencang untuk diterbangi.",
    "Ketua panitia, Wiratma Jagadita, mengatakan keputusan itu diambil setelah tiga layang-layang raksasa robek ketika diuji pada pagi buta.",
    '"Kami tidak mau ada peserta yang terseret benang, jadi lebih baik semua orang bersabar sebentar," ujarnya kepada wartawan di posko.',
    "Menurut catatan petugas pelabuhan, kecepatan angin mencapai empat puluh lima kilometer per jam dan baru akan turun pada akhir pekan.",
    "Pedagang jagung bakar yang sudah memasang tenda mengaku rugi, tetapi mereka memahami alasan penundaan itu dan memilih tetap berjualan.",
    "Festival tahun ini diikuti 312 peserta dari tujuh kabupaten, termasuk rombongan anak sekolah yang membawa layang-layang dari daun gadung.",
)
OTHERS = (
    "Wali Kota Meresmikan Jembatan Gantung Baru di Hulu Sungai Cikapas",
    "Harga Cabai Rawit Naik Lagi Menjelang Musim Hujan di Pasar Lembayung",
    "Tim Sepak Takraw Putri Lolos ke Final setelah Menang Dua Set",
    "Lima Cara Merawat Sepatu Kulit supaya Tahan Bertahun-tahun",
)


@attrs.frozen
class Layout:
    """A page and what must be read from it; `published` is the printed minute at `+07:00`."""

    name: str
    url: str
    html: str
    published: str
    byline: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    source: str | None = None
    standfirst: str | None = None


def paragraphs(
    *, start: str = "", end: str = "", tag: str = "p", between: dict[int, str] | None = None
) -> str:
    """Return the prose as elements, with a prefix, a suffix and markup after some paragraphs."""
    texts = [start + PARAGRAPHS[0], *PARAGRAPHS[1:-1], PARAGRAPHS[-1] + end]
    return "\n".join(f"<{tag}>{text}</{tag}>{(between or {}).get(at, '')}" for at, text in enumerate(texts))


def broken(*, start: str = "", end: str = "", between: dict[int, str] | None = None) -> str:
    """Return the prose as bare text with `<br><br>` between the paragraphs."""
    texts = [start + PARAGRAPHS[0], *PARAGRAPHS[1:-1], PARAGRAPHS[-1] + end]
    return "<br />\n<br />\n".join(f"{text}{(between or {}).get(at, '')}" for at, text in enumerate(texts))


def cards(css: str = "card", *, teaser: bool = True) -> str:
    """Return cards of other stories, as sidebars and tails carry them."""
    text = "Ringkasan singkat berita lain yang tidak ada hubungannya dengan halaman ini, cukup panjang untuk menipu."
    return "".join(
        f'<div class="{css}"><a href="/lain/{at}"><img src="/x.jpg"></a><h3><a href="/lain/{at}">{title}</a></h3>'
        f"<span class='date'>Senin, 0{at + 1} Januari 2024 08:1{at} WIB</span>{f'<p>{text}</p>' if teaser else ''}</div>"
        for at, title in enumerate(OTHERS)
    )


def links() -> str:
    """Return a list of links to other stories."""
    return (
        "<ul>"
        + "".join(f'<li><a href="/lain/{at}">{title}</a></li>' for at, title in enumerate(OTHERS))
        + "</ul>"
    )


def linked_data(**more: object) -> str:
    """Return a JSON-LD script of a news article."""
    data = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": HEADLINE} | more
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def page(body: str, *, title: str = HEADLINE, head: str = "", og: str | None = None) -> str:
    """Return a whole page: masthead, menu, *body*, footer."""
    shared = f'<meta property="og:title" content="{og}">' if og else ""
    menu = "".join(
        f'<li><a href="/{name}">{name.title()}</a></li>' for name in ("nasional", "dunia", "olahraga", "gaya")
    )
    return (
        f"<!doctype html><html lang=id><head><meta charset=utf-8><title>{title}</title>{shared}{head}</head><body>"
        f'<header class="masthead"><a href="/">Beranda</a><span>Selasa, 3 Maret 2026</span></header><nav><ul>{menu}</ul></nav>'
        f"{body}<footer><p>Hak cipta dilindungi. Dilarang memperbanyak isi situs ini tanpa izin tertulis dari penerbitnya.</p>"
        "</footer><script>var x = 'teks di dalam skrip';</script></body></html>"
    )


def kontan() -> Layout:
    noise = '<p><a class="track-bacajuga-inside" href="/x">Baca Juga: Panen Garam Melimpah</a></p>'
    body = f"""
      <div class="banner">banner langganan top</div>
      <h1 class="detail-desk">{HEADLINE}</h1>
      <div class="fs14 ff-opensans font-gray">Kamis, 14 Mei 2026 / 11:39 WIB</div>
      <div class="img-detail-desk"><img alt="{HEADLINE}"><p>ILUSTRASI. {CAPTION}. {CREDIT}</p></div>
      <div class="tmpt-desk-kon" itemprop="articleBody">
        <p><strong>Reporter: <a>Ratri Kusumadewi</a>, <a>Bagas Paramarta</a> | Editor: <a>Sekar Palupi</a></strong></p>
        {paragraphs(start="<strong>KONTAN.CO.ID - SARIWANGI.</strong> ", between={1: noise, 3: noise})}
        <h2><a class="track-gnews" href="/g">Cek Berita dan Artikel lainnya di Google News</a></h2>
      </div><div class="pagination"></div>
      <div class="terbaru"><h3>TERBARU</h3>{links()}</div>"""
    head = '<meta name="content_PublishedDate" content="2026-05-14 11:39:10">'
    return Layout(
        "kontan",
        "https://regional.kontan.co.id/news/festival-layang-layang-teluk-sariwangi-ditunda",
        page(body, head=head, og=HEADLINE, title=f"{HEADLINE} - Kontan.co.id"),
        "2026-05-14T11:39",
        ("Ratri Kusumadewi", "Bagas Paramarta"),
        ("Sekar Palupi",),
    )


def tribun() -> Layout:
    baca = '<p class="baca">Baca juga: <a href="/x">Nelayan Teluk Sariwangi Libur Melaut Tiga Hari</a></p>'
    figure = f'<figure><img alt="{CAPTION}"><figcaption>{CAPTION} {CREDIT}</figcaption></figure>'
    body = f"""
      <div class="content"><div class="fl w677">
      <h1 id="arttitle" class="f50 black2 f400">{HEADLINE}</h1><p class="teaser">{STANDFIRST}</p>
      <div class="credit"><div id="penulis"><span>Penulis:</span> <a href="/penulis/a">Gilang Nararya</a></div>
      <div id="editor"><span>Editor:</span> <a href="/editor/b">Murti Lestari</a></div></div>
      <div class="grey bdr3 pb10 pt10">Tayang: <time class="grey" datetime="2026-07-24T12:40:00+07:00">Jumat, 24 Juli 2026 12:40 WIB</time></div>
      <div id="artimg"><a class="icon_zoom">zoom-in</a><img class="imgfull"></div>
      <div class="side-article txt-article multi-fontsize">
        <blockquote class="summary-article"><h3>Ringkasan Berita</h3><ul><li>Acara ditunda dua hari.</li><li>Angin terlalu kencang.</li></ul></blockquote>
        {paragraphs(start="<strong>TRIBUNNEWS.COM -</strong> ", between={1: baca, 2: figure, 4: baca})}
        <p><strong>(Tribunnews.com/Gilang)</strong></p>
      </div>
      <div class="side-article mb5"><h4>Berita Rekomendasi</h4>{cards()}</div>
      </div></div>"""
    graph = {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "BreadcrumbList", "itemListElement": []},
            {
                "@type": "NewsArticle",
                "headline": HEADLINE,
                "datePublished": "2026-07-24T12:40:00+07:00",
                "author": [{"@type": "Person", "name": "Gilang Nararya"}],
                "editor": "Murti Lestari",
            },
        ],
    }
    head = f'<script type="application/ld+json">{json.dumps(graph)}</script>'
    return Layout(
        "tribun",
        "https://jateng.tribunnews.com/2026/07/24/festival-layang-layang-teluk-sariwangi-ditunda",
        page(body, head=head, og=HEADLINE, title=f"{HEADLINE} - Halaman all - Tribunnews.com"),
        "2026-07-24T12:40",
        ("Gilang Nararya",),
        ("Murti Lestari",),
        standfirst=STANDFIRST,
    )


def republika() -> Layout:
    doubled = "".join(f'<p class="b2"><p>{text}</p></p>' for text in PARAGRAPHS[1:])
    body = f"""
      <div class="max-card__title"><div class="date date-item__headline">Jumat   24 Jul 2026  16:32 WIB</div>
      <h1></h1><p class="max-card__teaser">{STANDFIRST}</p><div>Rep: Ayu Candrasari/ Red: Fajar Wibisana</div></div>
      <figure><img><figcaption class="detail__media-caption"><span class="source-img">Foto: Dok. Panitia</span>
      <span class="caption-img">{CAPTION}</span></figcaption></figure>
      <div class="main-content__left"><div class="article-content"><article>
        <p>REPUBLIKA.CO.ID, SARIWANGI -- {PARAGRAPHS[0]}</p>
        <div class="picked-article"><h4>Baca Juga</h4>{links()}</div>{doubled}
        <p>sumber : Antara</p>
      </article></div></div>
      <div class="baca-juga">{links()}</div>"""
    head = '<meta property="article:published_time" content="2026-07-24T16:32:00+07:00">' + linked_data(
        datePublished="2026-07-24T16:32:00+07:00", author={"@type": "Person", "name": "Fajar Wibisana"}
    )
    return Layout(
        "republika",
        "https://news.republika.co.id/berita/abc123xyz/festival-layanglayang",
        page(body, head=head, og=f"{HEADLINE} |Republika Online"),
        "2026-07-24T16:32",
        ("Ayu Candrasari",),
        ("Fajar Wibisana",),
        "Antara",
        STANDFIRST,
    )


def mercinews() -> Layout:
    body = f"""
      <div id="single-content-wrap"><div id="single-content"><h1>{HEADLINE}</h1>
      <div class="tanggal-single">Selasa, 18 Juni 2024 - 20:42 WIB</div>
      <div class="single-media-social"><a>facebook</a><a>twitter</a></div><p class="copied">URL berhasil dicopy</p>
      <p class="foto-utama"><img alt="{CAPTION}"></p><p class="caption-photo">{CAPTION}</p>
      <div id="single-article-text" class="single-article-text">
        {paragraphs(start="Mercinews.com – ", between={1: "<p>ADVERTISEMENT</p><p>SCROLL TO RESUME CONTENT</p>"})}
        <p>(m/ci)</p>
      </div>
      <div class="related-post-wrap"><h4>Berita Terkait</h4>{cards("related-post-box")}</div></div></div>
      <div class="desktop-berita-terbaru">{cards()}</div>"""
    return Layout(
        "mercinews",
        "https://www.mercinews.com/festival-layang-layang-ditunda/",
        page(body, og=f"{HEADLINE} - Mercinews.com"),
        "2024-06-18T20:42",
    )


def wordpress() -> Layout:
    body = f"""
      <main id="main"><article id="post-77" class="post-77 post type-post hentry">
      <header class="entry-header"><h1 class="entry-title">{HEADLINE}</h1>
      <div class="entry-meta"><span class="byline">oleh <span class="author vcard"><a class="url fn n" href="/author/r">Ranu Baswara</a></span></span>
      <span class="posted-on"><time class="entry-date published" datetime="2025-03-02T09:15:00+07:00">2 Maret 2025</time></span></div></header>
      <figure class="post-thumbnail"><img><figcaption class="wp-caption-text">{CAPTION}</figcaption></figure>
      <div class="entry-content entry-content-single clearfix" itemprop="text">
        <div class="gmr-banner-beforecontent"><p>Iklan sponsor toko bangunan</p></div>
        {paragraphs(start="<strong>Sariwangi</strong> – ", between={2: '<div class="gmr-banner-insidecontent">iklan</div>'})}
        <div class="sharedaddy"><h3>Bagikan ini:</h3><ul><li>Facebook</li></ul></div>
        <div class="jp-relatedposts"><h3>Terkait</h3>{links()}</div>
      </div></article>
      <div id="comments"><div id="respond" class="comment-respond"><h3>Tinggalkan Balasan</h3>
      <p class="comment-notes">Alamat email Anda tidak akan dipublikasikan. <span>Ruas yang wajib</span> ditandai *</p></div></div></main>
      <aside class="widget-area">{cards()}</aside>"""
    head = '<meta property="article:published_time" content="2025-03-02T02:15:00+00:00"><meta name="author" content="admin">'
    return Layout(
        "wordpress",
        "https://kabarsariwangi.id/2025/03/02/festival-layang-layang/",
        page(body, head=head, og=HEADLINE, title=f"{HEADLINE} - Kabar Sariwangi"),
        "2025-03-02T09:15",
        ("Ranu Baswara",),
    )


def jnews() -> Layout:
    body = f"""
      <div class="jeg_singlepage"><h1 class="jeg_post_title">{HEADLINE}</h1>
      <div class="jeg_meta_container"><div class="jeg_meta_author">by <a href="/author/x">Nayaka Wirabumi</a></div>
      <div class="jeg_meta_date"><a href="/x">12/04/2025</a></div></div>
      <div class="jeg_share_top_container">Share on FacebookShare on Twitter</div>
      <div class="entry-content with-share"><div class="jeg_share_button share-float"></div>
      <div class="content-inner">{paragraphs(between={1: f'<div class="jnews_inline_related_post">{cards()}</div>'})}
      <div class="jeg_post_tags"><span>Tags:</span><a rel="tag">angin</a></div></div></div>
      <div class="jnews_related_post_container">{cards()}</div></div>"""
    return Layout(
        "jnews",
        "https://suarapesisir.com/festival-layang-layang/",
        page(
            body,
            head='<meta property="article:published_time" content="2025-04-12T06:30:00+07:00">',
            og=HEADLINE,
        ),
        "2025-04-12T06:30",
        ("Nayaka Wirabumi",),
    )


def antara() -> Layout:
    body = f"""
      <section class="wrap__article-detail"><div class="wrap__article-detail-title"><h1>{HEADLINE}</h1></div>
      <div class="wrap__article-detail-info"><ul class="list-inline"><li class="list-inline-item"><a>Nusantara</a></li>
      <li class="list-inline-item">Rabu, 19 Juni 2024 10:00 WIB</li></ul></div>
      <div class="wrap__article-detail-image"><figure><img><figcaption>{CAPTION}. ANTARA/Dok. Panitia</figcaption></figure></div>
      <div class="wrap__article-detail-content post-content">
        {broken(start="Sariwangi (ANTARA) - ", between={2: '<span class="baca-juga">Baca juga: <a href="/b">Nelayan libur</a></span>'})}
        <p class="text-muted mt-2 small">Pewarta: Danu Sasmita<br>Editor: Lintang Rahayu<br>Copyright © ANTARA 2024</p>
      </div></section><div class="col-md-4">{cards("card__post")}</div>"""
    return Layout(
        "antara",
        "https://jateng.antaranews.com/berita/540001/festival-layang-layang",
        page(
            body, head=linked_data(datePublished="2024-06-19T10:00:21+07:00"), og=f"{HEADLINE} - ANTARA News"
        ),
        "2024-06-19T10:00",
        ("Danu Sasmita",),
        ("Lintang Rahayu",),
    )


def kompas() -> Layout:
    promo = '<div class="ads-on-body"><div>ADVERTISEMENT</div></div><p><strong>Baca juga: <a href="/x">Nelayan Libur Melaut</a></strong></p>'
    body = f"""
      <div class="read__header"><h1 class="read__title">{HEADLINE}</h1>
      <div class="read__time">Kompas.com - 14/09/2023, 10:49 WIB</div></div>
      <div class="credit"><div class="credit-title"><div class="credit-title-name"><h6>Teja Mahardika</h6></div><div>Penulis</div></div>
      <div class="credit-title"><div class="credit-title-name"><h6>Yasa Anggraini</h6></div><div>Editor</div></div></div>
      <div class="photo"><img><div class="photo__caption">{CAPTION}{CREDIT}</div></div>
      <div class="read__content"><div class="clearfix">
        {paragraphs(start="<strong>SARIWANGI, KOMPAS.com</strong> - ", between={1: promo, 3: promo})}
        <div class="kgnw-player">Dengarkan artikel lain</div></div></div>
      <div class="tagsCloud"><a class="tagsCloud-tag__text">angin</a></div><div class="latest">{cards("latest--news")}</div>"""
    return Layout(
        "kompas",
        "https://regional.kompas.com/read/2023/09/14/104900123/festival-layang-layang",
        page(
            body,
            head='<meta property="article:published_time" content="2023-09-14T03:49:00+00:00"><meta name="content_author" content="Teja Mahardika">',
            og=f"{HEADLINE} Halaman all",
            title=f"{HEADLINE} Halaman all - Kompas.com",
        ),
        "2023-09-14T10:49",
        ("Teja Mahardika",),
        ("Yasa Anggraini",),
    )


def detik() -> Layout:
    sisip = '<table class="linksisip"><tr><td><div class="lihatjg"><strong>Baca juga:</strong> <a href="/x">Nelayan Libur Melaut</a></div></td></tr></table>'
    advert = '<div class="parallaxindetail"><p class="para_caption">ADVERTISEMENT</p><p class="para_caption">SCROLL TO CONTINUE WITH CONTENT</p></div>'
    body = f"""
      <article class="detail"><div class="detail__header"><h1 class="detail__title">{HEADLINE}</h1>
      <div class="detail__author">Bima Prasetyaji - <span class="detail__label">detikJateng</span></div>
      <div class="detail__date">Rabu, 18 Jun 2025 07:30 WIB</div></div>
      <div class="detail__media"><figure><img><figcaption class="detail__media-caption">{CAPTION} {CREDIT}</figcaption></figure></div>
      <div class="detail__body-text itp_bodycontent"><strong>Sariwangi</strong> - {paragraphs(between={1: advert, 3: sisip})}
      <br><strong>(bpj/dil)</strong><div class="detail__body-tag"><div class="nav"><a>angin</a></div></div></div></article>
      <div class="column-4">{cards("media")}</div>"""
    return Layout(
        "detik",
        "https://www.detik.com/jateng/berita/d-7970001/festival-layang-layang",
        page(
            body,
            head='<meta name="dtk:publishdate" content="2025/06/18 07:30:11"><meta name="dtk:author" content="Bima Prasetyaji">',
            og=HEADLINE,
        ),
        "2025-06-18T07:30",
        ("Bima Prasetyaji",),
    )


def cnn() -> Layout:
    body = f"""
      <div class="flex gap-6"><div class="w-leftcontent grow"><h1 class="mb-2 text-[28px] text-cnn_black">{HEADLINE}</h1>
      <div class="text-cnn_grey text-sm mb-2.5">CNN Indonesia</div><div class="text-cnn_grey text-sm mb-4">Jumat, 24 Jul 2026 10:47 WIB</div>
      <figure class="w-full"><img><figcaption class="text-cnn_grey text-sm mt-2">{CAPTION}. {CREDIT}</figcaption></figure>
      <div class="detail-wrap flex gap-4 relative"><div class="detail-text text-cnn_black text-sm grow min-w-0">
        <strong>Sariwangi, CNN Indonesia</strong> -- {paragraphs(between={0: '<div class="paradetail"><p class="para_caption">ADVERTISEMENT</p></div>', 2: '<table class="topiksisip"><tr><td><a>Pilihan Redaksi</a>' + links() + "</td></tr></table>"})}
        <p>(wrj/gdt)</p></div></div></div>
      <aside class="hidden md:block">{cards("mb-5")}</aside></div>"""
    return Layout(
        "cnn",
        "https://www.cnnindonesia.com/nasional/20260724104000-20-1234567/festival-layang-layang",
        page(
            body,
            head=linked_data(
                datePublished="2026-07-24T10:47:03+07:00", author={"@type": "Person", "name": ""}
            ),
            og=HEADLINE,
        ),
        "2026-07-24T10:47",
    )


def cnbc() -> Layout:
    body = f"""
      <h1 class="mb-4 text-32 font-extrabold">{HEADLINE}</h1>
      <div class="mb-1 text-base font-semibold">News</div><div class="mb-1 text-base font-semibold">Dirga Maheswara, CNBC Indonesia</div>
      <div class="text-cm text-gray">05 June 2024 10:00</div>
      <div class="detail-text min-w-0"><strong>Sariwangi, CNBC Indonesia</strong> - {paragraphs(between={2: '<div class="linksisip"><a>Baca: Harga Cabai Naik</a></div>'})}
      <p>(dgm/dgm)</p><p>[Gambas:Video CNBC]</p></div><div class="mt-6">{cards("w-full")}</div>"""
    return Layout(
        "cnbc",
        "https://www.cnbcindonesia.com/news/20240605095959-4-543210/festival-layang-layang",
        page(body, head=linked_data(datePublished="2024-06-05T10:00:05+07:00"), og=HEADLINE),
        "2024-06-05T10:00",
        ("Dirga Maheswara",),
    )


def sindonews() -> Layout:
    body = f"""
      <section class="detail-wrap"><h1 class="detail-title">{HEADLINE}</h1>
      <div class="detail-nama-redaksi"><a rel="author" href="/profil/1">Surya Atmadja</a></div>
      <div class="detail-date-artikel">Jum'at, 24 Juli 2026 - 15:00 WIB</div>
      <figure class="detail-img"><img><figcaption>{CAPTION}. {CREDIT}</figcaption></figure>
      <div id="detail-desc" class="detail-desc"><b>SARIWANGI</b> - {broken(between={1: '<br><br>Baca Juga: <a href="/b">Nelayan Teluk Sariwangi Libur Melaut</a>'})}
      <br><br><div class="editor">(ahm)</div></div></section><div class="terkait">{cards()}</div>"""
    return Layout(
        "sindonews",
        "https://daerah.sindonews.com/read/1600001/707/festival-layang-layang-1753344000",
        page(body, head=linked_data(datePublished="2026-07-24T15:00:11+07:00"), og=HEADLINE),
        "2026-07-24T15:00",
        ("Surya Atmadja",),
    )


def okezone() -> Layout:
    body = f"""
      <div class="title-article"><h1>{HEADLINE}</h1></div>
      <div class="journalist"><a href="/j">Ningrum Sulistya</a> <span>, Jurnalis-Senin, 16 Juni 2025 |15:20 WIB</span></div>
      <div class="img-article"><img><span class="caption-foto">{CAPTION} {CREDIT}</span></div>
      <div class="c-detail read">{paragraphs(start="<strong>SARIWANGI -</strong> ", between={2: "<p><strong>Baca Juga: <a>Nelayan Libur Melaut</a></strong></p>"})}
      <div class="detads">iklan</div><p>Follow WhatsApp Channel Okezone untuk update berita terkini tiap hari</p></div>
      <div id="tag"><div class="box-tag"><a>#angin</a></div></div><div class="berita-terkait">{cards()}</div>"""
    return Layout(
        "okezone",
        "https://news.okezone.com/read/2025/06/16/18/3149001/festival-layang-layang",
        page(body, head=linked_data(datePublished="2025-06-16 15:20:31"), og=f"{HEADLINE} : Okezone News"),
        "2025-06-16T15:20",
        ("Ningrum Sulistya",),
    )


def jpnn() -> Layout:
    body = f"""
      <div class="page-header"><h1 class="judul">{HEADLINE}</h1><h6>Sabtu, 04 Agustus 2018 – 15:45 WIB</h6></div>
      <figure><img><figcaption>{CAPTION}. {CREDIT}</figcaption></figure>
      <div itemprop="articleBody" class="page-content">{paragraphs(start="<strong>jpnn.com</strong>, <strong>SARIWANGI</strong> - ", end=" <strong>(wir/jpnn)</strong>")}</div>
      <div class="pagination"><a href="?page=2">2</a><a href="?page=3">3</a></div>
      <div class="page-footer">Redaktur & Reporter : Gumilar</div><div class="sidebar">{cards()}</div>"""
    return Layout(
        "jpnn",
        "https://www.jpnn.com/news/festival-layang-layang",
        page(body, og=HEADLINE, head='<meta name="jpnncom_news_pubdate" content="2018-08-04 15:45:00">'),
        "2018-08-04T15:45",
        ("Gumilar",),
        ("Gumilar",),
    )


def viva() -> Layout:
    bare = (
        '<div class="recommended-article"><a href="/r">Wali Kota Meresmikan Jembatan Gantung Baru</a></div>'
    )
    body = f"""
      <div class="main-content-head"><h1 class="main-content-title">{HEADLINE}</h1>
      <div class="main-content-info"><span class="main-content-date">Selasa, 6 Mei 2025 - 19:40 WIB</span>
      <div class="main-content-author">Oleh : <a>Anindya Larasati</a></div></div></div>
      <div class="main-content-image"><img><span class="caption">{CAPTION} Sumber : - Dok. Panitia</span></div>
      <div class="main-content-detail">{paragraphs(start="<strong>VIVA – </strong>", between={1: bare, 3: bare})}
      <div class="pagination-detail" data-total-pages="2"><a href="?page=2">Halaman Selanjutnya</a></div></div>
      <div class="widget-other-article">{cards()}</div>"""
    return Layout(
        "viva",
        "https://www.viva.co.id/berita/nasional/1820001-festival-layang-layang",
        page(body, head=linked_data(datePublished="2025-05-06T19:40:00+07:00"), og=HEADLINE),
        "2025-05-06T19:40",
        ("Anindya Larasati",),
    )


def tempo() -> Layout:
    wrapped = "".join(f'<div class="mb-4"><p class="text-lg">{text}</p></div>' for text in PARAGRAPHS[1:])
    body = f"""
      <main><h1 class="text-[26px] font-bold">{HEADLINE}</h1><p class="text-sm text-neutral-900">{STANDFIRST}</p>
      <p class="text-neutral-900 text-sm">18 Juni 2025 | 20.04 WIB</p>
      <figure><img><figcaption>{CAPTION}. Tempo/Wirasena</figcaption></figure>
      <div id="content-wrapper"><div class="mb-4"><p class="text-lg"><strong>TEMPO.CO</strong>, <strong>Sariwangi</strong> - {PARAGRAPHS[0]}</p></div>
      <div class="mb-4"><p>Scroll ke bawah untuk melanjutkan membaca</p></div>{wrapped}
      <div class="mb-4"><p>Pilihan Editor: <a>Jembatan Gantung Baru di Hulu Sungai</a></p></div></div>
      <div class="grid">{cards("flex")}</div></main>"""
    head = linked_data(
        datePublished="2025-06-18T20:04:00+07:00", author=[{"@type": "Person", "name": "Kirana Puspita"}]
    )
    return Layout(
        "tempo",
        "https://www.tempo.co/lingkungan/festival-layang-layang-ditunda-1700001",
        page(body, head=head, og=f"{HEADLINE} | tempo.co"),
        "2025-06-18T20:04",
        ("Kirana Puspita",),
    )


def suara() -> Layout:
    pages = [PARAGRAPHS[:2], PARAGRAPHS[2:4], PARAGRAPHS[4:]]
    parts = "".join(f"<p>{text}</p>" for part in pages for text in part)
    body = f"""
      <div class="info"><h1>{HEADLINE}</h1><div class="content-writer"><span>Chandra Wijaksana</span> | <span>Laras Swasti</span></div>
      <div class="date-article"><span>Senin, 02 September 2024 | 13:22 WIB</span></div></div>
      <figure class="img-cover"><img><figcaption>{CAPTION} [Dok. Panitia]</figcaption></figure>
      <article class="detail-content"><p><strong>Suara.com -</strong></p>{parts}
      <div class="item--baca-juga-inner"><a>Baca Juga: Nelayan Teluk Sariwangi Libur Melaut</a></div></article>
      <div class="berita-terkait">{cards()}</div>"""
    return Layout(
        "suara",
        "https://www.suara.com/news/2024/09/02/132200/festival-layang-layang",
        page(
            body,
            head=linked_data(datePublished="2024-09-02T13:22:00+07:00", author={"name": "Chandra Wijaksana"}),
            og=HEADLINE,
        ),
        "2024-09-02T13:22",
        ("Chandra Wijaksana", "Laras Swasti"),
    )


def promedia() -> Layout:
    body = f"""
      <section class="read"><h1 class="read__title">{HEADLINE}</h1>
      <div class="read__info"><div class="read__info__author"><a href="/author/z">Padma Sasikirana</a></div>
      <div class="read__info__date"> - Kamis, 5 Februari 2026 | 08:05 WIB</div></div>
      <div class="photo"><img><p class="photo__caption">{CAPTION}. {CREDIT}</p></div>
      <article class="read__content clearfix">{paragraphs(start="<strong>PIKIRAN RAKYAT -</strong> ", between={2: '<strong class="read__others">Baca Juga: <a>Nelayan Libur Melaut</a></strong>'})}
      <div class="paging"><div class="paging__item"><a class="paging__link" href="?page=2">2</a></div></div></article>
      <div class="tag--article"><a>angin</a></div><div>Editor: Rumaysa Tirta</div>
      <div class="latest">{cards()}</div></section>"""
    return Layout(
        "promedia",
        "https://www.pikiran-rakyat.com/jawa-barat/pr-0190001/festival-layang-layang",
        page(
            body,
            head=linked_data(datePublished="2026-02-05T08:05:00+07:00"),
            og=f"{HEADLINE} - Pikiran-Rakyat.com",
        ),
        "2026-02-05T08:05",
        ("Padma Sasikirana",),
        ("Rumaysa Tirta",),
    )


def liputan6() -> Layout:
    def item(at: int, texts: tuple[str, ...], title: str = "") -> str:
        heading = f'<h2 class="article-content-body__item-title">{title}</h2>' if title else ""
        return (
            f'<div class="article-content-body__item-page" data-page="{at}">{heading}<div class="article-content-body__item-content">'
            + "".join(f"<p>{text}</p>" for text in texts)
            + "</div></div>"
        )

    body = f"""
      <article><header class="read-page--header"><h1 class="read-page--header--title">{HEADLINE}</h1>
      <div class="read-page-box__author"><span class="read-page-box__author__name">Sinta Maharani</span>
      <p class="read-page-box__author__updated">Diperbarui 18 Jun 2025, 14:05 WIB</p></div></header>
      <div class="article-content-body">{item(1, (f"<b>Liputan6.com, Sariwangi -</b> {PARAGRAPHS[0]}", *PARAGRAPHS[1:3]))}
      <div class="baca-juga-collections"><p>BACA JUGA:</p>{links()}</div>{item(2, PARAGRAPHS[3:], "Pedagang Tetap Bertahan")}</div></article>
      <div class="rekomendasi">{cards()}</div>"""
    return Layout(
        "liputan6",
        "https://www.liputan6.com/regional/read/6080001/festival-layang-layang",
        page(
            body,
            head='<meta property="article:published_time" content="2025-06-18T14:05:00+07:00">',
            og=HEADLINE,
        ),
        "2025-06-18T14:05",
        ("Sinta Maharani",),
    )


def hashed() -> Layout:
    """Return a page of hashed class names, a wrapper round each paragraph."""
    wrapped = "".join(
        f'<div dir="ltr" class="bbc-19j92fr ebmt73l0"><p class="bbc-hhl7in">{text}</p></div>'
        for text in PARAGRAPHS
    )
    body = f"""
      <main role="main"><div class="bbc-1151pbn"><h1 class="bbc-1gn1xtx">{HEADLINE}</h1></div>
      <figure class="bbc-1qdcvv9"><img><figcaption class="bbc-3edg7g"><span>Sumber gambar, </span>Dok. Panitia</figcaption></figure>
      <div class="bbc-19j92fr"><time datetime="2025-01-09">9 Januari 2025</time></div>{wrapped}
      <section class="bbc-6gjc5"><h2>Artikel terkait</h2>{cards("bbc-x1")}</section></main>"""
    return Layout(
        "hashed",
        "https://www.bbc.com/indonesia/articles/c4gx0000001o",
        page(
            body,
            head=linked_data(datePublished="2025-01-09T03:12:44.000Z"),
            og=f"{HEADLINE} - BBC News Indonesia",
        ),
        "2025-01-09T10:12",
    )


LAYOUTS: tuple[Callable[[], Layout], ...] = (
    kontan,
    tribun,
    republika,
    mercinews,
    wordpress,
    jnews,
    antara,
    kompas,
    detik,
    cnn,
    cnbc,
    sindonews,
    okezone,
    jpnn,
    viva,
    tempo,
    suara,
    promedia,
    liputan6,
    hashed,
)
