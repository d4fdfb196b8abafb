"""HTML without anything that acts: no scripts, no styles, no pictures, no forms; links that leave no trace."""

from __future__ import annotations

import re
from collections import Counter
from html import escape

import nh3

LINK_SCHEMES = frozenset({"http", "https", "mailto"})
"""Other links are shown as the text that they are."""

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = frozenset({"p", "br", "hr", "blockquote", "pre", "div", "ul", "ol", "li", "dl", "dt", "dd"})
_TABLE = frozenset({"table", "caption", "thead", "tbody", "tr", "th", "td"})
_WORDS = frozenset({"a", "b", "strong", "i", "em", "u", "s", "sub", "sup", "small", "mark", "code", "span"})
TAGS = _HEADINGS | _BLOCKS | _TABLE | _WORDS
"""What an article is made of. Of other tags the text is left; of scripts, styles and pictures nothing."""

_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "th": {"colspan", "rowspan"}, "td": {"colspan", "rowspan"}}
_LINK_REL = "noopener noreferrer nofollow"
_VOID = {"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "embed", "source", "track", "wbr"}
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
_MOST_OPEN = 500
"""More than any page has; a browser's rules for tags that are not closed take time in their square."""


def safe_html(html: str) -> str:
    """Take out of HTML all but text, its structure and plain links.

    Parameters
    ----------
    html : str
        From anywhere. Where it leaves hundreds of tags open, it is shown as the text that it is.

    Returns
    -------
    str
        HTML of the tags in `TAGS`; links only to web and mail addresses, with a `rel` that tells them nothing.

    Examples
    --------
    >>> safe_html('<p onclick="x()">a <script>alert(1)</script><img src="http://a.org/b"><b>loop</b></p>')
    '<p>a <b>loop</b></p>'
    """
    if _leaves_many_open(html):
        return escape(html)
    return nh3.clean(
        html,
        tags=set(TAGS),
        attributes=_ATTRIBUTES,
        attribute_filter=_filtered,
        url_schemes=set(LINK_SCHEMES),
        link_rel=_LINK_REL,
    )


def is_safe_link(address: str) -> bool:
    """Whether a link leads to a web or mail address."""
    scheme, colon, _ = address.partition(":")
    return bool(colon) and scheme.lower() in LINK_SCHEMES


def _filtered(_tag: str, attribute: str, value: str) -> str | None:
    # An address without a scheme may still lead to another machine (//a.org).
    return value if attribute != "href" or is_safe_link(value) else None


def _leaves_many_open(html: str) -> bool:
    """Whether more tags are open at once than a page has, whether or not they are closed in the end."""
    opened: Counter[str] = Counter()
    total = 0
    for match in _TAG.finditer(html):
        name = match[2].lower()
        if name in _VOID:
            continue
        if not match[1]:
            opened[name] += 1
            total += 1
            if total > _MOST_OPEN:
                return True
        elif opened[name]:
            opened[name] -= 1
            total -= 1
    return False
