"""How a name sorts and is searched."""

from __future__ import annotations

import unicodedata


def name_key(name: str) -> str:
    """Lower case, without accents, single spaces: 'Élodie  Müller' and 'elodie muller' are alike."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())
