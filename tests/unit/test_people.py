"""People: faces in photos, whose they are, and corrections, which last and are their owner's alone."""

import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import PurePath

import numpy as np
import pytest
import sqlalchemy as sa
from PIL import Image as Pillow

from envo import database, description, people, xmp
from envo.description import Description, Region
from envo.errors import NotFound, UserError
from envo.file import PhotoFile
from envo.gallery import SeenFace
from envo.library import Library
from envo.people import FOUND, IGNORED, NAMED, WHOLE, Embedded, NameTaken
from envo.settings import FACE_EDGE, TRASH_DAYS
from tests.unit.test_library import at_revision, example, files, picture, url

pytestmark = pytest.mark.both_databases

LEFT, RIGHT = (0.1, 0.2, 0.3, 0.5), (0.6, 0.2, 0.8, 0.5)
FACE_BOX = (0.33, 0.12, 0.54, 0.36)
"""Of the astronaut."""


def seen(box=LEFT, seed: int = 0, sure: float = 0.99) -> SeenFace:
    return SeenFace(box, sure, np.random.default_rng(seed).normal(size=128).astype(np.float32))


class Faces:
    """A library, and an owner of some photos with a face each, by number."""

    def __init__(self, library, owner: str = "ann") -> None:
        self.library, self.people, self.owner = library, library.people, owner
        self.photos: list[str] = []

    def add(self, count: int = 1, boxes=(LEFT,)) -> list[str]:
        """Bring photos with a face in each of the boxes; gives the ids of all faces."""
        ids = []
        for _ in range(count):
            number = len(self.photos)
            self.photos.append(self.library.add(self.owner, f"{number}.png", picture(number))[0].id)
            self.people.take(self.owner, self.photos[-1], [seen(box, number) for box in boxes], [], "dlib")
            ids += [face.id for face in self.people.of(self.owner, self.photos[-1])]
        return ids

    def state(self, face_id: str) -> tuple:
        (face,) = self.people.faces(self.owner, [face_id])
        return face.state, face.name, face.confidence

    def counts(self) -> dict[str, tuple[int, int, int]]:
        everybody = self.people.everybody(self.owner)
        return {each.name: (each.named, each.found, each.unsure) for each in everybody.people}

    def id(self, name: str) -> str:
        return next(each.id for each in self.people.everybody(self.owner).people if each.name == name)


@pytest.fixture
def ann(library) -> Faces:
    return Faces(library)


@pytest.fixture
def bob(library) -> Faces:
    return Faces(library, "bob")


def test_faces_are_kept_as_they_were_seen(library, ann):
    (photo,) = [library.add("ann", "two.png", picture(1))[0].id]
    ann.people.take("ann", photo, [seen(RIGHT, 1, 0.9), seen((-0.1, 0, 0.3, 1.05), 2)], [], "dlib")
    large, small = ann.people.of("ann", photo)
    assert (large.box, large.sure, large.photo_id, large.photo_name) == (RIGHT, 0.9, photo, "two.png")
    assert small.box == (-0.1, 0, 0.3, 1.05)
    assert (large.state, large.person_id, large.name, large.confidence) == (FOUND, None, None, 0)
    assert ann.people.faces("ann", [small.id, "gone", large.id]) == [small, large]
    one, other = ann.people.embedded("ann")
    assert (one.id, one.engine, one.state, one.refused) == (large.id, "dlib", FOUND, [])
    assert np.array_equal(np.frombuffer(one.embedding, "<f4"), seen(RIGHT, 1).embedding)
    assert np.array_equal(np.frombuffer(other.embedding, "<f4"), seen(RIGHT, 2).embedding)


def test_a_photo_that_is_seen_again_keeps_its_faces_and_gets_those_that_it_lacks(ann):
    (face,) = ann.add()
    ann.people.name("ann", [face], "Ada")
    ann.people.take("ann", ann.photos[0], [seen(), seen(RIGHT, 5)], [], "dlib")
    ann.people.take("ann", ann.photos[0], [seen(), seen(RIGHT, 5)], [], "dlib")
    first, second = ann.people.of("ann", ann.photos[0])
    assert (first.id, first.name, second.box, second.name) == (face, "Ada", RIGHT, None)


def test_what_another_engine_sees_replaces_embeddings_and_no_name(ann):
    (face, other) = ann.add(boxes=(LEFT, RIGHT))
    ann.people.name("ann", [face], "Ada")
    elsewhere = (0.4, 0.7, 0.5, 0.9)
    ann.people.take("ann", ann.photos[0], [seen(LEFT, 7), seen(elsewhere, 8)], [], "facenet")
    assert ann.state(face) == (NAMED, "Ada", 1)
    engines = {each.id: (each.engine, each.embedding) for each in ann.people.embedded("ann")}
    assert engines[face] == ("facenet", seen(LEFT, 7).embedding.tobytes())
    assert engines[other][0] == "dlib"


HEAD = (0.06, 0.08, 0.34, 0.52)
"""As other programs frame the face at `LEFT`."""


def test_a_name_in_the_file_names_the_face_that_it_frames(library, ann):
    photo = library.add("ann", "two.png", picture(1))[0].id
    regions = [
        Region("Ada", HEAD),
        Region("Grace  Hopper", (0.4, 0.6, 0.5, 0.8)),
        Region("", RIGHT),
        Region("Rex", RIGHT, "Pet"),
    ]
    for _ in range(2):
        ann.people.take("ann", photo, [seen(RIGHT, 1), seen(LEFT, 2)], regions, "dlib")
    right, left, alone = ann.people.of("ann", photo)
    assert (right.state, right.name) == (FOUND, None)
    assert (left.state, left.name, left.confidence, left.box) == (NAMED, "Ada", 1, LEFT)
    assert (alone.state, alone.name, alone.box) == (NAMED, "Grace Hopper", (0.4, 0.6, 0.5, 0.8))
    assert len(ann.people.embedded("ann")) == 2
    assert ann.counts() == {"Ada": (1, 0, 0), "Grace Hopper": (1, 0, 0)}


def test_of_two_names_for_one_place_the_nearer_one_is_the_faces(library, ann):
    photo = library.add("ann", "two.png", picture(1))[0].id
    beside = tuple(np.add(LEFT, [0.1, 0, 0.1, 0]))
    ann.people.take("ann", photo, [seen()], [Region("Grace", beside), Region("Ada", LEFT)], "dlib")
    found, told = ann.people.of("ann", photo)
    assert (found.name, told.name) == ("Ada", "Grace")


def test_a_face_that_only_the_file_told_of_is_found_later(library, ann):
    photo = library.add("ann", "one.png", picture(1))[0].id
    ann.people.take("ann", photo, [], [Region("Ada", HEAD)], "dlib")
    (told,) = ann.people.of("ann", photo)
    ann.people.take("ann", photo, [seen()], [Region("Ada", HEAD)], "dlib")
    (found,) = ann.people.of("ann", photo)
    assert (found.id, found.name, found.box, len(ann.people.embedded("ann"))) == (told.id, "Ada", LEFT, 1)


def test_who_is_somewhere_in_the_photo_is_kept_without_a_place(library, ann):
    photo = library.add("ann", "two.png", picture(1))[0].id
    for _ in range(2):
        ann.people.take("ann", photo, [seen(WHOLE)], [Region("Ada", HEAD)], "dlib", ["ada", "Grace", "\u202e", "Mary"])
    found, *others = ann.people.of("ann", photo)
    assert found.name is None
    assert {(face.name, face.box) for face in others} == {("Ada", HEAD), ("Grace", WHOLE), ("Mary", WHOLE)}
    names, regions = ann.people.described("ann", [photo])[photo]
    assert (sorted(names), regions) == (["Ada", "Grace", "Mary"], (Region("Ada", HEAD),))
    grace = next(face for face in others if face.name == "Grace")
    ann.people.refuse("ann", [grace.id])
    before = ann.people.of("ann", photo)
    ann.people.take("ann", photo, [seen(WHOLE)], [Region("Ada", HEAD)], "dlib", ["ada", "Grace", "Mary"])
    assert ann.people.of("ann", photo) == before
    assert Pillow.open(ann.people.crop("ann", grace.id)).size == (FACE_EDGE, FACE_EDGE)


def test_others_write_while_faces_are_compared_and_between_many_names(library, ann, bob, monkeypatch):
    photo = library.add("ann", "two.png", picture(1))[0].id
    theirs, pairs, written = library.add("bob", "b.png", picture(2))[0].id, people._pairs, []
    real = library.database.write

    def compared(*boxes):
        library.rate("bob", theirs, 3)  # waits for half a minute, and fails, where the database is held for writing
        return pairs(*boxes)

    @contextmanager
    def write():
        with real() as connection:
            before = connection.scalar(sa.select(sa.func.count()).select_from(database.face))
            yield connection
            written.append(connection.scalar(sa.select(sa.func.count()).select_from(database.face)) - before)

    monkeypatch.setattr(people, "_pairs", compared)
    monkeypatch.setattr(library.database, "write", write)
    called = [f"Person {number}" for number in range(450)]
    ann.people.take("ann", photo, [seen()], [Region("Ada", HEAD)], "dlib", called)
    assert library.photo("bob", theirs).rating == 3
    assert sum(written) == 451 and max(written) <= database.IN_A_ROW
    assert {face.name for face in ann.people.of("ann", photo)} == {"Ada", *called}


def test_names_whose_writing_was_interrupted_are_written_when_it_goes_on(library, ann, monkeypatch):
    photo = library.add("ann", "two.png", picture(1))[0].id
    called, real, room = [f"Person {number}" for number in range(250)], ann.people._called, [None] * 2

    def interrupted(*names):
        room.pop()
        return real(*names)

    monkeypatch.setattr(ann.people, "_called", interrupted)
    with pytest.raises(IndexError):
        ann.people.take("ann", photo, [seen()], [Region("Ada", HEAD)], "dlib", called)
    monkeypatch.setattr(ann.people, "_called", real)
    ann.people.take("ann", photo, [seen()], [Region("Ada", HEAD)], "dlib", called)
    assert sorted(face.name for face in ann.people.of("ann", photo)) == sorted(["Ada", *called])


def test_many_suggestions_are_kept_bit_by_bit(library, ann, monkeypatch):
    faces = ann.add(boxes=[(x / 20, y / 20, (x + 1) / 20, (y + 1) / 20) for x in range(12) for y in range(20)])
    ada, _ = ann.people.name("ann", faces[:1], "Ada")
    real, written = people._write, []
    monkeypatch.setattr(people, "_write", lambda connection, said: written.append(len(said)) or real(connection, said))
    assert ann.people.suggest("ann", {face: (ada, 0.8) for face in faces}) == 239
    assert sum(written) == 239 and max(written) <= database.IN_A_ROW
    assert ann.counts() == {"Ada": (1, 0, 239)}
    assert ann.people.suggest("ann", {face: (ada, 0.8) for face in faces}) == 0


@pytest.mark.sqlite
def test_people_of_the_seventh_revision_are_found_by_their_names(home):
    """Rows written in plain SQL when 0007 was the last one."""
    with at_revision(home, "0007") as connection:
        insert = "INSERT INTO person (id, owner, name, created_at) VALUES ('jose', 'ann', 'José', '2024-05-06')"
        connection.execute(sa.text(insert))
    library = Library(home, url(home))
    ann = Faces(library)
    assert ann.people.name("ann", ann.add(), "JOSÉ")[0] == "jose"
    library.close()


def test_what_a_file_says_of_people_comes_back_in_the_file(library, ann):
    region = Region("Ada", (0.3, 0.1, 0.6, 0.4))
    said = Description(people=("Ada", "李小龙"), regions=(region, Region("Rex", RIGHT, "Pet")))
    data = description.write(PhotoFile(example("astronaut.jpg")), said).data
    photo = library.add("ann", "astronaut.jpg", data)[0].id
    told = library.said("ann", photo)
    ann.people.take("ann", photo, [seen(FACE_BOX)], told.regions, "dlib", told.people)
    names, regions = ann.people.described("ann", [photo])[photo]
    again = description.read(
        PhotoFile(description.write(PhotoFile(data), Description(people=names, regions=regions)).data)
    )
    assert (set(again.people), len(again.regions)) == ({"Ada", "李小龙"}, 2)
    # The region leaves as it came, not as the engine saw the face.
    assert region in again.regions
    assert Region("Rex", RIGHT, "Pet") in again.regions


def test_nothing_is_said_of_a_photo_that_nobody_looked_at(library, ann):
    photo = library.add("ann", "x.png", picture(1))[0].id
    assert ann.people.described("ann", [photo]) == {photo: (None, None)}
    library.gallery.take("ann", photo, [])
    assert ann.people.described("ann", [photo]) == {photo: ((), ())}


def test_what_comes_later_names_the_faces_that_nobody_named(library, ann):
    photo = library.add("ann", "one.png", picture(1))[0].id
    ann.people.take("ann", photo, [seen()], [], "dlib")
    (face,) = ann.people.of("ann", photo)
    said = description.Description(regions=(Region("Ada", HEAD),))
    beside = description.write(PhotoFile(picture(1), bytes(xmp.Packet())), said).sidecar
    library.add_sidecar("ann", photo, beside)
    ann.people.take("ann", photo, [seen()], [Region("Ada", HEAD)], "dlib")
    assert [(each.id, each.name, each.state) for each in ann.people.of("ann", photo)] == [(face.id, "Ada", "named")]
    # Once: what its owner says afterwards stays.
    for correct in (ann.people.forget, ann.people.refuse, ann.people.ignore):
        correct("ann", [face.id])
        before = ann.people.of("ann", photo)
        library.add_sidecar("ann", photo, beside)
        assert ann.people.of("ann", photo) == before


def test_a_correction_outlives_what_the_file_says(library, ann):
    photo = library.add("ann", "one.png", picture(1))[0].id
    for correct in (ann.people.refuse, ann.people.ignore, ann.people.forget):
        ann.people.take("ann", photo, [seen()], [Region("Ada", HEAD)], "dlib")
        (face,) = ann.people.of("ann", photo)
        correct("ann", [face.id])
        before = ann.people.of("ann", photo)
        ann.people.take("ann", photo, [seen()], [Region("Ada", HEAD)], "dlib")
        assert ann.people.of("ann", photo) == before
        ann.people.name("ann", [face.id], "Ada")


def test_faces_are_named_and_people_made_as_needed(ann):
    one, two, three = ann.add(3)
    ada, changed = ann.people.name("ann", [one, two, one], " Ada\u202e\n Lovelace ")
    assert changed == 2 and ann.state(one) == (NAMED, "Ada Lovelace", 1)
    assert ann.people.name("ann", [two, three], "ADA LOVELACE") == (ada, 1)
    assert ann.people.name("ann", [three], "Grace")[1] == 1
    assert ann.counts() == {"Ada Lovelace": (2, 0, 0), "Grace": (1, 0, 0)}


@pytest.mark.parametrize("name", ["José", "Zoë 👩‍🚀", "李小龙", "أحمد", "O'Neil & <Sons>"])
def test_a_name_of_any_script_is_kept(ann, name):
    (face,) = ann.add()
    ann.people.name("ann", [face], name)
    assert ann.state(face)[1] == name


def test_a_name_is_the_same_however_its_accents_are_spelt(ann):
    one, two = ann.add(2)
    assert ann.people.name("ann", [one], "Jose\u0301")[0] == ann.people.name("ann", [two], "josé")[0]


def test_a_long_name_is_cut_and_an_empty_one_refused(ann):
    (face,) = ann.add()
    ann.people.name("ann", [face], "x" * 300)
    assert ann.state(face)[1] == "x" * 200
    for nothing in ("", " \n", "\u202e"):
        with pytest.raises(UserError, match="name needs"):
            ann.people.name("ann", [face], nothing)


def test_suggestions_are_confirmed_or_refused(ann):
    named, yes, no, nobody = ann.add(4)
    ada, _ = ann.people.name("ann", [named], "Ada")
    assert ann.people.suggest("ann", {yes: (ada, 0.95), no: (ada, 0.6), named: (None, 0.0)}) == 2
    assert (ann.state(named), ann.state(yes)) == ((NAMED, "Ada", 1), (FOUND, "Ada", 0.95))
    assert ann.counts() == {"Ada": (1, 1, 1)}
    assert ann.people.confirm("ann", [named, yes, nobody]) == 1
    assert ann.people.refuse("ann", [no, nobody]) == 1
    assert (ann.state(yes), ann.state(no)) == ((NAMED, "Ada", 1), (FOUND, None, 0))
    assert ann.people.suggest("ann", {no: (ada, 0.99), nobody: (ada, 0.4)}) == 1
    assert (ann.state(no), ann.state(nobody)) == ((FOUND, None, 0), (FOUND, "Ada", 0.4))
    assert ann.counts() == {"Ada": (2, 0, 0)}


def test_no_suggestion_overwrites_what_its_owner_said_meanwhile(ann):
    named, ignored, refused, deleted = ann.add(4)
    ada, _ = ann.people.name("ann", [named, refused], "Ada")
    grace, _ = ann.people.name("ann", [deleted], "Grace")
    ann.people.refuse("ann", [refused])
    ann.people.ignore("ann", [ignored])
    ann.people.delete("ann", grace)
    worked_out = {named: (grace, 1.0), ignored: (ada, 1.0), refused: (ada, 1.0), deleted: (grace, 1.0)}
    assert ann.people.suggest("ann", worked_out) == 0
    assert [ann.state(each)[:2] for each in (named, ignored, refused, deleted)] == [
        (NAMED, "Ada"),
        (IGNORED, None),
        (FOUND, None),
        (FOUND, None),
    ]


def test_a_name_is_taken_back_and_so_is_a_refusal(ann):
    one, two = ann.add(2)
    ada, _ = ann.people.name("ann", [one, two], "Ada")
    ann.people.refuse("ann", [two])
    ann.people.name("ann", [two], "Grace")
    assert ann.people.forget("ann", [one, two]) == 2
    assert ann.state(one) == ann.state(two) == (FOUND, None, 0)
    assert {each.id: each.refused for each in ann.people.embedded("ann")} == {one: [], two: [ada]}
    assert ann.people.forget("ann", [one, two]) == 1
    assert {each.id: each.refused for each in ann.people.embedded("ann")} == {one: [], two: []}
    ann.people.ignore("ann", [one])
    assert ann.people.everybody("ann").ignored == [one]
    assert ann.people.forget("ann", [one]) == 1
    assert ann.people.everybody("ann").unknown == [one, two]


def test_refusals_are_taken_back_one_by_one(ann):
    (face,) = ann.add()
    ada, _ = ann.people.name("ann", [face], "Ada")
    ann.people.refuse("ann", [face])
    ann.people.name("ann", [face], "Grace")
    ann.people.refuse("ann", [face])
    ann.people.forget("ann", [face])
    assert ann.people.embedded("ann")[0].refused == [ada]


def test_who_is_named_after_all_is_refused_no_more(ann):
    (face,) = ann.add()
    ada, _ = ann.people.name("ann", [face], "Ada")
    ann.people.refuse("ann", [face])
    ann.people.name("ann", [face], "Ada")
    ann.people.forget("ann", [face])
    assert ann.people.suggest("ann", {face: (ada, 0.8)}) == 1


def test_a_persons_faces_are_listed_by_confidence(ann):
    named, *others = ann.add(6)
    ada, _ = ann.people.name("ann", [named], "Ada")
    ann.people.suggest("ann", dict(zip(others, [(ada, each) for each in (0.6, 0.97, 0.49, 0.5, 0.9)], strict=True)))
    a, b, c, d, e = others
    faces, count = ann.people.of_person("ann", ada)
    assert ([face.id for face in faces], count) == ([named, b, e, a, d], 5)
    assert [face.is_known(0.9) for face in faces] == [True, True, True, False, False]
    faces, count = ann.people.of_person("ann", ada, unsure_first=True, offset=1, limit=2)
    assert ([face.id for face in faces], count) == ([a, e], 5)
    assert c in ann.people.everybody("ann").unknown


def test_people_are_listed_by_how_many_faces_they_have(ann):
    faces = ann.add(5)
    ann.people.name("ann", faces[:1], "Ada")
    ann.people.name("ann", faces[1:4], "Grace")
    everybody = ann.people.everybody("ann")
    assert [each.name for each in everybody.people] == ["Grace", "Ada"]
    assert everybody.people[1].cover == faces[0] and everybody.people[0].cover in faces[1:4]
    assert everybody.unknown == faces[4:]


def test_a_person_is_renamed(ann):
    one, two = ann.add(2)
    ada, _ = ann.people.name("ann", [one], "Ada")
    grace, _ = ann.people.name("ann", [two], "Grace")
    ann.people.rename("ann", ada, "ada lovelace")
    ann.people.rename("ann", ada, "Ada Lovelace")
    with pytest.raises(NameTaken, match="Grace") as taken:
        ann.people.rename("ann", ada, "GRACE")
    assert taken.value.person_id == grace
    with pytest.raises(UserError, match="name needs"):
        ann.people.rename("ann", ada, "\n")
    assert ann.counts() == {"Ada Lovelace": (1, 0, 0), "Grace": (1, 0, 0)}
    ann.people.forget("ann", [two])
    ann.people.rename("ann", ada, "Grace")
    assert ann.counts() == {"Grace": (1, 0, 0)}


def test_two_people_become_one(ann):
    one, two, three, four, five = ann.add(5)
    ada, _ = ann.people.name("ann", [one], "Ada")
    grace, _ = ann.people.name("ann", [two, four, five], "Grace")
    ann.people.refuse("ann", [four, five])
    ann.people.name("ann", [five], "Ada")
    ann.people.suggest("ann", {three: (grace, 0.7), four: (ada, 0.9)})
    assert ann.people.merge("ann", grace, ada) == 2
    assert ann.counts() == {"Ada": (3, 0, 1)}
    assert ann.state(three) == (FOUND, "Ada", 0.7)
    assert ann.state(four) == (FOUND, None, 0)
    assert ann.state(five) == (NAMED, "Ada", 1)
    assert ann.people.suggest("ann", {four: (ada, 1.0)}) == 0
    with pytest.raises(UserError, match="another one"):
        ann.people.merge("ann", ada, ada)


def test_a_person_is_deleted_and_the_faces_are_nobodys(ann):
    one, two, three = ann.add(3)
    ada, _ = ann.people.name("ann", [one, three], "Ada")
    ann.people.suggest("ann", {two: (ada, 0.95)})
    ann.people.refuse("ann", [three])
    assert ann.people.delete("ann", ada) == 2
    assert ann.people.everybody("ann") == people.Everybody([], [one, two, three], [])
    assert all(each.refused == [] for each in ann.people.embedded("ann"))
    with pytest.raises(NotFound):
        ann.people.of_person("ann", ada)


def test_what_is_known_is_described(library, ann, bob):
    both, other = ann.add(1, (LEFT, RIGHT)), ann.add(1)
    ann.add(1)
    ada, _ = ann.people.name("ann", [both[1]], "Ada")
    ann.people.suggest("ann", {both[0]: (ada, 0.91), other[0]: (ada, 0.89)})
    hidden = bob.add(1)
    bob.people.name("bob", hidden, "Bob")
    described = ann.people.described("ann", [*ann.photos, *bob.photos, "gone"])
    assert described == {
        ann.photos[0]: (("Ada",), (Region("Ada", LEFT), Region("Ada", RIGHT))),
        ann.photos[1]: ((), ()),
        ann.photos[2]: ((), ()),
    }


def test_an_owner_says_how_sure_a_name_must_be(library, ann):
    one, two = ann.add(2)
    ada, _ = ann.people.name("ann", [one], "Ada")
    ann.people.suggest("ann", {two: (ada, 0.7)})
    library.gallery.set("ann", face_sure=0.6)
    assert ann.counts() == {"Ada": (1, 1, 0)}
    assert ann.people.everybody("ann").unknown == []
    assert ann.people.described("ann", ann.photos)[ann.photos[1]][0] == ("Ada",)


def test_photos_in_the_trash_do_not_count_but_come_back_as_they_were(library, ann):
    one, two = ann.add(2)
    ada, _ = ann.people.name("ann", [one, two], "Ada")
    library.delete("ann", ann.photos[0])
    assert ann.counts() == {"Ada": (1, 0, 0)}
    assert [face.id for face in ann.people.of_person("ann", ada)[0]] == [two]
    assert [each.id for each in ann.people.embedded("ann")] == [two]
    assert ann.people.faces("ann", [one]) == ann.people.of("ann", ann.photos[0]) == []
    assert list(ann.people.described("ann", ann.photos)) == [ann.photos[1]]
    with pytest.raises(NotFound):
        ann.people.forget("ann", [one])
    ann.people.rename("ann", ada, "Grace")
    library.restore("ann", ann.photos[0])
    assert ann.counts() == {"Grace": (2, 0, 0)}
    library.delete("ann", ann.photos[1])
    library.purge(datetime.now(UTC) + timedelta(days=TRASH_DAYS + 1))
    assert ann.counts() == {"Grace": (1, 0, 0)}


def test_everybody_is_their_owners_alone(ann, bob):
    (mine,), (theirs,) = ann.add(), bob.add()
    ada, _ = ann.people.name("ann", [mine], "Ada")
    bobs, _ = bob.people.name("bob", [theirs], "Ada")
    assert ada != bobs
    of_faces = [ann.people.confirm, ann.people.refuse, ann.people.ignore, ann.people.forget]
    attempts = [
        *(lambda act=act: act("bob", [theirs, mine]) for act in of_faces),
        lambda: ann.people.name("bob", [mine], "Eve"),
        lambda: ann.people.crop("bob", mine),
        lambda: ann.people.of("bob", ann.photos[0]),
        lambda: ann.people.take("bob", ann.photos[0], [seen()], [], "dlib"),
        lambda: ann.people.of_person("bob", ada),
        lambda: ann.people.embedded("bob", ada),
        lambda: ann.people.rename("bob", ada, "Eve"),
        lambda: ann.people.merge("bob", ada, bobs),
        lambda: ann.people.merge("bob", bobs, ada),
        lambda: ann.people.delete("bob", ada),
    ]
    for attempt in attempts:
        with pytest.raises(NotFound):
            attempt()
    assert ann.people.faces("bob", [mine]) == []
    assert ann.people.suggest("bob", {mine: (bobs, 0.9)}) == 0
    assert (ann.counts(), bob.counts()) == ({"Ada": (1, 0, 0)}, {"Ada": (1, 0, 0)})


def test_people_move_with_the_photos_and_those_of_one_name_become_one(library, ann, bob):
    one, two, three = ann.add(3)
    ann.people.name("ann", [one], "Ada")
    ann.people.name("ann", [two, three], "Grace")
    ann.people.refuse("ann", [three])
    bob.photos = ["taken"] * 3  # so that bob's photos are others
    (theirs,) = bob.add()
    bob.people.name("bob", [theirs], "grace")
    library.move("ann", "bob")
    assert ann.people.everybody("ann") == people.Everybody([], [], [])
    assert bob.counts() == {"grace": (2, 0, 0), "Ada": (1, 0, 0)}
    assert bob.people.suggest("bob", {three: (bob.id("grace"), 1.0)}) == 0
    assert bob.people.suggest("bob", {three: (bob.id("Ada"), 1.0)}) == 1


def test_what_was_said_of_a_photo_that_the_new_owner_has_is_said_of_that(library, ann, bob):
    one, two, three, four = ann.add(4)
    ann.people.name("ann", [one, four], "Ada")
    ann.people.ignore("ann", [two])
    ann.people.name("ann", [three], "Grace")
    ann.people.refuse("ann", [three])
    faces = bob.add(4)
    bob.people.name("bob", [faces[3]], "Bob")
    grace = ann.id("Ada")
    library.move("ann", "bob")
    assert library.photos("bob")[1] == 4
    assert [bob.state(face)[:2] for face in faces] == [(NAMED, "Ada"), (IGNORED, None), (FOUND, None), (NAMED, "Bob")]
    assert bob.counts() == {"Ada": (1, 0, 0), "Bob": (1, 0, 0)} and bob.id("Ada") == grace
    assert [len(each.refused) for each in bob.people.embedded("bob")] == [0, 0, 1, 0]


def test_what_was_said_of_a_photo_whose_faces_the_new_owner_has_not_seen_yet_is_kept(library, ann):
    (face,) = ann.add()
    ann.people.name("ann", [face], "Ada")
    photo = library.add("bob", "0.png", picture(0))[0].id
    library.move("ann", "bob")
    assert library.photos("bob")[1] == 1
    ann.people.take("bob", photo, [seen()], [], "dlib")
    (face,) = ann.people.of("bob", photo)
    assert (face.state, face.name) == (NAMED, "Ada")


@pytest.fixture
def astronaut(library) -> str:
    photo = library.add("ann", "astronaut.jpg", example("astronaut.jpg"))[0].id
    library.people.take("ann", photo, [seen(FACE_BOX, 1), seen((0.9, -0.05, 1.02, 0.07), 2)], [], "dlib")
    return photo


def test_a_face_is_cut_out_of_its_photo(home, library, astronaut):
    face, edge = library.people.of("ann", astronaut)
    path = library.people.crop("ann", face.id)
    assert path == library.people.crop("ann", face.id)
    with Pillow.open(path) as crop:
        assert (crop.format, crop.size) == ("WEBP", (FACE_EDGE, FACE_EDGE))
        shown = np.asarray(crop.convert("RGB"), float)
    with Pillow.open(library.original("ann", astronaut)) as whole:
        width, height = whole.size
        side = 1.8 * max(0.21 * width, 0.24 * height)
        x, y = 0.435 * width - side / 2, max(0, (0.24 - 0.024) * height - side / 2)  # a little up, for the hair
        expected = np.asarray(whole.resize((FACE_EDGE,) * 2, box=(x, y, x + side, y + side)), float)
    assert np.abs(shown - expected).mean() < 6
    assert Pillow.open(library.people.crop("ann", edge.id)).size == (FACE_EDGE, FACE_EDGE)
    assert len(list((home / "faces").rglob("*.*"))) == 0 and len(files(home / "faces")) == 2


def test_the_crops_of_a_photo_are_made_at_once(home, library, astronaut):
    smaller = library.people.of("ann", astronaut)[1]
    library.people.crop("ann", smaller.id)
    assert len(files(home / "faces")) == 2


def test_crops_go_with_the_last_photo_of_their_content(home, library, astronaut):
    face = library.people.of("ann", astronaut)[0]
    twin = library.add("bob", "astronaut.jpg", example("astronaut.jpg"))[0].id
    library.people.crop("ann", face.id)
    later = datetime.now(UTC) + timedelta(days=TRASH_DAYS + 1)
    library.delete("ann", astronaut)
    library.purge(later)
    assert files(home / "faces")
    library.delete("bob", twin)
    library.purge(later)
    assert not files(home / "faces")


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (3000, 2)])
def test_a_face_of_any_photo_can_be_cut_out(library, tmp_path, size):
    path = tmp_path / "x.png"
    Pillow.new("RGB", size, "red").save(path)
    photo = library.add("ann", PurePath(path).name, path.read_bytes())[0].id
    library.people.take("ann", photo, [seen((0, 0, 0, 0)), seen((-1, -1, 2, 2))], [], "dlib")
    for face in library.people.of("ann", photo):
        assert Pillow.open(library.people.crop("ann", face.id)).size == (FACE_EDGE, FACE_EDGE)


def many_faces(library, owner: str, embeddings: np.ndarray, a_photo: int = 5) -> list[str]:
    """Write faces, so many a photo, straight into the tables; gives their ids, in order."""
    first = library.add(owner, "first.png", picture(1))[0]
    rows, photos = [], []
    for number, embedding in enumerate(embeddings):
        if number % a_photo == 0:
            photos.append({
                "id": f"photo{number:06}", "owner": owner, "sha256": first.sha256, "name": f"{number}.png",
                "original_name": "x", "rating": 0, "created_at": datetime(2024, 1, 1, tzinfo=UTC),
            })  # fmt: skip
        rows.append({
            "id": f"face{number:06}", "photo_id": photos[-1]["id"], "number": number % a_photo,
            "box": [0.1, 0.1, 0.2, 0.2], "sure": 0.99, "engine": "dlib", "embedding": embedding.tobytes(),
            "person_id": None, "confidence": 0.0, "state": FOUND, "refused": [],
        })  # fmt: skip
    with library.database.write() as connection:
        connection.execute(sa.insert(database.photo), photos)
        connection.execute(sa.insert(database.face), rows)
    return [row["id"] for row in rows]


@pytest.mark.sqlite
def test_ten_thousand_faces_are_quick(library):
    faces = many_faces(library, "ann", np.zeros((10_000, 128), np.float32))
    start = time.process_time()
    ada, changed = library.people.name("ann", faces[:5000], "Ada")
    assert changed == 5000
    assert library.people.suggest("ann", {face: (ada, 0.95) for face in faces[5000:]}) == 5000
    everybody = library.people.everybody("ann")
    assert (everybody.people[0].named, everybody.people[0].found) == (5000, 5000)
    assert all(isinstance(each, Embedded) for each in library.people.embedded("ann"))
    assert len(library.people.described("ann", [f"photo{number:06}" for number in range(0, 10_000, 5)])) == 2000
    assert len(library.people.of_person("ann", ada, limit=100)[0]) == 100
    assert time.process_time() - start < 10
