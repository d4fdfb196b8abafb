"""What mkdocs is told beyond mkdocs.yml: pages from outside docs/, files that pages link to, and a last look.

Links in the pages are those of a git host: from docs/ to any file of the repository, and from README.md and its like
into docs/. In the site the former are copied where they are linked, the latter become links between its pages.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
OUTSIDE = {"contributing.md": "CONTRIBUTING.md", "changelog.md": "CHANGELOG.md"}
"""Pages of the site that lie beside docs/."""

_LINK = re.compile(r"(\]\()(?!\w+:|#|/)([^)#\s]+)")
_ROLE = re.compile(r":(?:attr|class|data|func|meth|mod):\s*(?=<code>)")
_LOADED = re.compile(
    r"""<(?:script|img|iframe|source|video|audio|embed)\b[^>]*?\bsrc=["']?(?:https?:)?//[^"'\s>]+"""
    r"""|<link\b(?=[^>]*\brel=["']?(?:stylesheet|preconnect|preload|icon))[^>]*?\bhref=["']?(?:https?:)?//[^"'\s>]+"""
)
_IN_STYLE = re.compile(r"""url\(["']?(?:https?:)?//[^)]+|@import\s+["'](?:https?:)?//[^"']+""")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put pages that the navigation doesn't name under "More"."""
    nav = list(config.nav or ())
    named = set(_paths(nav))
    docs = Path(config.docs_dir)
    more = sorted({path.relative_to(docs).as_posix() for path in docs.rglob("*.md")} - named)
    if more:
        nav.append({"More": more})
    config.nav = nav
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages from outside docs/."""
    for name, path in OUTSIDE.items():
        files.append(File.generated(config, name, content=(ROOT / path).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn links out of docs/, and into it, into links of the site."""
    name = page.file.src_uri
    folder = ROOT if name in OUTSIDE else (Path(config.docs_dir) / name).parent
    pages = {(ROOT / path).resolve(): name for name, path in OUTSIDE.items()}
    docs = Path(config.docs_dir).resolve()
    up = "../" * name.count("/")

    def turned(found: re.Match[str]) -> str:
        target = (folder / found[2]).resolve()
        if target in pages:
            return found[1] + up + pages[target]
        if target.is_relative_to(docs):
            return found[0] if folder != ROOT else found[1] + target.relative_to(docs).as_posix()
        if not target.is_file() or not target.is_relative_to(ROOT):
            return found[0]  # mkdocs tells of it
        kept = "files/" + target.relative_to(ROOT).as_posix()
        if files.get_file_from_path(kept) is None:
            files.append(File.generated(config, kept, abs_src_path=str(target)))
        return found[1] + up + kept

    return _LINK.sub(turned, markdown)


def on_page_content(html: str, **_: object) -> str:
    """Leave out the roles of docstrings, as in :func:`read_volumes`: the name is set as code anyway."""
    return _ROLE.sub("", html)


def on_post_build(config: MkDocsConfig) -> None:
    """Refuse a site whose pages load anything from elsewhere."""
    for path in sorted(Path(config.site_dir).rglob("*")):
        look = {".html": _LOADED, ".css": _IN_STYLE}.get(path.suffix)
        found = look.search(path.read_text(encoding="utf-8")) if look else None
        if found:
            raise PluginError(f"{path.relative_to(config.site_dir)} loads something from elsewhere: {found[0]}")


def _paths(nav: Any) -> list[str]:
    """Every page that a navigation names."""
    if isinstance(nav, str):
        return [nav]
    parts = nav.values() if isinstance(nav, dict) else nav
    return [path for part in parts for path in _paths(part)]
