"""A row for each of the app's own routes: what another visitor asks there for, and hears of it."""

import base64
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from envo import masks
from tabs.work.service import CAPABILITIES
from tests import hostile
from tests.unit.test_library import matte
from tests.unit.test_ownpresets import COPY, edit

DOCUMENT = edit(1).dump()
WRITE = {"document": DOCUMENT, "base": 0, "writer": "another-window", "seq": 9}
PRESET = {"name": "new", "settings": {}}
XMP = (hostile.HEAD + "<dc:title>theirs</dc:title>" + hostile.TAIL).encode()
_HALF = np.zeros((30, 40), np.uint8)
_HALF[:, :20] = 255
WORKING_MASK = base64.b64encode(masks.encode_matte(_HALF)).decode()
"""White on the left, of the working size of the photos that `tests.unit.test_library.picture` makes."""

BLUR = {"action": "background", "mask": WORKING_MASK, "settings": {"kind": "blur"}}


@dataclass(frozen=True)
class Row:
    """What is asked for with another's ids; strings in braces, such as `{photo_id}`, stand for these."""

    json: Any = None
    query: dict[str, Any] = field(default_factory=dict)
    content: bytes | None = None
    heard: tuple[int, ...] = (404,)
    """What another hears: of one thing, that it is not there; of many, as a rule, that none was changed."""
    own: tuple[int, ...] = (200, 202, 204)
    """What its owner hears: it was who asked that was refused, not what."""
    headers: dict[str, str] = field(default_factory=dict)
    mine: bool = False
    """Whether the photo is the other's own, and only what is named beside it somebody else's."""


OWN = (Row(heard=(200, 202, 204)),)
"""Names nothing that could be another's."""
ONE = (Row(),)
LACKING = (Row(own=(404,)),)
"""Of the owner's photo there is no such thing either."""
NONE = (200, 204)


def many(**wish: Any) -> tuple[Row, ...]:
    """Ask for something of many photos."""
    return (Row({"photos": ["{photo_id}"], **wish}, heard=(*NONE, 400, 404)),)


ROUTES: dict[str, tuple[Row, ...]] = {
    "GET /envo/session": OWN,
    "GET /envo/about": OWN,
    "GET /envo/everything": OWN,
    "GET /envo/everything/zip": OWN,
    "POST /envo/everything/delete": (Row({"password": "a guess"}, heard=(204,), own=(400,)),),
    "POST /envo/account/sign-up": (Row({"name": "Ann", "password": "another few words"}, heard=(400,), own=(400,)),),
    "POST /envo/account/sign-in": (Row({"name": "Ann", "password": "another few words"}, heard=(400,), own=(400,)),),
    "POST /envo/account/sign-out": (Row(heard=NONE, own=(200, 204)),),
    "POST /envo/account/password": (
        Row({"password": "a guess", "fresh": "another few words"}, heard=(400, 401), own=(400,)),
    ),
    "GET /envo/photos": OWN,
    "POST /envo/photos": (Row(content=b"no photo", query={"name": "a.jpg"}, heard=(400,), own=(400,)),),
    "GET /envo/photos/{photo_id}": ONE,
    "PATCH /envo/photos/{photo_id}": (Row({"name": "theirs.png"}), Row({"rating": 1})),
    "DELETE /envo/photos/{photo_id}": ONE,
    "POST /envo/photos/{photo_id}/restore": ONE,
    "GET /envo/examples": OWN,
    "GET /envo/examples/{name}": LACKING,
    "POST /envo/examples/{name}": LACKING,
    "GET /envo/worked-examples": OWN,
    "GET /envo/photos/{photo_id}/original": ONE,
    "GET /envo/photos/{photo_id}/thumbnail": (Row(), Row(query={"edit": 1})),
    "GET /envo/photos/{photo_id}/rendition": (Row(), Row(query={"edit": 1}), Row(query={"edit": 1, "whole": True})),
    "GET /envo/photos/{photo_id}/light": (Row(own=(200, 400, 404)),),
    "GET /envo/photos/{photo_id}/preview": ONE,
    "GET /envo/photos/{photo_id}/gain-map": LACKING,
    "GET /envo/photos/{photo_id}/edit": ONE,
    "POST /envo/photos/{photo_id}/edit": (Row(WRITE, own=(200, 409)),),
    "GET /envo/photos/{photo_id}/edited": ONE,
    "POST /envo/photos/{photo_id}/copy": (Row(WRITE),),
    "GET /envo/photos/{photo_id}/lens": ONE,
    "GET /envo/lenses": (Row(query={"text": "Nikon"}, heard=NONE),),
    "POST /envo/photos/{photo_id}/parts": (Row({}), Row({"document": DOCUMENT})),
    "POST /envo/copies": (Row({"document": DOCUMENT}, heard=NONE),),
    "POST /envo/photos/{photo_id}/pasted": (Row({"document": DOCUMENT, "copy": COPY.dump()}),),
    "POST /envo/pastes": many(copy=COPY.dump()),
    "GET /envo/pastes": OWN,
    "GET /envo/pastes/{paste_id}": ONE,
    "DELETE /envo/pastes/{paste_id}": ONE,
    "POST /envo/pastes/{paste_id}/undo": ONE,
    "POST /envo/pastes/{paste_id}/redo": ONE,
    "GET /envo/photos/{photo_id}/denoised": ONE,
    "GET /envo/photos/{photo_id}/denoised/rendition": (Row(own=(200, 400, 404)),),
    "GET /envo/photos/{photo_id}/mattes": ONE,
    "GET /envo/photos/{photo_id}/bindings": (
        Row(query={"person": "{person_id}"}),
        Row(query={"person": "{person_id}"}, mine=True, heard=NONE),
    ),
    "GET /envo/photos/{photo_id}/mattes/{kind}": (Row(), Row(mine=True)),
    "GET /envo/photos/{photo_id}/mattes/{kind}/thumbnail": (Row(), Row(mine=True)),
    "PATCH /envo/photos/{photo_id}/mattes/{kind}": (Row({"quality": 3}), Row({"quality": 3}, mine=True)),
    "POST /envo/photos/{photo_id}/own-masks": (Row({"name": "a", "mask": WORKING_MASK, "engine": "brush"}),),
    "PATCH /envo/photos/{photo_id}/own-masks/{kind}": (Row({"name": "b"}), Row({"name": "b"}, mine=True)),
    "DELETE /envo/photos/{photo_id}/own-masks/{kind}": (Row(), Row(mine=True)),
    "POST /envo/photos/{photo_id}/own-masks/{kind}/restore": (Row(), Row(mine=True)),
    "GET /envo/photos/{photo_id}/guide": ONE,
    "GET /envo/photos/{photo_id}/maps": ONE,
    "GET /envo/photos/{photo_id}/auto": ONE,
    "POST /envo/photos/{photo_id}/geometry": (Row({"wish": "vertical", "geometry": {}}),),
    "POST /envo/luts": (Row(content=b"no cube", query={"name": "a.cube"}, heard=(400,), own=(400,)),),
    "GET /envo/luts": OWN,
    "GET /envo/luts/{lut_id}": ONE,
    "DELETE /envo/luts/{lut_id}": ONE,
    "GET /envo/presets": OWN,
    "POST /envo/presets": (Row({"name": "a", "copy": COPY.dump()}, heard=NONE),),
    "POST /envo/presets/files": (Row(content=b"no preset", heard=(400,), own=(400,)),),
    "PATCH /envo/presets/{preset_id}": (Row({"name": "theirs"}),),
    "DELETE /envo/presets/{preset_id}": ONE,
    "POST /envo/presets/{preset_id}/restore": ONE,
    "GET /envo/presets/{preset_id}/file": ONE,
    "GET /envo/photos/{photo_id}/lightroom": ONE,
    "GET /envo/photos/{photo_id}/snapshots": ONE,
    "POST /envo/photos/{photo_id}/snapshots": (Row({"document": DOCUMENT}),),
    "PATCH /envo/photos/{photo_id}/snapshots/{snapshot_id}": (Row({"name": "b"}), Row({"name": "b"}, mine=True)),
    "DELETE /envo/photos/{photo_id}/snapshots/{snapshot_id}": (Row(), Row(mine=True)),
    "POST /envo/photos/{photo_id}/snapshots/{snapshot_id}/restore": (Row(), Row(mine=True)),
    "POST /envo/select/engines/{name}/fetch": (Row(heard=(400, 404), own=(400, 404)),),
    "GET /envo/select/engines": OWN,
    "GET /envo/photos/{photo_id}/select/prepared": (Row(), Row(query={"picture": "{result_id}"}, mine=True)),
    "POST /envo/photos/{photo_id}/select": (
        Row({"points": [[9, 9, True]]}),
        Row({"points": [[9, 9, True]], "picture": "{result_id}"}, mine=True),
    ),
    "POST /envo/photos/{photo_id}/select/glance": (
        Row({"points": [[9, 9, True]]}),
        Row({"points": [[9, 9, True]], "picture": "{result_id}"}, mine=True),
    ),
    "POST /envo/photos/{photo_id}/mask-steps": (
        Row({"mask": WORKING_MASK, "step": "grow", "amount": 1}),
        Row({"mask": WORKING_MASK, "step": "refine", "amount": 1, "picture": "{result_id}"}, mine=True),
    ),
    "POST /envo/photos/{photo_id}/mask-upload": (Row(content=matte(255)),),
    "POST /envo/photos/{photo_id}/cutout": (
        Row({"mask": WORKING_MASK}),
        Row({"mask": WORKING_MASK, "picture": "{result_id}"}, mine=True),
    ),
    "POST /envo/replace/engines/{name}/fetch": (Row(heard=(400, 404), own=(400, 404)),),
    "GET /envo/replace/engines": OWN,
    "POST /envo/photos/{photo_id}/actions": (
        Row({"action": "background", "mask": WORKING_MASK, "settings": {"kind": "blur"}}),
        Row(
            {"action": "background", "mask": WORKING_MASK, "settings": {"kind": "blur"}, "start": "{result_id}"},
            mine=True,
        ),
        Row(
            {"action": "background", "mask": WORKING_MASK, "settings": {"kind": "photo"}, "other": "{photo_id}"},
            mine=True,
            own=(202, 400),
        ),
    ),
    "GET /envo/photos/{photo_id}/actions": ONE,
    "GET /envo/photos/{photo_id}/actions/{job}": (Row(), Row(mine=True)),
    "GET /envo/photos/{photo_id}/actions/{job}/preview": (Row(), Row(mine=True)),
    "DELETE /envo/photos/{photo_id}/actions/{job}": (Row(), Row(mine=True)),
    "GET /envo/photos/{photo_id}/results": ONE,
    "DELETE /envo/photos/{photo_id}/results/{result_id}": (Row(), Row(mine=True)),
    "POST /envo/photos/{photo_id}/results/{result_id}/restore": (Row(), Row(mine=True)),
    "POST /envo/photos/{photo_id}/results/{result_id}/fills": (
        Row(own=(202, 400)),
        Row(mine=True, own=(202, 400)),
    ),
    "POST /envo/photos/{photo_id}/results/{result_id}/choose": (Row(own=(200, 400)), Row(mine=True)),
    "POST /envo/photos/{photo_id}/results/{result_id}/keep": (Row(), Row(mine=True)),
    "GET /envo/photos/{photo_id}/results/{result_id}/image": (Row(), Row(mine=True)),
    "GET /envo/photos/{photo_id}/results/{result_id}/thumbnail": (Row(), Row(mine=True)),
    "GET /envo/photos/{photo_id}/results/{result_id}/download": (Row(), Row(mine=True)),
    "POST /envo/restore/engines/{name}/fetch": (Row(heard=(400, 404), own=(400, 404)),),
    "GET /envo/restore/steps": OWN,
    "GET /envo/photos/{photo_id}/look": ONE,
    "GET /envo/photos/{photo_id}/marks": (Row(own=(200, 400)),),
    "POST /envo/photos/{photo_id}/restorations": (Row({"steps": [{"id": "invert", "settings": {}}]}),),
    "GET /envo/photos/{photo_id}/restorations": ONE,
    "GET /envo/photos/{photo_id}/restorations/{job}": (Row(), Row(mine=True)),
    "GET /envo/photos/{photo_id}/restorations/{job}/preview": (Row(), Row(mine=True)),
    "DELETE /envo/photos/{photo_id}/restorations/{job}": (Row(), Row(mine=True)),
    "GET /envo/photos/{photo_id}/restorations/{restoration_id}/before": (Row(), Row(mine=True)),
    "GET /envo/photos/{photo_id}/restorations/{restoration_id}/invented": (Row(), Row(mine=True)),
    "POST /envo/restorations/batch": many(steps="auto"),
    "GET /envo/restorations/batch": OWN,
    "GET /envo/restorations/batch/{batch}": ONE,
    "DELETE /envo/restorations/batch/{batch}": ONE,
    "GET /envo/restorations/batch/{batch}/zip": ONE,
    "GET /envo/gallery": OWN,
    "POST /envo/gallery": OWN,
    "PATCH /envo/gallery": (Row({"tagSure": 0.5}, heard=NONE),),
    "GET /envo/gallery/news": OWN,
    "PATCH /envo/gallery/photos/{photo_id}": (Row({"title": "theirs"}),),
    "POST /envo/gallery/rate": many(rating=2),
    "POST /envo/gallery/delete": many(),
    "POST /envo/gallery/restore": many(),
    "GET /envo/gallery/photos": (
        Row(heard=NONE),
        *(
            Row(query={name: each}, heard=(*NONE, 404))
            for name, each in (("person", "{person_id}"), ("like", "{photo_id}"))
        ),
    ),
    "GET /envo/gallery/ids": (Row(heard=NONE), Row(query={"like": "{photo_id}"}, heard=(*NONE, 404))),
    "GET /envo/gallery/facets": (Row(heard=NONE), Row(query={"person": "{person_id}"}, heard=(*NONE, 404))),
    "POST /envo/gallery/summary": many(),
    "GET /envo/gallery/photos/{photo_id}": ONE,
    "POST /envo/gallery/tags": many(add=["theirs"]),
    "GET /envo/gallery/words": (Row(query={"start": "a"}, heard=NONE),),
    "POST /envo/gallery/again": (Row({"photos": ["{photo_id}"]}, heard=(202, 404)),),
    "GET /envo/gallery/people": OWN,
    "GET /envo/gallery/groups/{key}/faces": LACKING,
    "GET /envo/gallery/loose": (Row(query={"kind": "alone"}, heard=NONE), Row(query={"kind": "ignored"}, heard=NONE)),
    "GET /envo/gallery/faces/{face_id}/crop": ONE,
    "POST /envo/gallery/faces": tuple(
        Row({"faces": ["{face_id}"], **said}, heard=(*NONE, 400, 404))
        for said in ({"name": "Mine"}, {"confirm": True}, {"refuse": True}, {"ignore": True}, {"forget": True})
    ),
    "GET /envo/gallery/people/{person_id}/faces": ONE,
    "GET /envo/gallery/people/{person_id}/split": ONE,
    "PATCH /envo/gallery/people/{person_id}": (Row({"name": "Theirs"}),),
    "POST /envo/gallery/people/{person_id}/merge": (Row({"into": "{person_id}"}, heard=(400, 404), own=(400,)),),
    "DELETE /envo/gallery/people/{person_id}": ONE,
    "POST /envo/gallery/zips": (Row(content=b"PK", query={"name": "a.zip"}, heard=(202, 400), own=(202, 400)),),
    "POST /envo/pairs": (Row({"paths": ["a.jpg", "a.xmp"]}, heard=NONE),),
    "POST /envo/photos/{photo_id}/sidecar": (Row(content=XMP, query={"name": "a.xmp"}),),
    "POST /envo/sidecars": (Row(content=XMP, query={"name": "0.xmp"}, heard=(400,)),),
    "GET /envo/gallery/zips": OWN,
    "DELETE /envo/gallery/zips/{arrival_id}": ONE,
    "POST /envo/gallery/takeaway": many(),
    "GET /envo/gallery/takeaway/{token}": ONE,
    "POST /envo/renderings": many(),
    "GET /envo/renderings": OWN,
    "GET /envo/renderings/{job}": ONE,
    "DELETE /envo/renderings/{job}": ONE,
    "GET /envo/renderings/{job}/file": ONE,
    "GET /envo/export-presets": OWN,
    "POST /envo/export-presets": (Row(PRESET, heard=NONE),),
    "PATCH /envo/export-presets/{preset_id}": (Row({"name": "theirs"}),),
    "DELETE /envo/export-presets/{preset_id}": ONE,
    "GET /envo/export-formats": OWN,
    "POST /envo/photos/{photo_id}/export-preview": (
        Row({"settings": {}}),
        Row({"settings": {"watermark": {"picture": "{watermark_id}"}}}, mine=True, heard=(400, 404), own=(200, 400)),
    ),
    "POST /envo/watermarks": (Row(content=b"no picture", heard=(400,), own=(400,)),),
    "GET /envo/watermarks": OWN,
    "GET /envo/watermarks/{watermark_id}": ONE,
    "DELETE /envo/watermarks/{watermark_id}": ONE,
    "POST /complete-image": (Row({"img": ""}, heard=(400,), own=(400,)),),
    **{f"POST /api/v1/{name}": (Row(heard=(415,), own=(415,)),) for name in CAPABILITIES},
    "GET /envo/tokens": OWN,
    "POST /envo/tokens": (Row({"name": "Backup"}, heard=(200,)),),
    "DELETE /envo/tokens/{token_id}": ONE,
    "GET /api/v1/library/photos": OWN,
    "POST /api/v1/library/photos": (Row(heard=(415,), own=(415,)),),
    "GET /api/v1/library/photos/{photo_id}": ONE,
    "PATCH /api/v1/library/photos/{photo_id}": (Row({"rating": 3}),),
    "DELETE /api/v1/library/photos/{photo_id}": ONE,
    "GET /api/v1/library/photos/{photo_id}/original": ONE,
    "GET /api/v1/library/photos/{photo_id}/edited": ONE,
    "POST /api/v1/library/photos/{photo_id}/tags": (Row({"add": ["theirs"]}),),
    "GET /api/v1/library/photos/{photo_id}/edit": ONE,
    "PUT /api/v1/library/photos/{photo_id}/edit": (Row(DOCUMENT, headers={"If-Match": '"0"'}, own=(200, 412)),),
    "GET /api/v1/library/photos/{photo_id}/mattes": ONE,
    "GET /api/v1/library/photos/{photo_id}/mattes/{kind}": ONE,
    "GET /api/v1/library/people": OWN,
    "POST /api/v1/library/takeaway": (Row({"photos": ["{photo_id}"]}),),
    "POST /api/v1/files": (Row(heard=(415,), own=(415,)),),
    "GET /api/v1/files/{file_id}/{name}": LACKING,
    "GET /api/v1/jobs/{job}": LACKING,
    "GET /api/v1/jobs/{job}/events": LACKING,
    "GET /api/v1/jobs/{job}/result": LACKING,
    "DELETE /api/v1/jobs/{job}": LACKING,
    "GET /api/docs": OWN,
    "GET /api/openapi.json": OWN,
    "GET /api/assets/{name}": LACKING,
    "GET /healthz": OWN,
    "GET /readyz": (Row(heard=(200, 503), own=(200, 503)),),
}
