"""Text as searches compare it."""

from unicodedata import normalize

from anyascii import anyascii


def folded(text: str) -> str:
    """In plain small letters, whatever its case, accents, widths and script: `Perérà` is `perera`, and so
    is `පෙරේරා`. Vowels that a script leaves unwritten stay so: `නිමල්` is `niml`."""
    return " ".join(anyascii(normalize("NFKC", text)).lower().split())
