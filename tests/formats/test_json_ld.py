"""annotations.json read by a JSON-LD processor: no term of ours, and none of W3C's, is dropped."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from pyld import jsonld

from napari_vascular_loop.content import content_folder
from napari_vascular_loop.domain.annotation import Annotation, Arrow, Grade, Path, Point, Region, Side
from napari_vascular_loop.domain.article import Passage
from napari_vascular_loop.domain.mark_view import MarkView
from napari_vascular_loop.formats.annotations.context import CONTEXT, LATER_TERMS
from napari_vascular_loop.formats.annotations.web_annotation import encode

OA, LOOP = "http://www.w3.org/ns/oa#", "urn:napari-vascular-loop:terms:"
NUMBER = "http://www.w3.org/2001/XMLSchema#nonNegativeInteger"


def _at(iri: str, kind: str) -> dict[str, str]:
    return {"@id": iri, "@type": kind}


# What https://www.w3.org/ns/anno.jsonld says of the terms that we use, after the tables of the Web Annotation
# Vocabulary (https://www.w3.org/TR/annotation-vocab/): no test asks the network.
W3C_CONTEXT: dict[str, Any] = {
    "oa": OA,
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "as": "http://www.w3.org/ns/activitystreams#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "id": "@id",
    "type": "@type",
    **{
        name: f"oa:{name}"
        for name in (
            *("Annotation", "SpecificResource", "TextualBody", "TextQuoteSelector", "TextPositionSelector"),
            *("identifying", "describing", "classifying", "linking", "exact", "prefix", "suffix"),
        )
    },
    "Person": "foaf:Person",
    "AnnotationCollection": "as:OrderedCollection",
    "AnnotationPage": "as:OrderedCollectionPage",
    "body": _at("oa:hasBody", "@id"),
    "target": _at("oa:hasTarget", "@id"),
    "source": _at("oa:hasSource", "@id"),
    "selector": _at("oa:hasSelector", "@id"),
    "purpose": _at("oa:hasPurpose", "@vocab"),
    "motivation": _at("oa:motivatedBy", "@vocab"),
    "start": _at("oa:start", "xsd:nonNegativeInteger"),
    "end": _at("oa:end", "xsd:nonNegativeInteger"),
    "value": "rdf:value",
    "name": "foaf:name",
    "language": "dc:language",
    "creator": _at("dcterms:creator", "@id"),
    "created": _at("dcterms:created", "xsd:dateTime"),
    "modified": _at("dcterms:modified", "xsd:dateTime"),
    "first": _at("as:first", "@id"),
    "items": {**_at("as:items", "@id"), "@container": "@list"},
    "total": _at("as:totalItems", "xsd:nonNegativeInteger"),
    "startIndex": _at("as:startIndex", "xsd:nonNegativeInteger"),
}

MARK = Annotation(
    Arrow((-20.5, -8.25, -39.0), (-10.75, -21.5, -38.0)),
    "tof",
    "Loop",
    "A note",
    "aica",
    Side.LEFT,
    Grade.MODERATE,
    "A. Teacher",
    passages=(Passage("a loop", "of ", " here", 9, 15),),
    id="urn:uuid:00000000-0000-4000-8000-000000000001",
)
MARKS = (
    MARK,
    replace(MARK, geometry=Point((1.5, -2.5, 3.5)), id="urn:x:2", structure="my own words"),
    replace(MARK, geometry=Path(((1.5, -2.5, 3.5), (4.5, 5.5, -6.5))), id="urn:x:3"),
    replace(MARK, geometry=Region(((1.5, -2.5, 3.5), (4.5, 5.5, -6.5), (7.5, 8.5, 9.5))), id="urn:x:4"),
)


def load(address: str, _options: Any = None) -> dict[str, Any]:
    assert address == "http://www.w3.org/ns/anno.jsonld", "nothing else is asked for"
    return {"contextUrl": None, "documentUrl": address, "document": {"@context": W3C_CONTEXT}}


def expanded(document: dict[str, Any]) -> dict[str, Any]:
    (collection,) = jsonld.expand(document, {"documentLoader": load, "base": "http://example.org/lesson/"})
    return collection


def items_of(collection: dict[str, Any]) -> list[dict[str, Any]]:
    (page,) = collection["http://www.w3.org/ns/activitystreams#first"]
    (items,) = page["http://www.w3.org/ns/activitystreams#items"]
    return items["@list"]


def leaves(value: Any) -> list[Any]:
    """All values but those that JSON-LD takes for absent, and what only names contexts and keys."""
    if isinstance(value, dict):
        return [leaf for key, one in value.items() if key != "@context" for leaf in leaves(one)]
    if isinstance(value, list):
        return [leaf for one in value for leaf in leaves(one)]
    return [] if value is None else [value]


def said_kinds(value: Any) -> list[list[str]]:
    """What kind of number or time the processor says that values are."""
    return [[one["@type"]] for one in objects_of(value) if "@value" in one and "@type" in one]


def numbers(value: Any) -> Any:
    """A list of a JSON-LD document, as nested lists of numbers."""
    return [numbers(one["@list"]) if "@list" in one else one["@value"] for one in value]


def test_every_value_is_there_after_expansion():
    document = json.loads(encode(MARKS))
    kinds = sum(len(one) for one in said_kinds(expanded(document)))
    assert len(leaves(expanded(document))) - kinds == len(leaves(document))


def test_no_name_is_left_that_no_context_explains():
    """A term that is not explained would be dropped, or stay a bare word."""
    document = json.loads(encode(MARKS))

    def check(value: Any) -> None:
        if isinstance(value, dict):
            for key, one in value.items():
                assert key.startswith("@") or ":" in key, key
                assert key != "@type" or all(":" in kind for kind in ([one] if isinstance(one, str) else one)), one
                check(one)
        elif isinstance(value, list):
            for one in value:
                check(one)

    collection = expanded(document)
    check(collection)
    keys = {key for one in objects_of(document) for key in one} - {"@context"}
    terms = {**W3C_CONTEXT, **CONTEXT[1]}
    assert keys <= set(terms)


def objects_of(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [one for item in value for one in objects_of(item)]
    if isinstance(value, dict):
        return [value, *(one for key, item in value.items() if key != "@context" for one in objects_of(item))]
    return []


def test_what_an_annotation_says_to_a_processor():
    arrow, point, path, region = items_of(expanded(json.loads(encode(MARKS))))
    assert arrow["@id"] == MARK.id
    assert arrow["@type"] == [f"{OA}Annotation"]
    assert arrow[f"{LOOP}laterality"] == [{"@value": "left"}]
    assert arrow[f"{LOOP}compressionGrade"] == [{"@value": "moderate"}]
    (target,) = arrow[f"{OA}hasTarget"]
    assert target[f"{OA}hasSource"] == [{"@id": "volume:tof"}]
    (selector,) = target[f"{OA}hasSelector"]
    assert selector["@type"] == [f"{LOOP}ArrowSelector"]
    assert (selector[f"{LOOP}coordinateSystem"], selector[f"{LOOP}unit"]) == ([{"@value": "RAS"}], [{"@value": "mm"}])
    assert numbers(selector[f"{LOOP}tail"][0]["@list"]) == [-20.5, -8.25, -39.0]
    assert numbers(selector[f"{LOOP}tip"][0]["@list"]) == [-10.75, -21.5, -38.0]
    purposes = [body[f"{OA}hasPurpose"][0]["@id"].removeprefix(OA) for body in arrow[f"{OA}hasBody"]]
    assert purposes == ["identifying", "describing", "classifying", "linking"]
    (quote, position) = arrow[f"{OA}hasBody"][3][f"{OA}hasSelector"]
    assert quote[f"{OA}exact"] == [{"@value": "a loop"}]
    assert position[f"{OA}start"] == [{"@type": NUMBER, "@value": 9}]

    def places(item: dict[str, Any], member: str) -> Any:
        return numbers(item[f"{OA}hasTarget"][0][f"{OA}hasSelector"][0][f"{LOOP}{member}"][0]["@list"])

    assert places(point, "position") == [1.5, -2.5, 3.5]
    assert places(path, "vertices") == [[1.5, -2.5, 3.5], [4.5, 5.5, -6.5]]
    assert places(region, "vertices") == [[1.5, -2.5, 3.5], [4.5, 5.5, -6.5], [7.5, 8.5, 9.5]]


@pytest.mark.parametrize("lesson", ["facial-nerve-root", "contact-indentation-deviation", "synthetic-stand-in"])
def test_shipped_annotations_are_json_ld(lesson):
    document = json.loads((content_folder("annotations") / lesson / "annotations.json").read_text("utf-8"))
    assert len(items_of(expanded(document))) == document["total"]


def test_the_context_ships_and_is_the_one_that_is_written():
    shipped = json.loads((content_folder("annotations") / "schema" / "context.jsonld").read_text("utf-8"))
    assert shipped == {"@context": {**CONTEXT[1], **LATER_TERMS}}
    text = replace(MARKS[0], geometry=Point((1.0, 2.0, 3.0), as_text=True))
    viewed = [replace(text, view=MarkView(slab_mm=3.0)), *MARKS[1:]]
    assert json.loads(encode(viewed))["@context"] == ["http://www.w3.org/ns/anno.jsonld", shipped["@context"]]
    assert json.loads(encode(MARKS))["@context"] == CONTEXT


def test_terms_of_others_stand_beside_ours():
    document = json.loads(encode(MARKS, {"@context": ["http://www.w3.org/ns/anno.jsonld", {"x": "http://x.org/"}]}))
    document["first"]["items"][0]["x:score"] = 7
    assert items_of(expanded(document))[0]["http://x.org/score"] == [{"@value": 7}]
