"""A page as a SCORM 1.2 package: a ZIP that a learning platform takes in, with the manifest at its root."""

from __future__ import annotations

import hashlib
import zipfile
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from napari_vascular_loop.domain.slug import slug

if TYPE_CHECKING:
    from pathlib import Path

PAGE_NAME = "index.html"
MANIFEST_NAME = "imsmanifest.xml"
_CP = "http://www.imsproject.org/xsd/imscp_rootv1p1p2"
_ADL = "http://www.adlnet.org/xsd/adlcp_rootv1p2"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_SCHEMAS = f"{_CP} imscp_rootv1p1p2.xsd {_ADL} adlcp_rootv1p2.xsd"
_TIME = (2000, 1, 1, 0, 0, 0)
"""Of the files in the package: the same page makes the same bytes."""


def manifest_xml(title: str, lesson_id: str) -> bytes:
    """Write the manifest of a package of one page.

    Parameters
    ----------
    title : str
        As the platform shows it.
    lesson_id : str
        The same lesson has the same identifier, so that a platform knows a newer package of it.

    Returns
    -------
    bytes
        XML, UTF-8, after the IMS Content Packaging 1.1.2 binding that SCORM 1.2 uses.
    """
    known = f"vl-{slug(lesson_id) or 'lesson'}-{hashlib.sha256(lesson_id.encode()).hexdigest()[:8]}"
    for prefix, space in (("", _CP), ("adlcp", _ADL), ("xsi", _XSI)):
        ElementTree.register_namespace(prefix, space)
    root = ElementTree.Element(
        f"{{{_CP}}}manifest", {"identifier": known, "version": "1.1", f"{{{_XSI}}}schemaLocation": _SCHEMAS}
    )

    def child(parent: ElementTree.Element, name: str, text: str = "", **attributes: str) -> ElementTree.Element:
        element = ElementTree.SubElement(parent, f"{{{_CP}}}{name}", attributes)
        element.text = text or None
        return element

    metadata = child(root, "metadata")
    child(metadata, "schema", "ADL SCORM")
    child(metadata, "schemaversion", "1.2")
    organizations = child(root, "organizations", default=f"{known}-course")
    organization = child(organizations, "organization", identifier=f"{known}-course")
    child(organization, "title", title[:200])
    item = child(organization, "item", identifier=f"{known}-item", identifierref=f"{known}-page", isvisible="true")
    child(item, "title", title[:200])
    resource = child(
        child(root, "resources"), "resource", identifier=f"{known}-page", type="webcontent", href=PAGE_NAME
    )
    resource.set(f"{{{_ADL}}}scormtype", "sco")
    child(resource, "file", href=PAGE_NAME)
    ElementTree.indent(root)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode").encode() + b"\n"


def write_package(path: Path, html: str, title: str, lesson_id: str) -> None:
    """Write a page, made for a platform, and its manifest as a package."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        for name, content in ((MANIFEST_NAME, manifest_xml(title, lesson_id)), (PAGE_NAME, html.encode())):
            about = zipfile.ZipInfo(name, _TIME)
            about.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(about, content)
