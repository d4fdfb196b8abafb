"""What scripts/docs_hooks.py does to the documentation's pages on their way into the site."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pytest

exceptions = pytest.importorskip("mkdocs.exceptions")
ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def hooks():
    spec = importlib.util.spec_from_file_location("docs_hooks", ROOT / "scripts" / "docs_hooks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "page",
    [
        '<script src="https://example.org/x.js"></script>',
        "<img alt='' src=//example.org/x.png>",
        '<link href="https://example.org/x.css" rel="stylesheet">',
        '<link rel="preconnect" href="https://example.org">',
    ],
)
def test_a_page_that_loads_something_from_elsewhere_stops_the_build(hooks, tmp_path, page):
    config = SimpleNamespace(site_dir=str(tmp_path))
    (tmp_path / "good.html").write_text(
        '<a href="https://example.org"><img src="x.png"></a><link rel="canonical" href="https://a.b">'
    )
    hooks.on_post_build(config)
    (tmp_path / "page.html").write_text(page)
    with pytest.raises(exceptions.PluginError, match=r"page\.html loads something from elsewhere: <.*example\.org"):
        hooks.on_post_build(config)


@pytest.mark.parametrize(
    ("name", "link", "turned"),
    [
        ("study.md", "lesson-format.md#questions", "lesson-format.md#questions"),
        ("study.md", "../annotations/schema/lesson.schema.json", "files/annotations/schema/lesson.schema.json"),
        ("study.md", "../CHANGELOG.md#unreleased", "changelog.md#unreleased"),
        ("gallery/README.md", "../../CONTRIBUTING.md", "../contributing.md"),
        ("gallery/README.md", "teach.jpg", "teach.jpg"),
        ("contributing.md", "docs/architecture.md", "architecture.md"),
        ("study.md", "../nowhere.md", "../nowhere.md"),
        ("study.md", "https://example.org/docs/x.md", "https://example.org/docs/x.md"),
        ("study.md", "view:docs", "view:docs"),
    ],
)
def test_links_of_a_git_host_lead_to_the_same_place_in_the_site(hooks, name, link, turned):
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

    config = MkDocsConfig()
    config.load_dict({"docs_dir": str(ROOT / "docs"), "site_dir": str(ROOT / "site"), "site_name": "x"})
    config.validate()
    config.plugins._current_plugin = "hooks"  # as during a build
    files = Files([])
    page = SimpleNamespace(file=SimpleNamespace(src_uri=name))

    text = hooks.on_page_markdown(f"See [this]({link}).", page=page, config=config, files=files)

    assert text == f"See [this]({turned})."
    assert [file.src_uri for file in files] == ([turned] if turned.startswith("files/") else [])
