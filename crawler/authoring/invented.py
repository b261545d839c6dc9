"""Invented words in place of a publisher's: of the same shape, and for the same word always the same."""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from importlib.resources import files

from crawler.dates import MONTHS
from crawler.text.topics import Topic

_WORD = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏ]+")
_LONGER = 4  # shorter words are those of the language, or initials
_VOWELS, _CONSONANTS = "aiueo", "bdghjklmnprst"
# Words that hold Indonesian sentences together: nobody's, and what makes the text look like one.
_GRAMMAR = """
part page halaman
adalah akan akibat aksi antara apabila apakah atas atau bagi bagian bahkan bahwa baik banyak barat baru
bawah beberapa begitu belum berada bersama bisa bukan cukup dalam dapat dari dengan depan dia dilakukan
dunia empat enam hanya harus hari hingga ialah ingin itulah jadi jangan jika juga kali kalau kami kamu
karena kata katanya kembali kemudian kepada ketika kita kota lagi lain lalu lama lebih lima luar maka
malam masih melalui melakukan memang membuat memiliki menit menjadi menurut mereka merupakan meski milik
minggu mulai namun negara nomor oleh orang pada paling para pekan perlu persen pernah pertama pihak pukul
puluh ratus ribu juta miliar triliun rupiah saat saja salah sama sampai sangat sebagai sebab sebanyak
sebelum sebuah secara sedang sehingga sejak sejumlah sekitar selain selama selatan seluruh sementara
semua seorang seperti sering serta sesuai setelah setiap siang sore suatu sudah tahun tanggal tanpa telah
tengah tentang terhadap termasuk tersebut tetap tetapi tidak tiga timur tujuh ujar ujarnya untuk utara
waktu yaitu yakni yang senin selasa rabu kamis jumat sabtu ahad
"""


class Inventor:
    """Invents words; those in *kept* stay, and those of *names* go even where they are short."""

    def __init__(self, kept: Iterable[str] = (), names: Iterable[str] = ()) -> None:
        self._kept = _common() | {word.casefold() for text in kept for word in _WORD.findall(text)}
        self._names = {word.casefold() for name in names for word in _WORD.findall(name)}

    def text(self, text: str) -> str:
        """Return *text* with its words invented; signs, numbers, capitals and lengths as they were."""
        return _WORD.sub(lambda match: self._word(match[0]), text)

    def slug(self, text: str) -> str:
        """Return the part of an address that reads like a headline, with the same words invented."""
        return self.text(text)

    def _word(self, word: str) -> str:
        plain = word.casefold()
        if plain in self._kept or (len(word) < _LONGER and plain not in self._names):
            return word
        made = _made_of(plain)
        salt = 0
        while made in self._kept or made == plain:
            salt += 1
            made = _made_of(plain, salt)
        return "".join(new.upper() if old.isupper() else new for old, new in zip(word, made, strict=True))


def kept_words(topic: Topic, *texts: str | None) -> list[str]:
    """Return what must stay for a page to read as it did: the topic's names, and what *texts* say."""
    return [*topic.terms, *(text for text in texts if text)]


@cache
def _made_of(word: str, salt: int = 0) -> str:
    """Return a word that nobody wrote: vowel for vowel, consonant for consonant."""
    drawn = sha256(f"{word}/{salt}".encode()).digest()
    drawn *= -(-len(word) // len(drawn))
    letters = zip(word, drawn, strict=False)
    # A letter with a mark is most often a vowel.
    return "".join(
        _drawn(_CONSONANTS if letter.isascii() and letter not in _VOWELS else _VOWELS, byte)
        for letter, byte in letters
    )


def _drawn(letters: str, byte: int) -> str:
    return letters[byte % len(letters)]


@cache
def _common() -> frozenset[str]:
    """Return the words of the language, of dates and places, and those by which furniture is known."""
    lists = "\n".join(
        files("crawler.text").joinpath(name).read_text(encoding="utf-8") for name in ("words.toml",)
    )
    rules = tomllib.loads(files("crawler.text").joinpath("furniture.toml").read_text(encoding="utf-8"))
    said = "\n".join(_strings(rules))
    return frozenset(_WORD.findall(f"{_GRAMMAR}\n{lists}\n{said}\n{' '.join(MONTHS)}".casefold()))


def _strings(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
