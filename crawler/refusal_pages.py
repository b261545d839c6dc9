"""Recognition of pages that stand in an article's place: bot checks, walls, "not found" with a 200, portals.

By structure and by what such pages say of themselves, in Indonesian and English; never by the outlet. A page
that states when its article was published, or that has text enough, is what it says it is.
"""

import html
import re
from urllib.parse import urlsplit

import attrs
from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.addresses import literal_address, why_denied
from crawler.guard import RefusalError, read_url
from crawler.reasons import Reason

_EXAMINED_BYTES = 256 * 1024  # such pages are small; what stands further down does not matter
_LARGEST_BYTES = 1024 * 1024
_SMALL_BYTES = 128 * 1024  # above, only the title can raise the suspicion
_FEW_PARAGRAPHS = 5
_FEW_LINKS = 25
_PRESSED = "button, input[type=submit i], input[type=button i], a[role=button i]"
_BUTTONS = 50  # that are looked at
_CONSENT_LINKS = 10  # to terms, partners and the like
_THIN_CHARS = 700  # of paragraph text; the shortest articles seen have about as much
_WALL_CHARS = 2500  # of all visible text, beside a captcha or password field

_TITLE = re.compile(rb"<title[^>]{0,200}>([^<]{0,400})", re.IGNORECASE)
_SEGMENTS = re.compile(r"\s*(?:[|•·»«›‹:]|\s[-–—]|[-–—]\s)\s*")
_ARTICLE_SIGNS = (b"article:published_time", b"datePublished", b"articleBody")

# Scripts and names that only the check itself carries; ordinary pages behind the same services do not.
_CHECKS = (
    b"_cf_chl_opt",
    b"cf_captcha_kind",
    b"captcha-delivery.com",
    b"_Incapsula_Resource",
    b"px-captcha",
    b"AwsWafIntegration.",
    b"gokuProps",
    b"sucuri_cloudproxy_js",
    b"ddos-guard/js-challenge",
    b"slowAES.decrypt",
    b"distil_r_captcha",
)
_CAPTCHAS = (b"g-recaptcha", b"h-captcha", b"hcaptcha.com", b"cf-turnstile", b"challenges.cloudflare.com")
_PORTALS = (b"WISPAccessGatewayParam", b"internetpositif", b"internet-positif", b"trustpositif")

_CHECK_WORDS = re.compile(
    r"just a moment|checking your browser|verify(?:ing)? (?:that )?you are (?:a )?human"
    r"|are you (?:a )?(?:human|robot)|not a robot|bukan (?:sebuah )?robot|anda (?:adalah )?manusia"
    r"|security check|pemeriksaan keamanan"
    r"|enable javascript and cookies|attention required|pardon our interruption|unusual traffic"
    r"|lalu lintas (?:yang )?tidak biasa|ddos protection|verifikasi (?:keamanan|peramban)"
)
_DENIAL_WORDS = re.compile(
    r"access denied|akses (?:anda )?(?:ditolak|diblokir)|403 forbidden"
    r"|you have been blocked|request (?:was )?blocked"
    r"|permintaan (?:anda )?(?:ditolak|diblokir)|you do not have permission to access"
)
_CONSENT_WORDS = re.compile(
    r"before you continue|sebelum (?:anda |kamu )?melanjutkan|(?:your|manage) (?:privacy|cookie) choices"
    r"|we (?:value|respect|care about) your privacy|your privacy (?:matters|is important)"
    r"|(?:kami )?(?:menghargai|menghormati|peduli) privasi (?:anda|kamu)|privasi (?:anda|kamu) penting"
    r"|(?:persetujuan|pengaturan|preferensi|kebijakan penggunaan) (?:privasi|cookies?|kuki)"
    r"|cookie consent|consent (?:required|to cookies)|(?:cookie|privacy) (?:settings|preferences)"
)
_COOKIE_WORDS = re.compile(r"\bcookies?\b|\bkuki\b|\bprivacy\b|\bprivasi\b|\bconsent\b")
_ACCEPTING = re.compile(
    r"(?:saya |kami |i |yes,? i )?(?:accept|agree|consent|allow|setuju|terima|izinkan|mengerti)"
    r"(?: (?:all|semua|semuanya|to all|the|cookies?|kuki|dan lanjut(?:kan)?|and (?:continue|close)))*[.!]?"
)
_CONSENT_PLACES = re.compile(
    r"(?:^|[/.])(?:consent|cookie-?(?:wall|consent)|privacy-?(?:gate|wall))(?:[/.]|$)"
)
_WALL_WORDS = re.compile(
    r"(?:log ?in|sign in|masuk|berlangganan|subscribe) (?:untuk|to) (?:melanjutkan|membaca|continue|read)"
    r"|(?:silakan|please) (?:masuk|login|log in|sign in)|khusus (?:pelanggan|member|anggota)"
)
_WALL_TITLES = re.compile(r"log ?in|log masuk|sign in|masuk|masuk akun|login member|register|daftar akun")
_PORTAL_WORDS = re.compile(r"hotspot|captive portal|wi-?fi (?:login|access)|login wi-?fi|internet positif")
_MISSING = re.compile(
    r"(?:error|kesalahan|oops[!.,]*|maaf[!.,]*)?\s*404(?:\s*(?:error|not found))?"
    r"|(?:404\s*)?(?:page|file|article|content|post) (?:is )?(?:not found|unavailable|does not exist)[!.]*"
    r"|(?:oops[!.,]*\s*|maaf[!.,]*\s*)?(?:404\s*)?(?:laman|halaman|artikel|berita|konten|url|tautan)"
    r"(?: (?:yang )?(?:anda )?(?:cari|tuju|minta|akses)| ini| tersebut)?"
    r"(?: (?:sudah|telah))? (?:tidak (?:dapat |bisa )?(?:ditemukan|tersedia|ada)|dihapus)[!.]*"
    r"|not found|tidak ditemukan|nothing found"
)


@attrs.frozen
class _Page:
    """The parts that a decision is made on; texts in lower case, white space folded."""

    raw: bytes
    segments: tuple[str, ...]
    heading: str
    text: str
    paragraph_chars: int
    links: int
    buttons: tuple[str, ...]
    has_password: bool
    targets: tuple[str, ...]


def recognise(body: bytes, *, is_list: bool = False) -> tuple[Reason, str] | None:
    """Return what stands in the page's place and by which sign, or None where it seems to be the page.

    *body* is HTML. A list that finds nothing may say so: with *is_list* "not found" is no refusal.
    """
    if len(body) > _LARGEST_BYTES:
        return None
    raw = body[:_EXAMINED_BYTES]
    title = _title_of(raw)
    if not _speaks(title) and (len(body) > _SMALL_BYTES or not _is_thin(raw)):
        return None
    if any(sign in raw for sign in _ARTICLE_SIGNS):
        return None
    page = _read(raw, title)
    if page.paragraph_chars >= _THIN_CHARS:
        return None
    found = _portal(page) or _check(page) or _consent(page) or _wall(page)
    return found or (None if is_list else _missing(page))


def _is_thin(raw: bytes) -> bool:
    return raw.count(b"<p") < _FEW_PARAGRAPHS and raw.count(b"<a") < _FEW_LINKS


def _speaks(title: str) -> bool:
    """Return whether the title alone is reason enough to look closer."""
    patterns = (_CHECK_WORDS, _DENIAL_WORDS, _CONSENT_WORDS, _WALL_WORDS, _PORTAL_WORDS)
    if any(pattern.search(title) for pattern in patterns):
        return True
    segments = _SEGMENTS.split(title)
    return any(_MISSING.fullmatch(part) or _WALL_TITLES.fullmatch(part) for part in segments)


def _portal(page: _Page) -> tuple[Reason, str] | None:
    mark = next((mark for mark in _PORTALS if mark in page.raw), None)
    if mark:
        return Reason.CAPTIVE_PORTAL, mark.decode()
    words = next((found for part in page.segments if (found := _PORTAL_WORDS.search(part))), None)
    if words:
        return Reason.CAPTIVE_PORTAL, words[0]
    inside = next((target for target in page.targets if _leads_inside(target)), None)
    return (Reason.CAPTIVE_PORTAL, f"leads to {inside[:100]}") if inside else None


def _check(page: _Page) -> tuple[Reason, str] | None:
    mark = next((mark for mark in _CHECKS if mark in page.raw), None)
    if mark:
        return Reason.CHALLENGE, mark.decode()
    said = " ".join((*page.segments, page.heading, page.text[:600]))
    if words := _CHECK_WORDS.search(said):
        return Reason.CHALLENGE, words[0]
    if words := _DENIAL_WORDS.search(said):
        return Reason.BLOCKED, words[0]
    captcha = next((mark for mark in _CAPTCHAS if mark in page.raw), None)
    if captcha and len(page.text) < _WALL_CHARS and page.links < _FEW_LINKS:
        return Reason.CHALLENGE, captcha.decode()
    return None


def asks_consent(url: str) -> bool:
    """Tell whether an address is that of a page which asks for consent, as a page is redirected to."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return any(_CONSENT_PLACES.search(part) for part in ((parts.hostname or ""), parts.path.lower()))


def _consent(page: _Page) -> tuple[Reason, str] | None:
    """Recognise a page that lets nobody on who has not agreed; a banner on a page of its own is none."""
    named = next(
        (found for part in (*page.segments, page.heading) if (found := _CONSENT_WORDS.search(part))), None
    )
    if named:
        return Reason.CONSENT, named[0]
    if page.links >= _CONSENT_LINKS or not _COOKIE_WORDS.search(page.text[:600]):
        return None
    accepting = next((button for button in page.buttons if _ACCEPTING.fullmatch(button)), None)
    return (Reason.CONSENT, accepting) if accepting else None


def _wall(page: _Page) -> tuple[Reason, str] | None:
    said = " ".join((*page.segments, page.heading, page.text[:600]))
    if words := _WALL_WORDS.search(said):
        return Reason.CHALLENGE, words[0]
    named = next((part for part in (*page.segments, page.heading) if _WALL_TITLES.fullmatch(part)), None)
    if named and (page.has_password or page.links < _FEW_LINKS):
        return Reason.CHALLENGE, named
    if page.has_password and len(page.text) < _WALL_CHARS and page.links < _FEW_LINKS:
        return Reason.CHALLENGE, "a password field and no text"
    return None


def _missing(page: _Page) -> tuple[Reason, str] | None:
    said = next((part for part in (*page.segments, page.heading) if _MISSING.fullmatch(part)), None)
    return (Reason.NOT_FOUND, said) if said else None


def _leads_inside(target: str) -> bool:
    try:
        address = literal_address(read_url(target).host)
    except RefusalError:
        return False
    return address is not None and why_denied(address) is not None


def _title_of(raw: bytes) -> str:
    match = _TITLE.search(raw)
    return _folded(html.unescape(match[1].decode("utf-8", "replace"))) if match else ""


def _folded(text: str) -> str:
    return " ".join(text.split()).lower()


def _read(raw: bytes, title: str) -> _Page:
    tree = LexborHTMLParser(raw.decode("utf-8", "replace"))
    body = tree.body
    forms = tree.css("form[action]") if body else []
    targets = [str(form.attributes.get("action") or "") for form in forms]
    refreshes = tree.css("meta[http-equiv=refresh i][content]")
    targets.extend(str(node.attributes.get("content")).partition("=")[2].strip("'\" ") for node in refreshes)
    has_password = bool(tree.css_first("input[type=password i]"))
    links = len(tree.css("a[href]"))
    heading = _folded(node.text(separator=" ")) if (node := tree.css_first("h1, h2")) else ""
    buttons = tuple(
        _folded(node.text(separator=" ") or str(node.attributes.get("value") or ""))
        for node in tree.css("button, input[type=submit i], input[type=button i], a[role=button i]")[
            :_BUTTONS
        ]
    )
    paragraphs = sum(len(_folded(node.text(separator=" "))) for node in tree.css("p"))
    text = _visible(tree, body)
    segments = tuple(part for part in _SEGMENTS.split(title) if part)
    return _Page(raw, segments, heading, text, paragraphs, links, buttons, has_password, tuple(targets))


def _visible(tree: LexborHTMLParser, body: LexborNode | None) -> str:
    if body is None:
        return ""
    tree.strip_tags(["script", "style", "template", "svg"])
    return _folded((tree.body or body).text(separator=" "))
