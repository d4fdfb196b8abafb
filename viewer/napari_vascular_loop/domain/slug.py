"""Names for files and folders, made of what people write."""

from __future__ import annotations

import re
import unicodedata

_RESERVED = re.compile("con|prn|aux|nul|com[0-9]|lpt[0-9]")
"""Names that Windows keeps for devices."""


def slug(title: str) -> str:
    """Turn a title into a name for a folder, on every system and in every script.

    Examples
    --------
    >>> slug("Où est le nerf? (A/B)")
    'ou-est-le-nerf-a-b'
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", title.casefold()) if not unicodedata.combining(c))
    words = "".join(c if c.isalnum() else "-" for c in unicodedata.normalize("NFC", bare))
    name = re.sub(r"-+", "-", words).strip("-")[:60].strip("-")
    return f"{name}-lesson" if _RESERVED.fullmatch(name) else name
