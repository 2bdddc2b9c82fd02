import json

import pytest

from envo import edits
from envo.edits import parse, place
from envo.errors import UserError


def image(**more) -> dict:
    return {"schema": 1, "layers": [{"id": "image"} | more]}


def person(**more) -> dict:
    return {"id": "person", "mask": {"kind": "person"}} | more


def test_a_document_comes_back_from_json_as_it_was():
    edit = image(adjustments={"exposure": -1.4, "gamma": 1.2})
    edit["layers"].append(person(visible=False, opacity=0.5, mask={"kind": "person", "invert": True, "feather": 12.5}))
    document = parse(edit)
    assert parse(json.loads(json.dumps(document.dump()))) == document
    assert document.dump()["layers"][0]["adjustments"] == {"exposure": -1.4, "gamma": 1.2}


def test_only_what_is_off_its_default_is_kept():
    assert parse(image(adjustments={"exposure": 0, "gamma": 1, "hue": 5})).layers[0].adjustments == {"hue": 5}


@pytest.mark.parametrize("wrong", [
    None, 3, [], "{}", {}, {"schema": 1}, {"schema": 1, "layers": []}, {"schema": 4, "layers": [{"id": "image"}]},
    {"schema": [1], "layers": []}, image(id="Image"), image(id=""), image(id="a" * 41), image(id="../a"),
    image(adjustments={"sharpness": 1}), image(adjustments={"exposure": 5.1}), image(adjustments={"sepia": -1}),
    image(adjustments={"exposure": float("nan")}), image(adjustments={"exposure": float("inf")}),
    image(adjustments={"exposure": True}), image(adjustments={"exposure": "1"}), image(adjustments={"exposure": None}),
    image(opacity=1.1), image(opacity=-0.1), image(visible=1), image(colour="red"), image(mask={"kind": "person"}),
    image(curves={"rgb": [[0, 0]]}), image(curves={"rgb": [[0, 0], [0.5, 0.5], [0.5, 1]]}), image(process=3),
    image(curves={"rgb": [[0, 0], [1, 1.1]]}), image(curves={"grey": [[0, 0], [1, 0.9]]}),
    image(lut={"id": "x", "name": "Film"}), image() | {"view": "filmic"},
    {"schema": 1, "layers": [{"id": "image"}, {"id": "second"}]},
    {"schema": 1, "layers": [{"id": "image"}, person(), person()]},
    {"schema": 1, "layers": [{"id": "image"}, person(mask={"kind": "sky"})]},
    {"schema": 1, "layers": [{"id": "image"}, person(mask={"kind": "person", "feather": 101})]},
    {"schema": 1, "layers": [{"id": "image"}, *(person(id=f"p-{i}") for i in range(32))]},
    *({"schema": 1, "layers": [{"id": "image"}, person(mask={"kind": kind})]} for kind in ("eyes-0", "eyes-100",
      "eyes-1-2", "person-1", "-1", "eyes\n", "eyes-", "own", "own-", "own-0123456789AB", "own-0123456789abc")),
])  # fmt: skip
def test_what_is_no_edit_document_is_refused_in_a_sentence(wrong):
    with pytest.raises(UserError, match=r"^This is not an edit Envo can open \(.+\)\.$"):
        parse(wrong)


def masked(*parts, **more) -> dict:
    return {
        "schema": 3,
        "layers": [{"id": "image"}, {"id": "sky", "name": "Sky", "mask": {"parts": list(parts)} | more}],
    }


MATTE = {"shape": "matte", "kind": "person"}
STROKE = {"points": [[0.1, 0.2], [0.3, 0.4]], "size": 0.05}


def test_a_mask_is_an_expression_of_parts():
    parts = [
        MATTE | {"feather": 3.0, "refine": 50.0},
        {"shape": "matte", "kind": "teeth", "person": "Ab_3-9", "how": "add"},
        {"shape": "brush", "how": "subtract", "strokes": [STROKE, STROKE | {"erase": True, "aware": True}]},
        {"shape": "linear", "how": "intersect", "start": [0.5, 0.1], "end": [0.5, 0.6], "invert": True},
        {"shape": "radial", "centre": [0.5, 0.5], "radii": [0.2, 0.1], "angle": 30.0},
        {"shape": "luminance", "low": 0.2, "high": 0.8},
        {"shape": "colour", "colour": [0.5, 0.4, 0.3]},
    ]
    document = parse(masked(*parts, invert=True))
    assert parse(json.loads(json.dumps(document.dump()))) == document
    assert {part.key for part in document.mattes} == {"person", "teeth@Ab_3-9"}


@pytest.mark.parametrize("wrong", [
    masked(), masked(*[MATTE] * 9), masked({"shape": "star"}), masked(MATTE | {"how": "xor"}),
    masked(MATTE | {"person": "../x"}), masked(MATTE | {"person": "Ab"}),
    masked(MATTE | {"kind": "teeth-2", "person": "Ab"}),
    masked({"shape": "brush", "strokes": [STROKE | {"points": []}]}),
    masked({"shape": "brush", "strokes": [STROKE | {"points": [[0.0, 9.0]]}]}),
    masked({"shape": "brush", "strokes": [STROKE] * 201}),
    masked(*[{"shape": "brush", "strokes": [STROKE | {"points": [[0.5, 0.5]] * 400}] * 30}] * 2),
    masked({"shape": "radial", "centre": [0.5, 0.5], "radii": [0, 1]}),
    masked({"shape": "luminance", "low": -0.1}), masked({"shape": "colour", "colour": [1, 2, 3]}),
    *(image() | {"schema": 3, "geometry": geometry} for geometry in ({"turns": 4}, {"angle": 46},
      {"crop": [0.5, 0, 0.5, 1]}, {"crop": [0, 0, 1.1, 1]}, {"ratio": "0:1"}, {"ratio": "wide"},
      {"zoom": 1}, {"vertical": 101})),
])  # fmt: skip
def test_what_is_no_mask_and_no_geometry_is_refused(wrong):
    with pytest.raises(UserError, match=r"^This is not an edit Envo can open \(.+\)\.$"):
        parse(wrong)


def test_a_mask_of_before_is_the_only_part_of_one_of_now():
    old = {"kind": "hair", "invert": True, "feather": 12.5}
    mask = parse({"schema": 2, "layers": [{"id": "image"}, {"id": "hair", "mask": old}]}).layers[1].mask
    assert mask == edits.Mask(parts=(edits.Matte(kind="hair", feather=12.5),), invert=True)


def test_a_crop_shows_though_no_layer_does():
    assert parse(image() | {"schema": 3, "geometry": {"crop": [0.1, 0, 1, 1]}}).shows
    for same in ({}, {"ratio": "4:5"}, {"crop": [0, 0, 1, 1]}):
        assert not parse(image() | {"schema": 3, "geometry": same}).shows


def test_thirty_two_layers_are_allowed():
    layers = [{"id": "image"}, *(person(id=f"p-{i}") for i in range(31))]
    assert len(parse({"schema": 1, "layers": layers}).layers) == 32


def test_a_layer_may_belong_to_one_face_of_several():
    layers = [{"id": kind, "mask": {"kind": kind}} for kind in ("eyes", "eyes-1", "hair-12")]
    assert parse({"schema": 1, "layers": [{"id": "image"}, *layers]}).mattes == {
        edits.Matte(kind=kind) for kind in ("eyes", "eyes-1", "hair-12")
    }


def test_a_layer_may_have_a_mask_that_a_visitor_made():
    kind = "own-0123456789ab"
    assert parse({"schema": 1, "layers": [{"id": "image"}, {"id": kind, "mask": {"kind": kind}}]}).mattes == {
        edits.Matte(kind=kind)
    }


def test_layers_stand_in_one_order_the_faces_last_and_one_after_the_other():
    order = ["background", "person", "face", "eyes", "face-1", "eyes-1", "face-2", "eyes-10", "own-000000000000"]
    assert sorted(reversed(order), key=place) == order


def test_highlights_and_shadows_of_schema_1_go_on_as_plain_curves():
    layers = [{"id": "image", "adjustments": {"shadows": 40}}, person(adjustments={"exposure": 1})]
    document = parse({"schema": 1, "layers": layers})
    assert [layer.process for layer in document.layers] == [1, 2]
    assert parse(document.dump()) == document


def test_a_curve_that_changes_nothing_is_not_kept():
    straight, bent = [[0, 0], [0.5, 0.5], [1, 1]], [[0, 0], [0.5, 0.6], [1, 1]]
    layer = parse(image(curves={"rgb": straight, "red": bent})).layers[0]
    assert list(layer.curves) == ["red"]
    assert layer.shows


def test_what_shapes_another_adjustment_shows_nothing_by_itself():
    assert not parse(image(adjustments={"sharpening_radius": 2})).shows
    assert parse(image(adjustments={"sharpening_radius": 2, "sharpening": 10})).shows
