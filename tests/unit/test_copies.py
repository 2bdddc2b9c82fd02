"""What is copied of an edit, and what becomes of the edit that it is pasted into."""

import json

import pytest

from envo import copies, edits
from envo.copies import Choice, Copy, pasted, taken
from envo.edits import EditDocument
from envo.errors import UserError
from envo.geometry import to_photo
from envo.settings import MAX_LAYERS

STRAIGHT = {"angle": 4.0, "crop": [0.2, 0.1, 0.7, 0.9], "ratio": "free"}


def edit(*layers: dict, geometry: dict | None = None, view: str = "none", **image) -> EditDocument:
    shape = {"geometry": geometry} if geometry else {}
    return edits.parse({"schema": 3, "view": view, "layers": [{"id": "image", **image}, *layers], **shape})


def matte(kind: str, id: str = "", person: str = "", **more) -> dict:
    return {"id": id or kind, "mask": {"parts": [{"shape": "matte", "kind": kind, "person": person}]}, **more}


def radial(id: str, x: float, **more) -> dict:
    part = {"shape": "radial", "centre": [x, 0.5], "radii": [0.2, 0.2]}
    return {"id": id, "mask": {"parts": [part]}, **more}


def exposed(value: float) -> dict:
    return {"adjustments": {"exposure": value}}


def ids(document: EditDocument) -> list[str]:
    return [layer.id for layer in document.layers]


def adjustments(document: EditDocument, id: str = "image") -> dict[str, float]:
    return next(layer for layer in document.layers if layer.id == id).adjustments


WHOLE = Choice(geometry=True, turns=True)


def test_a_whole_edit_pasted_into_an_untouched_photo_is_that_edit():
    document = edit(
        matte("person", **exposed(1)),
        radial("layer-0123abcd", 0.5, name="Lamp", opacity=0.5),
        geometry={**STRAIGHT, "turns": 1, "flip": True},
        view="agx",
        adjustments={"exposure": 1, "saturation": 20, "sharpening": 30, "lens_blur": 10, "grain": 5},
        curves={"rgb": [[0, 0], [0.5, 0.6], [1, 1]]},
        lut={"id": "0123456789abcdef", "name": "Film"},
        opacity=0.9,
    )
    assert pasted(edit(), taken(document, WHOLE)).document == document


def test_a_copy_comes_back_from_json_as_it_was():
    copy = taken(edit(matte("hair", **exposed(1)), **exposed(0.5)), Choice(groups=("Light",)))
    assert copies.parse(json.loads(json.dumps(copy.dump()))) == copy


def test_an_edit_of_before_in_a_copy_is_upgraded():
    old = {"schema": 2, "layers": [{"id": "image"}, {"id": "hair", "mask": {"kind": "hair"}, **exposed(1)}]}
    copy = copies.parse({"format": "envo-copy", "schema": 1, "groups": [], "document": old})
    assert pasted(edit(), copy).document == edit(matte("hair", **exposed(1)))


@pytest.mark.parametrize("wrong", [
    None, {}, [], {"schema": 1}, edit().dump(),
    Copy(document=edit()).dump() | {"schema": 2},
    Copy(document=edit()).dump() | {"groups": ["Sound"]},
    Copy(document=edit()).dump() | {"document": {}},
])  # fmt: skip
def test_what_is_no_copy_is_refused_in_a_sentence(wrong):
    with pytest.raises(UserError, match=r"^This is not an? .*\.$"):
        copies.parse(wrong)


def test_chosen_groups_take_the_place_of_the_same_groups_alone():
    source = edit(
        adjustments={"exposure": 1, "saturation": 20}, curves={"rgb": [[0, 0], [0.5, 0.6], [1, 1]]}, view="agx"
    )
    target = edit(adjustments={"contrast": 30, "hue": 9, "grain": 5}, curves={"red": [[0, 0.1], [1, 1]]}, opacity=0.7)
    light = pasted(target, taken(source, Choice(groups=("Light",)))).document
    assert adjustments(light) == {"exposure": 1, "hue": 9, "grain": 5}
    assert light.layers[0].curves == source.layers[0].curves
    assert light.view == "agx" and light.layers[0].opacity == 0.7
    colour = pasted(target, taken(source, Choice(groups=("Colour",)))).document
    assert adjustments(colour) == {"contrast": 30, "saturation": 20, "grain": 5}
    assert colour.layers[0].curves == target.layers[0].curves and colour.view == "none"


def test_tones_of_before_stay_what_they_were():
    old = {"schema": 1, "layers": [{"id": "image", "adjustments": {"highlights": -30}}]}
    copy = taken(edits.parse(old), Choice(groups=("Light",)))
    assert pasted(edit(), copy).document.layers[0].process == 1
    assert pasted(edits.parse(old), taken(edit(), Choice(groups=("Colour",)))).document.layers[0].process == 1


def test_layers_take_the_place_of_their_like_and_others_come_on_top():
    target = edit(matte("person", **exposed(-1)), radial("layer-00000000", 0.3), radial("layer-11111111", 0.6))
    source = edit(
        matte("background", **exposed(2)),
        matte("person", **exposed(1)),
        radial("layer-22222222", 0.3, **exposed(3)),
        radial("layer-11111111", 0.9, **exposed(4)),
        radial("layer-33333333", 0.1, **exposed(5)),
    )
    copy = taken(source, Choice())
    once = pasted(target, copy).document
    assert ids(once) == ["image", "background", "person", "layer-00000000", "layer-11111111", "layer-33333333"]
    assert [adjustments(once, id)["exposure"] for id in ids(once)[1:]] == [2, 1, 3, 4, 5]
    assert pasted(once, copy).document == once  # as often as it is pasted


def test_only_chosen_layers_are_copied():
    source = edit(matte("person", **exposed(1)), matte("hair", **exposed(2)))
    copy = taken(source, Choice(groups=(), layers=("hair",)))
    assert ids(pasted(edit(), copy).document) == ["image", "hair"] and copy.kinds == {"hair"}


def test_a_layer_that_follows_somebody_leaves_the_layer_of_another_face_alone():
    source = edit(matte("teeth", "teeth-2", person="anna", **exposed(1)))
    target = edit(matte("teeth-2", **exposed(-1)), matte("teeth", "teeth-3", person="ben", **exposed(3)))
    copy = taken(source, Choice())
    once = pasted(target, copy).document
    assert adjustments(once, "teeth-2") == {"exposure": -1} and adjustments(once, "teeth-3") == {"exposure": 3}
    assert len(once.layers) == 4 and copy.people == {"anna"} and not copy.kinds
    again = taken(edit(matte("teeth", "teeth-2", person="anna", **exposed(2))), Choice())
    twice = pasted(once, again).document
    assert ids(twice) == ids(once) and adjustments(twice, ids(once)[-1]) == {"exposure": 2}


OWN = "own-0123456789ab"


def test_a_mask_of_ones_own_stays_with_its_photo():
    both = {"parts": [{"shape": "matte", "kind": "person"}, {"shape": "matte", "kind": OWN, "how": "subtract"}]}
    source = edit(matte(OWN), {"id": "person", "mask": both, **exposed(1)})
    copy = taken(source, Choice())
    there = pasted(edit(), copy)
    assert there.document == edit(matte("person", **exposed(1)))
    assert there.left == (
        "A layer is left out: its mask was made of another photo.",
        "“Person” is without a part of its mask, which was made of another photo.",
    )
    here = pasted(edit(), copy, own=[OWN])
    assert set(ids(here.document)) == {"image", "person", OWN} and not here.left
    cut = {"parts": [{"shape": "matte", "kind": "person"}, {"shape": "matte", "kind": OWN, "how": "intersect"}]}
    assert ids(pasted(edit(), taken(edit({"id": "person", "mask": cut}), Choice())).document) == ["image"]


def test_too_many_layers_are_refused():
    full = edit(*(radial(f"layer-{i:08x}", 0.5 + i / 1000) for i in range(MAX_LAYERS - 1)))
    assert len(pasted(edit(), taken(full, Choice())).document.layers) == MAX_LAYERS
    with pytest.raises(UserError, match=f"more than {MAX_LAYERS} layers"):
        pasted(edit(matte("hair")), taken(full, Choice()))


def test_turns_are_copied_only_where_they_are_chosen():
    source, target = edit(geometry={**STRAIGHT, "turns": 1}), edit(geometry={"turns": 3, "flip": True})
    straightened = pasted(target, taken(source, Choice(geometry=True))).document.geometry
    assert (straightened.turns, straightened.flip, straightened.angle) == (3, True, 4.0)
    turned = pasted(target, taken(source, Choice(turns=True))).document.geometry
    assert (turned.turns, turned.flip, turned.angle, turned.crop) == (1, False, 0.0, None)
    assert pasted(source, taken(edit(), Choice())).document.geometry == source.geometry


@pytest.mark.parametrize("size", [(3000, 2000), (2000, 3000), (1000, 1000), (4000, 900)])
def test_a_crop_keeps_its_ratio_in_a_photo_of_another_shape(size):
    source = edit(geometry={"crop": [0.1, 0.1, 0.9, 0.9], "ratio": "4:5"})
    left, top, right, bottom = pasted(edit(), taken(source, WHOLE), size).document.geometry.crop
    assert (right - left) * size[0] / ((bottom - top) * size[1]) == pytest.approx(4 / 5)
    assert min(left, top) >= 0 and max(right, bottom) <= 1 and max(right - left, bottom - top) > 0.5


def test_a_crop_shows_no_blank_corner_in_a_photo_of_another_shape():
    source = edit(geometry={"angle": 20.0, "crop": [0.25, 0.05, 0.75, 0.95]})
    size = (3000, 1000)
    shape = pasted(edit(), taken(source, WHOLE), size).document.geometry
    left, top, right, bottom = shape.crop
    for x, y in ((left, top), (right, top), (right, bottom), (left, bottom)):
        a, b, w = to_photo(shape, size) @ (x, y, 1)
        assert -1e-6 <= a / w <= 1 + 1e-6 and -1e-6 <= b / w <= 1 + 1e-6
    assert 0 < right - left < 0.5
