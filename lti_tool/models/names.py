"""What somebody is called, and how a name sorts and is searched."""

from __future__ import annotations

import unicodedata


def full_name(first: str | None, last: str | None, display: str | None, external_id: str) -> str:
    """First and last name, else what the source calls the person, else the id."""
    return " ".join(part for part in (first, last) if part) or display or external_id


def name_key(name: str) -> str:
    """Lower case, without accents, single spaces: 'Élodie  Müller' and 'elodie muller' are alike."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())
