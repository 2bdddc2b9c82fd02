"""An edit that follows people lies on their faces in each photo, and on no other; a corrected name moves it."""

import io

import numpy as np
import pytest
import sqlalchemy as sa
from PIL import Image as Pillow

from envo import edits, masks
from envo.description import Region
from envo.errors import NotFound
from envo.settings import THUMBNAIL_EDGE
from tests.unit.test_people import LEFT, RIGHT, Faces, seen

SMALL = THUMBNAIL_EDGE
SIZE = (100, 160)
GREY = 100


def grey(number: int) -> bytes:
    """A photo of one grey, with a byte that tells it from the others."""
    pixels = np.full((*SIZE, 3), GREY, np.uint8)
    pixels[-1, -1] = number
    buffer = io.BytesIO()
    Pillow.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def within(box) -> np.ndarray:
    """The matte of a box."""
    (height, width), (left, top, right, bottom) = SIZE, box
    alpha = np.zeros(SIZE, np.uint8)
    alpha[round(top * height) : round(bottom * height), round(left * width) : round(right * width)] = 255
    return alpha


def follows(person: str, kind: str = "face", exposure: float = 1.0, **part) -> dict:
    matte = {"shape": "matte", "kind": kind, "person": person, **part}
    layer = {"id": "layer-00000001", "mask": {"parts": [matte]}, "adjustments": {"exposure": exposure}}
    return edits.parse({"schema": 3, "layers": [{"id": "image"}, layer]}).dump()


class Album(Faces):
    """Photos of two faces, each of which has mattes of its own."""

    def add(self, count: int = 1, boxes=(LEFT, RIGHT)) -> list[str]:
        ids = []
        for _ in range(count):
            number = len(self.photos)
            row = self.library.add(self.owner, f"{number}.png", grey(number))[0]
            self.photos.append(row.id)
            self.make_mattes(row, boxes)
            self.people.take(self.owner, row.id, [seen(box, number) for box in boxes], [], "dlib")
            ids += [face.id for face in self.people.of(self.owner, row.id)]
        return ids

    def make_mattes(self, row, boxes) -> None:
        alphas = {edits.of_face("face", place, len(boxes)): within(box) for place, box in enumerate(boxes)}
        files = {kind: masks.encode_matte(alpha) for kind, alpha in alphas.items()}
        self.library.mattes.put(row.sha256, files, "finder", 0.0, boxes)

    def edit(self, photo: str, document: dict) -> None:
        base = self.library.edit(self.owner, photo).version
        self.library.save_edit(self.owner, photo, document, base, f"page {base}", 1)

    def lit(self, photo: str) -> list:
        """Boxes of the faces that the photo's edit made lighter, of the two."""
        version, data = self.library.renditions.make(self.owner, photo, SMALL)
        assert version == self.library.photo(self.owner, photo).edit
        pixels = np.asarray(Pillow.open(io.BytesIO(data)).resize(SIZE[::-1]).convert("L"), float)
        found = [box for box in (LEFT, RIGHT) if np.median(pixels[within(box) > 0]) > GREY + 20]
        outside = within(LEFT) + within(RIGHT) == 0
        assert abs(np.median(pixels[outside]) - GREY) < 3
        return found


@pytest.fixture
def ann(library) -> Album:
    return Album(library)


def test_an_edit_lies_on_the_face_of_whom_it_follows_in_each_photo(library, ann):
    left, right, *more = ann.add(4)
    (ada,) = {ann.people.name("ann", [left, more[1], more[2]], "Ada")[0]}
    ann.people.name("ann", [right, more[3]], "Grace")
    for photo in ann.photos:
        ann.edit(photo, follows(ada))
    assert [ann.lit(photo) for photo in ann.photos] == [[LEFT], [RIGHT], [LEFT], []]


def test_in_a_photo_of_one_face_its_parts_have_no_number(library, ann):
    (face,) = ann.add(boxes=(RIGHT,))
    ada, _ = ann.people.name("ann", [face], "Ada")
    ann.edit(ann.photos[0], follows(ada))
    assert ann.lit(ann.photos[0]) == [RIGHT]


def test_where_she_is_not_sure_nothing_happens_until_she_is_confirmed(library, ann):
    known, _, perhaps, _ = ann.add(2)
    ada, _ = ann.people.name("ann", [known], "Ada")
    photo = ann.photos[1]
    ann.people.suggest("ann", {perhaps: (ada, 0.7)})
    ann.edit(photo, follows(ada))
    who = library.bindings("ann", photo, [ada])[ada]
    assert (who.name, who.face.id, who.place, who.is_sure) == ("Ada", perhaps, 0, False)
    assert ann.lit(photo) == []
    ann.people.confirm("ann", [perhaps])
    assert ann.lit(photo) == [LEFT]


def test_whoever_the_gallery_is_sure_of_counts_as_named(library, ann):
    known, _, left, right = ann.add(2)
    ada, _ = ann.people.name("ann", [known], "Ada")
    photo = ann.photos[1]
    ann.edit(photo, follows(ada))
    ann.people.suggest("ann", {left: (ada, 0.7), right: (ada, 0.95)})
    assert ann.lit(photo) == [RIGHT]
    library.gallery.set("ann", face_sure=0.97)
    assert ann.lit(photo) == []
    library.gallery.set("ann", face_sure=0.6)
    assert ann.lit(photo) == [RIGHT]  # the surest of two


def test_a_corrected_name_moves_the_edit(library, ann):
    left, right = ann.add()
    ada, _ = ann.people.name("ann", [left], "Ada")
    (photo,) = ann.photos
    ann.edit(photo, follows(ada))
    assert ann.lit(photo) == [LEFT]
    for say, lit in [
        (lambda: ann.people.refuse("ann", [left]), []),
        (lambda: ann.people.name("ann", [right], "Ada"), [RIGHT]),
        (lambda: ann.people.forget("ann", [right]), []),
        (lambda: ann.people.name("ann", [left], "Ada"), [LEFT]),
        (lambda: ann.people.ignore("ann", [left]), []),
        (lambda: ann.people.name("ann", [right], "ADA"), [RIGHT]),
        (lambda: ann.people.rename("ann", ada, "Ada Lovelace"), [RIGHT]),
    ]:
        say()
        assert ann.lit(photo) == lit


def test_only_what_follows_somebody_named_otherwise_is_rendered_anew(library, ann):
    faces = ann.add(3)
    ada, _ = ann.people.name("ann", faces[::2], "Ada")
    for photo, document in zip(ann.photos, [follows(ada), follows(ada), follows("")], strict=True):
        ann.edit(photo, document)
        ann.lit(photo)
    before = [library.photo("ann", photo).edit for photo in ann.photos]
    ann.people.name("ann", [faces[3], faces[5]], "Grace")  # who is nobody's business
    ann.people.suggest("ann", {faces[1]: (ada, 0.4)})
    assert [library.photo("ann", photo).edit for photo in ann.photos] == before
    assert library.renditions.missing(9) == []
    ann.people.refuse("ann", [faces[2], faces[4]])
    assert library.renditions.missing(9) == [("ann", ann.photos[1])]
    assert library.renditions.missing(None, of_followers="bob") == []
    edited = [library.photo("ann", photo).edit for photo in ann.photos]
    assert edited[0] == before[0] and edited[2] == before[2] and edited[1] > before[1]
    ann.edit(ann.photos[1], follows(ada, exposure=0.5))
    assert library.photo("ann", ann.photos[1]).edit > edited[1]  # never the address of a picture of before
    assert library.edit("ann", ann.photos[1]).version == 2  # a page's next write still fits


def test_people_who_become_one_keep_both_their_edits(library, ann):
    left, right, other, _ = ann.add(2)
    ada, _ = ann.people.name("ann", [left], "Ada")
    lady, _ = ann.people.name("ann", [other], "Lady Lovelace")
    for photo in ann.photos:
        ann.edit(photo, follows(ada))
    assert [ann.lit(photo) for photo in ann.photos] == [[LEFT], []]
    ann.people.merge("ann", ada, lady)
    assert [ann.lit(photo) for photo in ann.photos] == [[LEFT], [LEFT]]
    assert library.bindings("ann", ann.photos[0], [ada])[ada].name == "Lady Lovelace"
    grace, _ = ann.people.name("ann", [right], "Grace")
    ann.people.merge("ann", lady, grace)
    who = library.bindings("ann", ann.photos[1], [ada])[ada]
    assert (who.id, who.name, who.place) == (grace, "Grace", 0)


def test_undoing_a_merge_or_a_deletion_gives_the_edits_back(library, ann):
    left, _, other, _ = ann.add(2)
    ada, _ = ann.people.name("ann", [left], "Ada")
    grace, _ = ann.people.name("ann", [other], "Grace")
    for photo in ann.photos:
        ann.edit(photo, follows(ada))
    ann.people.delete("ann", ada)
    assert [ann.lit(photo) for photo in ann.photos] == [[], []]
    who = library.bindings("ann", ann.photos[0], [ada])[ada]
    assert (who.name, who.face, who.is_sure) == ("Ada", None, False)
    assert ann.people.name("ann", [left], "Ada")[0] == ada
    assert [ann.lit(photo) for photo in ann.photos] == [[LEFT], []]
    ann.people.merge("ann", ada, grace)
    assert [ann.lit(photo) for photo in ann.photos] == [[LEFT], [LEFT]]
    ann.people.name("ann", [left], "Ada")
    assert [ann.lit(photo) for photo in ann.photos] == [[LEFT], []]


def test_faces_that_are_found_or_named_by_files_later_move_the_edit(library, ann):
    known, _ = ann.add()
    ada, _ = ann.people.name("ann", [known], "Ada")
    row = library.add("ann", "later.png", grey(99))[0]
    ann.make_mattes(row, (LEFT, RIGHT))
    ann.edit(row.id, follows(ada))
    assert ann.lit(row.id) == []
    ann.people.take("ann", row.id, [seen(LEFT, 5), seen(RIGHT, 6)], [Region("Ada", RIGHT)], "dlib")
    assert ann.lit(row.id) == [RIGHT]


def test_a_matte_that_a_photo_has_not_does_nothing_and_one_that_is_not_made_is_waited_for(library, ann):
    ann.add()
    row = library.add("ann", "new.png", grey(98))[0]
    document = edits.parse(follows("", kind="hair"))
    assert library.material("ann", ann.photos[0], document).mattes == {"hair": None}
    assert library.material("ann", row.id, document).mattes == {}
    inverted = follows("", kind="hair")
    inverted["layers"][1]["mask"]["invert"] = True
    for nothing in (follows("", kind="hair"), inverted):
        ann.edit(ann.photos[0], nothing)
        assert ann.lit(ann.photos[0]) == []


def test_whom_another_owner_named_is_nobody_here(library, ann):
    left, _ = ann.add()
    ada, _ = ann.people.name("ann", [left], "Ada")
    bob = Album(library, "bob")
    his, _ = bob.add()
    bob.edit(bob.photos[0], follows(ada))
    assert bob.lit(bob.photos[0]) == []
    assert library.bindings("bob", bob.photos[0], [ada])[ada].name is None
    bob.people.name("bob", [his], "Ada")
    assert bob.lit(bob.photos[0]) == []
    with pytest.raises(NotFound):
        library.bindings("bob", ann.photos[0], [ada])


def test_edits_follow_on_when_a_visitor_signs_in_and_two_people_of_one_name_become_one(library, ann):
    left, _ = ann.add()
    ada, _ = ann.people.name("ann", [left], "Ada")
    ann.edit(ann.photos[0], follows(ada))
    bob = Album(library, "bob")
    theirs = bob.add(2)
    bob.people.name("bob", theirs[3:], "ada")
    library.move("ann", "bob")
    assert bob.lit(ann.photos[0]) == [LEFT]
    bob.edit(bob.photos[1], follows(ada))
    assert bob.lit(bob.photos[1]) == [RIGHT]


def test_a_correction_asks_no_more_questions_however_many_photos_follow_somebody(library, ann):
    def questions() -> int:
        asked = []
        listen = (library.database._engine, "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
        sa.event.listen(*listen)
        ann.people.name("ann", [faces[0]], "Grace")
        ann.people.name("ann", [faces[0]], "Ada")
        sa.event.remove(*listen)
        return len(asked)

    faces = ann.add(12)
    ann.people.name("ann", faces[1:2], "Grace")
    ada, _ = ann.people.name("ann", faces[::2], "Ada")
    ann.edit(ann.photos[0], follows(ada))
    few = questions()
    for photo in ann.photos[1:]:
        ann.edit(photo, follows(ada))
    assert questions() == few
