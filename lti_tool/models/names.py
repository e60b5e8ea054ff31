"""What somebody is called, and how a name sorts and is searched."""

from __future__ import annotations

import unicodedata

_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u201b\u02bb\u02bc\u02b9\u00b4\u0060\u2032\u05f3\uff07", "'"))


def full_name(first: str | None, last: str | None, display: str | None, external_id: str) -> str:
    """First and last name, else what the source calls the person, else the id."""
    return " ".join(part for part in (first, last) if part) or display or external_id


def name_key(name: str) -> str:
    """Lower case, without accents, single spaces, one apostrophe: 'Élodie  Müller' and 'elodie muller' are alike."""
    decomposed = unicodedata.normalize("NFKD", name.casefold().translate(_APOSTROPHES))
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())
