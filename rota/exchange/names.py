"""Names as people read them, and the key by which two spellings are the same name.

The old system names homes and units by codes such as ``ORCHARD_GROVE`` and ``OG_PEAR``;
on screen they are "Orchard Grove" and "OG Pear".
"""

from __future__ import annotations

import re
from functools import lru_cache

_CODE = re.compile(r"[A-Z0-9]+(?:_[A-Z0-9]+)*")
_SEPARATORS = re.compile(r"[\W_]+")
_WHOLE_WORDS = {"MGMT": "Management", "ST": "St", "THE": "the", "OF": "of", "AND": "and"}
_VOWELS = set("AEIOUY")


@lru_cache(maxsize=4096)
def display_name(text: str) -> str:
    """A code in words; anything that is not a code stays as it is.

    >>> display_name("ORCHARD_GROVE"), display_name("OG_PEAR"), display_name("BS_POPPY_SRD")
    ('Orchard Grove', 'OG Pear', 'BS Poppy SRD')
    """
    text = " ".join(text.split())
    if not _CODE.fullmatch(text) or text.isdigit():
        return text
    words = text.split("_")
    if len(words) == 1 and len(text) <= 3:
        return text
    shown = " ".join(_word(word, first=index == 0) for index, word in enumerate(words))
    return shown[:1].upper() + shown[1:]


def _word(word: str, *, first: bool) -> str:
    if word in _WHOLE_WORDS:
        return _WHOLE_WORDS[word]
    is_abbreviation = (first and len(word) <= 2) or not _VOWELS & set(word)
    return word if is_abbreviation else word.capitalize()


@lru_cache(maxsize=65536)
def name_key(text: str) -> str:
    """The same for every spelling of a name: case, underscores and spaces do not count."""
    return _SEPARATORS.sub(" ", text.casefold()).strip() or text


def initials(text: str) -> str:
    """The first letter of each word: ``DAY_SENIOR`` is ``DS``.

    >>> initials("DAY_SENIOR"), initials("Day")
    ('DS', 'D')
    """
    return "".join(word[0] for word in name_key(text).split()).upper()
