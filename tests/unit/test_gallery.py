"""What engines, files and owners say of photos: corrections stay, and all of it leaves as it is meant."""

import numpy as np
import pytest

from envo import description, metadata, xmp
from envo.description import Description
from envo.errors import NotFound, UserError
from envo.file import PhotoFile
from envo.finding import Finder, Wish
from envo.gallery import ACCEPTED, FOUND, OF_FILE, REMOVED, SeenFace, Sight, Tag
from tests.unit.test_library import example, picture

pytestmark = pytest.mark.both_databases

DOG = Tag("dog", 0.8, "objects", "YOLO11 nano", ("animals",), ((0.1, 0.2, 0.5, 0.6),))
CAT = Tag("cat", 0.3, "subject", "EfficientNet-Lite0", ("animals",))


def add(library, owner: str = "ann", shade: int = 1) -> str:
    row, _ = library.add(owner, f"{shade}.png", picture(shade))
    return row.id


def states(library, photo_id: str, owner: str = "ann") -> dict[str, str]:
    return {tag.word: tag.state for tag in library.gallery.tags(owner, photo_id)}


def test_photos_are_tagged_from_when_their_owner_opens_the_gallery(library):
    first = add(library)
    assert library.gallery.untagged("", 9) == [] and not library.gallery.settings("ann").is_open
    library.gallery.open("ann")
    second = add(library, shade=2)
    assert [each.id for each in library.gallery.untagged("", 9)] == [first, second]
    assert [each.id for each in library.gallery.untagged("", 9, known=[first])] == [second]
    assert library.gallery.progress("ann") == (0, 2)
    library.gallery.take("ann", first, [DOG])
    library.delete("ann", second)
    assert library.gallery.untagged("", 9) == [] and library.gallery.progress("ann") == (1, 1)


def test_one_with_many_photos_does_not_hold_up_the_others(library):
    for owner, count in (("ann", 5), ("bob", 2)):
        library.gallery.open(owner)
        for shade in range(count):
            add(library, owner, shade)
    assert [each.owner for each in library.gallery.untagged("", 4)] in (
        [one, other, third, fourth]
        for one, other in (("ann", "bob"), ("bob", "ann"))
        for third, fourth in (("ann", "bob"), ("bob", "ann"))
    )


def test_who_wants_another_engine_gets_it_and_tags_anew(library):
    library.gallery.open("ann")
    photo_id = add(library)
    library.gallery.take("ann", photo_id, [DOG, CAT])
    library.gallery.correct("ann", [photo_id], remove=["cat"])
    library.gallery.set("ann", detector="YOLO11 small")
    assert library.gallery.detectors() == []
    library.gallery.look_again("ann", [photo_id])
    assert library.gallery.detectors() == ["YOLO11 small"] and library.gallery.untagged("", 9) == []
    assert len(library.gallery.untagged("YOLO11 small", 9)) == 1
    library.gallery.take("ann", photo_id, [CAT])
    assert states(library, photo_id) == {"cat": REMOVED}


def test_who_looks_again_takes_nothing_from_others_who_have_the_same(library):
    mine, theirs = add(library), add(library, "bob")
    sha256 = library.photo("ann", mine).sha256
    for owner, photo_id in (("ann", mine), ("bob", theirs)):
        library.gallery.open(owner)
        library.gallery.take(owner, photo_id, [DOG])
    library.gallery.set_sight(sha256, Sight((DOG,), np.ones(1, np.float32), "one"))
    library.gallery.look_again("ann", [mine])
    (waiting,) = library.gallery.untagged("", 9)
    assert (waiting.id, waiting.is_outdated) == (mine, True)
    assert library.gallery.sight(sha256).tags == (DOG,) and list(library.gallery.seen("bob")) == [theirs]
    library.gallery.correct("bob", [theirs], remove=["dog"])
    library.gallery.correct("bob", [theirs], forget=["dog"])
    assert states(library, theirs, "bob") == {"dog": FOUND}, "what engines saw is known"
    library.gallery.take("ann", mine, [CAT])
    library.gallery.look_again("bob", [theirs])
    assert [each.id for each in library.gallery.untagged("", 9)] == [theirs]


def test_what_was_seen_is_read_as_it_was_kept(library):
    photo_id = add(library)
    sha256 = library.photo("ann", photo_id).sha256
    assert library.gallery.sight(sha256) is None
    rng = np.random.default_rng(1)
    faces = tuple(SeenFace((0.1, 0.2, 0.3, 0.4), 0.99, rng.random(128, np.float32)) for _ in range(2))
    seen = Sight((DOG, CAT), rng.random(7, np.float32), "EfficientNet-Lite0", faces, "dlib")
    library.gallery.set_sight(sha256, seen)
    read = library.gallery.sight(sha256)
    assert (read.tags, read.engine, read.face_engine) == ((DOG, CAT), "EfficientNet-Lite0", "dlib")
    assert np.array_equal(read.embedding, seen.embedding)
    assert all(np.array_equal(one.embedding, other.embedding) for one, other in zip(read.faces, faces, strict=True))
    library.gallery.set_sight(sha256, Sight(trouble="It is damaged."))
    assert library.gallery.sight(sha256).trouble == "It is damaged."


def test_no_engine_undoes_a_correction(library):
    photo_id = add(library)
    library.gallery.take("ann", photo_id, [DOG, CAT])
    assert library.gallery.correct("ann", [photo_id], accept=["cat", "holiday"], remove=["dog"]) == 1
    library.gallery.take("ann", photo_id, [DOG, Tag("lamp", 0.6, "objects")])
    assert states(library, photo_id) == {"cat": ACCEPTED, "holiday": ACCEPTED, "dog": REMOVED, "lamp": FOUND}
    taught = {photo_id: [Tag("dog", 0.9, "taught"), Tag("lamp", 0.7, "taught")]}
    assert library.gallery.teach("ann", taught, ["dog", "lamp"])
    assert states(library, photo_id) == {"cat": ACCEPTED, "holiday": ACCEPTED, "dog": REMOVED, "lamp": FOUND}
    assert [tag.origin for tag in library.gallery.tags("ann", photo_id) if tag.word == "lamp"] == ["taught"]
    assert not library.gallery.teach("ann", taught, ["dog", "lamp"])


def test_a_correction_is_taken_back(library):
    photo_id = add(library)
    library.gallery.set_sight(library.photo("ann", photo_id).sha256, Sight((DOG,), np.ones(1, np.float32)))
    library.gallery.take("ann", photo_id, [DOG])
    library.gallery.correct("ann", [photo_id], accept=["holiday"], remove=["dog"])
    assert library.gallery.correct("ann", [photo_id], forget=["holiday", "dog", "nothing"]) == 1
    assert library.gallery.tags("ann", photo_id) == [DOG]


def test_where_nothing_was_said_of_a_word_there_is_nothing_to_take_back(library):
    photo_id = add(library)
    assert library.gallery.teach("ann", {photo_id: [Tag("whiskers", 0.9, "taught")]}, ["whiskers"])
    assert library.gallery.correct("ann", [photo_id], forget=["whiskers"]) == 0
    assert states(library, photo_id) == {"whiskers": FOUND}


def test_many_photos_are_corrected_at_once_and_counted(library):
    ids = [add(library, shade=shade) for shade in range(3)]
    library.gallery.take("ann", ids[0], [DOG])
    library.gallery.take("ann", ids[1], [DOG])
    assert library.gallery.correct("ann", ids, accept=["dog"], parents=lambda word: ("animals",)) == 3
    assert [tag.parents for id in ids for tag in library.gallery.tags("ann", id)] == [("animals",)] * 3
    assert library.gallery.correct("ann", ids, accept=["dog"]) == 0
    assert library.gallery.rename("ann", ids[:2], "dog", "Hündin") == 2
    assert [states(library, id) for id in ids] == [{"dog": REMOVED, "Hündin": ACCEPTED}] * 2 + [{"dog": ACCEPTED}]
    assert library.gallery.words("ann", "hÜ") == ["Hündin"] and library.gallery.words("ann", "d") == ["dog"]


@pytest.mark.parametrize("word", ["", "  ", "|", "\u202e"])
def test_a_tag_has_letters(library, word):
    with pytest.raises(UserError, match="at least one letter"):
        library.gallery.correct("ann", [add(library)], accept=[word])


def test_nobody_changes_what_is_said_of_the_photos_of_others(library):
    photo_id = add(library)
    library.gallery.take("ann", photo_id, [DOG])
    gallery = library.gallery
    assert gallery.correct("eve", [photo_id], accept=["mine"], remove=["dog"]) == 0
    assert gallery.rename("eve", [photo_id], "dog", "mine") == 0
    assert gallery.change("eve", [photo_id], rating=5) == 0
    assert not gallery.teach("eve", {photo_id: [Tag("dog", 0.1, "taught")]}, ["dog"])
    gallery.look_again("eve", [photo_id])
    assert gallery.described("eve", [photo_id]) == {} and gallery.words("eve", "d") == []
    for ask in (gallery.tags, lambda *who: gallery.take(*who, [CAT]), lambda *who: gallery.set_title(*who, "mine")):
        with pytest.raises(NotFound):
            ask("eve", photo_id)
    assert gallery.tags("ann", photo_id) == [DOG] and library.photo("ann", photo_id).title == ""


def test_photos_leave_with_what_counts(library):
    photo_id = add(library)
    library.gallery.take("ann", photo_id, [DOG, CAT, Tag("animals", 0.9, "category"), Tag("dusk", 0.4, "scene")])
    library.gallery.correct("ann", [photo_id], accept=["cat"], remove=["animals"])
    library.gallery.set_title("ann", photo_id, "  Rex  and Mia ")
    library.rate("ann", photo_id, 4)
    library.rename("ann", photo_id, "rex.png")
    said, tags = library.gallery.described("ann", [photo_id])[photo_id]
    assert said == Description(tags=("dog", "cat"), rating=4, title="Rex and Mia", original_name="1.png")
    assert [tag.word for tag in tags] == ["dog", "cat"]
    library.gallery.correct("ann", [photo_id], forget=["animals"])
    library.gallery.set("ann", tag_sure=0.35)
    said, _ = library.gallery.described("ann", [photo_id])[photo_id]
    assert said.tags == ("animals|dog", "dusk", "animals|cat")


def test_a_confidence_is_a_share(library):
    with pytest.raises(UserError, match="between 0 and 1"):
        library.gallery.set("ann", tag_sure=1.5)


def test_what_a_file_says_is_taken_over(library):
    said = Description(tags=("Urlaub", "Tiere|Hunde"), rating=3, title="Am Meer")
    data = description.write(PhotoFile(example()), said).data
    row, _ = library.add("ann", "a.jpg", data)
    assert (row.rating, row.title) == (3, "Am Meer")
    tags = {tag.word: tag for tag in library.gallery.tags("ann", row.id)}
    assert {word: (tag.parents, tag.origin, tag.state) for word, tag in tags.items()} == {
        "Urlaub": ((), OF_FILE, ACCEPTED),
        "Hunde": (("Tiere",), OF_FILE, ACCEPTED),
    }
    assert library.gallery.described("ann", [row.id])[row.id][0].tags == ("Tiere|Hunde", "Urlaub")
    library.gallery.correct("ann", [row.id], remove=["Urlaub"])
    said, _ = library.gallery.described("ann", [row.id])[row.id]
    assert description.read(PhotoFile(description.write(PhotoFile(data), said).data)).tags == ("Tiere|Hunde",)


def test_the_file_beside_a_photo_counts_for_more(library):
    sidecar = description.write(PhotoFile(example(), b"<none>"), Description(rating=5)).sidecar
    row, _ = library.add("ann", "a.jpg", description.write(PhotoFile(example()), Description(rating=2)).data, sidecar)
    assert row.rating == 5 and library.sidecar("ann", row.id) == sidecar


def test_a_copy_is_said_to_be_what_the_photo_is(library):
    photo_id = add(library)
    library.gallery.take("ann", photo_id, [DOG, CAT])
    library.gallery.correct("ann", [photo_id], remove=["dog"])
    library.gallery.set_title("ann", photo_id, "Rex")
    twin = library.copy("ann", photo_id)
    assert states(library, twin.id) == {"dog": REMOVED, "cat": FOUND} and twin.title == "Rex"


def test_a_restored_photo_keeps_what_its_owner_said(library):
    photo_id = add(library)
    library.gallery.open("ann")
    library.gallery.take("ann", photo_id, [DOG])
    library.gallery.correct("ann", [photo_id], accept=["Oma"])
    library.rate("ann", photo_id, 5)
    restored = library.restorations.add("ann", photo_id, (picture(9), "PNG"), []).photo_id
    assert states(library, restored) == {"Oma": ACCEPTED} and library.photo("ann", restored).rating == 5
    assert [each.id for each in library.gallery.untagged("", 9)] == [restored]


def test_it_all_goes_with_the_photos_when_a_visitor_signs_in(library):
    library.gallery.open("visitor")
    library.gallery.set("visitor", tag_sure=0.7)
    mine, both = add(library, "visitor", 1), add(library, "visitor", 2)
    library.gallery.correct("visitor", [both], accept=["Urlaub"])
    add(library, "ann", 2)
    add(library, "visitor", 3)
    add(library, "ann", 3)
    library.move("visitor", "ann")
    assert states(library, both) == {"Urlaub": ACCEPTED} and library.photo("ann", mine)
    assert library.photos("ann")[1] == 4, "the one that says nothing of its own is not doubled"
    assert library.gallery.settings("ann").tag_sure == 0.7 and not library.gallery.settings("visitor").is_open


def tagged(*tags: str) -> bytes:
    """Make a photo whose file has these tags, as they are spelt."""
    packet = xmp.Packet()
    packet.set("dc:subject", list(tags))
    return metadata.set_xmp(picture(len("".join(tags))), bytes(packet))


def test_words_that_people_take_for_one_are_one(library):
    cat, _ = library.add("ann", "a.png", tagged("Cat", "cat", "Ca\u0303o"))
    dog, _ = library.add("ann", "b.png", tagged("Cão"))
    library.gallery.take("ann", cat.id, [Tag("cat", 0.9, "objects"), DOG])
    library.gallery.take("ann", dog.id, [Tag("cat", 0.9, "objects"), DOG])
    assert set(states(library, cat.id)) == {"cat", "Cão", "dog"}
    assert set(states(library, dog.id)) == {"cat", "Cão", "dog"}
    facets = Finder(library).facets("ann", Wish())
    assert sorted((tag.value, tag.count) for tag in facets.tags) == [("Cão", 2), ("cat", 2), ("dog", 2)]
    for word in ("CAT", "cat", "Cat"):
        assert len(Finder(library).ids("ann", Wish(tags=(word,)))) == 2
        assert len(Finder(library).ids("ann", Wish(words=word))) == 2
    assert len(Finder(library).ids("ann", Wish(words="ca\u0303o"))) == 2
    assert library.gallery.words("ann", "C") == ["cat", "Cão"]
    assert {tag.word for tag in Finder(library).summary("ann", [cat.id, dog.id])[0]} == {"cat", "Cão", "dog"}
    # What a file says leaves as it is spelt there.
    said, _ = library.gallery.described("ann", [cat.id])[cat.id]
    left = description.read(PhotoFile(description.write(PhotoFile(tagged("Cat", "Cão")), said).data))
    assert set(left.tags) == {"Cat", "Cão", "animals|dog"}


def test_corrections_are_of_a_word_however_it_is_spelt(library):
    photo_id = add(library)
    library.gallery.take("ann", photo_id, [DOG, CAT])
    assert library.gallery.correct("ann", [photo_id], accept=["Cat"], remove=["DOG"]) == 1
    assert states(library, photo_id) == {"cat": ACCEPTED, "dog": REMOVED}
    library.gallery.take("ann", photo_id, [Tag("Dog", 0.9, "objects"), Tag("CAT", 0.9, "scene")])
    assert states(library, photo_id) == {"cat": ACCEPTED, "dog": REMOVED}
    assert library.gallery.rename("ann", [photo_id], "cat", "Cat") == 1
    assert states(library, photo_id) == {"Cat": ACCEPTED, "dog": REMOVED}
    assert library.gallery.rename("ann", [photo_id], "CAT", "Cat") == 0
    assert library.gallery.correct("ann", [photo_id], accept=["Holiday", "holiday"]) == 1
    assert library.gallery.correct("ann", [photo_id], forget=["HOLIDAY"]) == 1
    taught = {photo_id: [Tag("Lamp", 0.7, "taught"), Tag("Dog", 0.9, "taught")]}
    assert library.gallery.teach("ann", taught, ["lamp", "dog"])
    assert states(library, photo_id) == {"Cat": ACCEPTED, "dog": REMOVED, "Lamp": FOUND}


def test_what_there_is_to_learn_of_a_word_is_told_once(library):
    ids = [add(library, shade=shade) for shade in range(2)]
    for photo_id, word in zip(ids, ("Mia", "mia"), strict=True):
        sha256 = library.photo("ann", photo_id).sha256
        library.gallery.set_sight(sha256, Sight((), np.ones(1, np.float32), "EfficientNet-Lite0"))
        library.gallery.take("ann", photo_id, [])
        library.gallery.correct("ann", [photo_id], accept=[word])
    assert [set(tags) for _, tags in library.gallery.seen("ann").values()] == [{"mia"}, {"mia"}]
