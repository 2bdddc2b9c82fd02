"""Photos are found by all that is said of them, and by what they look like."""

import io
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
import sqlalchemy as sa
from PIL import Image, ImageEnhance

from envo import database, description
from envo.description import Description, Region
from envo.errors import NotFound
from envo.file import PhotoFile
from envo.finding import Facet, Finder, Wish
from envo.gallery import SeenFace, Sight, Tag
from envo.settings import TRASH_DAYS
from tests.unit.test_library import example

pytestmark = pytest.mark.both_databases

TAGS = {
    "astronaut.jpg": [("space suit", 0.9, ("clothing",)), ("person", 0.95, ()), ("indoor", 0.4, ())],
    "coffee.jpg": [("cup", 0.8, ("kitchenware",)), ("food", 0.7, ())],
    "chelsea.jpg": [("cat", 0.9, ("animals",)), ("animals", 0.9, ()), ("indoor", 0.6, ())],
    "rocket.jpg": [("rocket", 0.6, ()), ("Ärger", 0.55, ())],
}
SHOTS = {"astronaut.jpg": "2024:05:06 07:08:09", "coffee.jpg": "2023:12:31 23:59:59"}


@pytest.fixture
def ids(library) -> dict[str, str]:
    """Four photos of ann's with tags, the first one also with a face that its file names."""
    found = {}
    for place, (name, tags) in enumerate(TAGS.items()):
        data = example(name)
        if name in SHOTS:
            exif = Image.Exif()
            exif[0x0110], exif.get_ifd(0x8769)[0x9003] = f"Camera {place}", SHOTS[name]
            file = io.BytesIO()
            Image.open(io.BytesIO(data)).save(file, "JPEG", exif=exif)
            data = file.getvalue()
        if name == "astronaut.jpg":
            data = description.write(
                PhotoFile(data), Description(regions=(Region("Eileen", (0.3, 0.1, 0.5, 0.3)),))
            ).data
        row, _ = library.add("ann", name, data)
        looks = np.eye(4, dtype=np.float32)[place] + 0.6 * (place == 3) * np.eye(4, dtype=np.float32)[1]
        seen = tuple(Tag(word, sure, "subject", "", parents) for word, sure, parents in tags)
        library.gallery.set_sight(row.sha256, Sight(seen, looks / np.linalg.norm(looks), "EfficientNet-Lite0"))
        library.gallery.take("ann", row.id, seen)
        face = SeenFace((0.31, 0.1, 0.5, 0.31), 0.99, np.zeros(128, np.float32))
        regions = library.said("ann", row.id).regions or ()
        library.people.take("ann", row.id, [face] if regions else [], regions, "dlib")
        found[name.removesuffix(".jpg")] = row.id
    return found


def names(library, owner: str = "ann", **wish) -> list[str]:
    photos, count = Finder(library).photos(owner, Wish(**wish))
    assert count == len(photos)
    return [each.photo.name.removesuffix(".jpg") for each in photos]


@pytest.mark.parametrize(
    "words, found",
    [
        ("", ["rocket", "chelsea", "coffee", "astronaut"]),
        ("coffee", ["coffee"]),
        ("COFF", ["coffee"]),
        ("cats", ["chelsea"]),
        ("ca", ["coffee", "astronaut"]),  # of "Camera"; too short for the beginning of a tag
        ("suit", ["astronaut"]),
        ('"space suit"', ["astronaut"]),
        ('"suit space"', []),
        ("ÄRGER", ["rocket"]),
        ("eileen", ["astronaut"]),
        ("camera 1", ["coffee"]),
        ("2024-05", ["astronaut"]),
        ("indoor", ["chelsea"]),
        ("-indoor -cup", ["rocket", "astronaut"]),
        ("cat dog", []),
        ("100%", []),
    ],
)
def test_by_words(library, ids, words, found):
    assert names(library, words=words) == found


def test_by_tag_and_how_sure_it_is(library, ids):
    assert names(library, tags=("indoor",)) == ["chelsea"]
    assert names(library, tags=("indoor",), unsure=True, order="sure") == ["chelsea", "astronaut"]
    assert names(library, tags=("indoor",), unsure=True, order="unsure") == ["astronaut", "chelsea"]
    (listed,), _ = Finder(library).photos("ann", Wish(tags=("indoor",)))
    assert listed.confidence == 0.6
    assert names(library, tags=("animals", "indoor")) == ["chelsea"]
    library.gallery.correct("ann", [ids["astronaut"]], accept=["indoor"])
    library.gallery.correct("ann", [ids["chelsea"]], remove=["indoor"])
    assert names(library, tags=("indoor",), unsure=True) == ["astronaut"]


def test_by_stars_date_and_camera(library, ids):
    library.rate("ann", ids["coffee"], 3)
    assert names(library, rating=3) == ["coffee"] and names(library, rating=4) == []
    assert names(library, since=date(2024, 5, 6), until=date(2024, 5, 6)) == ["astronaut"]
    assert names(library, until=date(2024, 5, 5)) == ["coffee"]
    assert names(library, camera="Camera 0") == ["astronaut"]


def test_in_the_order_that_is_asked_for(library, ids):
    library.rate("ann", ids["coffee"], 3)
    assert names(library, order="name") == ["astronaut", "chelsea", "coffee", "rocket"]
    assert names(library, order="rating")[0] == "coffee"
    assert names(library, order="taken")[-2:] == ["astronaut", "coffee"]


def test_what_is_surely_asked_for_comes_first(library, ids):
    tags = {"rocket": 0.9, "coffee": 0.6, "chelsea": 0.95}
    for name, sure in tags.items():
        library.gallery.take("ann", ids[name], [Tag("sky", sure, "subject")])
    library.gallery.correct("ann", [ids["coffee"]], accept=["sky"])
    library.gallery.set_title("ann", ids["astronaut"], "Beyond the sky")
    library.gallery.correct("ann", [ids["astronaut"]], remove=["sky"])
    assert names(library, words="sky", order="sure")[2:] == ["chelsea", "rocket"]
    assert names(library, words="sky", order="unsure")[:2] == ["rocket", "chelsea"]
    assert names(library, words="sky -beyond", order="sure") == ["coffee", "chelsea", "rocket"]


def test_by_person(library, ids):
    (person,) = Finder(library).facets("ann", Wish()).people
    assert (person.value, person.count) == ("Eileen", 1)
    assert names(library, person=person.id) == ["astronaut"]


def test_by_likeness(library, ids):
    assert names(library, like=ids["coffee"]) == ["coffee", "rocket"]
    assert names(library, like=ids["chelsea"]) == ["chelsea"]
    with pytest.raises(NotFound):
        Finder(library).photos("eve", Wish(like=ids["coffee"]))


def test_a_square_of_a_photo_shows_the_heads_else_the_surest_thing(library, ids):
    def focus(name: str) -> tuple[float, float] | None:
        (listed,) = Finder(library).listed("ann", [ids[name]])
        return listed.focus

    assert focus("astronaut") == pytest.approx((0.4, 0.2), abs=0.02)
    assert focus("coffee") is None
    cup, person = Tag("cup", 0.8, "objects", "", (), ((0.1, 0.2, 0.3, 0.8),)), (0.6, 0.0, 0.8, 1.0)
    library.gallery.take("ann", ids["coffee"], [cup, Tag("spoon", 0.4, "objects", "", (), ((0.9, 0.9, 1, 1),))])
    assert focus("coffee") == pytest.approx((0.2, 0.5))
    library.gallery.take("ann", ids["coffee"], [cup, Tag("person", 0.9, "objects", "", (), (person, (0, 0, 0.1, 0.1)))])
    assert focus("coffee") == pytest.approx((0.7, 0.15))
    # Several heads are in sight together, less those of bystanders.
    boxes = ((0.1, 0.1, 0.2, 0.2), (0.4, 0.1, 0.5, 0.2), (0.9, 0.9, 0.92, 0.92))
    library.people.take(
        "ann", ids["coffee"], [SeenFace(box, 0.99, np.zeros(128, np.float32)) for box in boxes], [], "dlib"
    )
    assert focus("coffee") == pytest.approx((0.3, 0.15))


def test_what_is_of_the_same_kind_is_alike_and_likeness_ends(library, ids):
    """A narrow word in common tells more than a wide one, and one taken off tells nothing."""
    looks = np.eye(9, dtype=np.float32) + 0.5 * np.eye(9, dtype=np.float32)[8]  # any two photos are a little alike

    def added(name: str, axis: int, *tags: tuple[str, float, tuple[str, ...]]) -> str:
        seen = tuple(Tag(word, sure, "subject", "", parents) for word, sure, parents in tags)
        row, _ = library.add("ann", f"{name}.jpg", variant("coffee.jpg", axis))
        library.gallery.set_sight(row.sha256, Sight(seen, looks[axis] / np.linalg.norm(looks[axis]), "another engine"))
        library.gallery.take("ann", row.id, seen)
        return row.id

    animals, mammal = ("animals", 0.95, ()), ("mammal", 0.95, ("animals",))
    beagle = added("beagle", 4, animals, mammal, ("dog", 0.9, ("animals", "mammal")))
    pug = added("pug", 5, animals, mammal, ("dog", 0.8, ("animals", "mammal")))
    added("cow", 6, animals, mammal, ("cow", 0.9, ("animals", "mammal")))
    library.add("ann", "not looked at.jpg", variant("coffee.jpg", 7))
    assert names(library, like=beagle) == ["beagle", "pug"]
    library.gallery.correct("ann", [pug], remove=["dog"])
    assert names(library, like=beagle) == ["beagle"]


def variant(name: str, place: int = 0) -> bytes:
    image = Image.open(io.BytesIO(example(name)))
    image = ImageEnhance.Brightness(image.resize((image.width // 2, image.height // 2))).enhance(1.1 + 0.05 * place)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=50)
    return file.getvalue()


def test_photos_that_look_the_same_are_told(library, ids):
    finder = Finder(library)
    assert finder.looks_like("ann", ids["coffee"]) == [] and finder.twins("ann") == 0
    row, _ = library.add("ann", "small.jpg", variant("coffee.jpg"))
    assert [other.id for other in finder.looks_like("ann", row.id)] == [ids["coffee"]]
    assert names(library, twins=True) == ["small", "coffee"] and finder.twins("ann") == 2
    library.delete("ann", ids["coffee"])
    assert finder.looks_like("ann", row.id) == []
    library.restore("ann", ids["coffee"])
    assert [other.id for other in finder.looks_like("ann", row.id)] == [ids["coffee"]]


def test_photos_that_look_the_same_are_told_whoever_brought_or_lost_them(library, ids):
    finder = Finder(library)
    row, _ = library.add("ann", "small.jpg", variant("coffee.jpg"))
    assert finder.twins("ann") == 2
    library.add("visitor", "rocket.jpg", variant("rocket.jpg"))
    library.move("visitor", "ann")
    assert finder.twins("ann") == 4 and finder.twins("visitor") == 0
    library.delete("ann", row.id)
    library.purge(datetime.now(UTC) + timedelta(days=TRASH_DAYS + 1))
    library.add("ann", "other.jpg", variant("chelsea.jpg"))
    assert sorted(names(library, twins=True)) == ["chelsea", "other", "rocket", "rocket"]
    assert finder.twins("ann") == 4


def test_a_photo_whose_likeness_is_read_late_is_compared_then(library, ids):
    with library.database.write() as connection:
        connection.execute(sa.update(database.blob).values(likeness=None))
    finder = Finder(library)
    row, _ = library.add("ann", "small.jpg", variant("coffee.jpg"))
    assert finder.looks_like("ann", row.id) == []
    library.complete("ann", ids["coffee"])
    assert [other.id for other in finder.looks_like("ann", row.id)] == [ids["coffee"]]


def test_photos_are_told_apart_by_what_they_have(library, ids):
    facets = Finder(library).facets("ann", Wish())
    assert {(facet.value, facet.count, facet.parents) for facet in facets.tags} == {
        ("space suit", 1, ("clothing",)),
        ("person", 1, ()),
        ("cup", 1, ("kitchenware",)),
        ("food", 1, ()),
        ("cat", 1, ("animals",)),
        ("animals", 1, ()),
        ("indoor", 1, ()),
        ("rocket", 1, ()),
        ("Ärger", 1, ()),
    }
    assert {facet.value for facet in facets.cameras} == {"Camera 0", "Camera 1"}
    assert facets.months[-2:] == [Facet("2024-05", 1), Facet("2023-12", 1)] and facets.total == 4
    narrow = Finder(library).facets("ann", Wish(words="cat"))
    assert {facet.value for facet in narrow.tags} == {"cat", "animals", "indoor"} and narrow.total == 1


def test_what_chosen_photos_have_in_common(library, ids):
    library.gallery.correct("ann", [ids["coffee"]], accept=["indoor"])
    library.gallery.change("ann", [ids["coffee"], ids["chelsea"]], rating=2)
    tags, people, rating = Finder(library).summary("ann", list(ids.values()))
    indoor = next(tag for tag in tags if tag.word == "indoor")
    assert (indoor.count, indoor.accepted) == (2, 1) and [each.value for each in people] == ["Eileen"]
    assert rating is None
    assert Finder(library).summary("ann", [ids["coffee"], ids["chelsea"]])[2] == 2


def test_nobody_finds_the_photos_of_others(library, ids):
    finder = Finder(library)
    assert names(library, "eve") == [] and finder.listed("eve", list(ids.values())) == []
    assert finder.facets("eve", Wish()).total == 0 and finder.summary("eve", list(ids.values()))[0] == []


def test_what_is_in_the_trash_is_not_found(library, ids):
    library.delete("ann", ids["coffee"])
    assert "coffee" not in names(library) and Finder(library).facets("ann", Wish()).total == 3


def test_a_page_of_many(library, ids):
    photos, count = Finder(library).photos("ann", Wish(order="name"), offset=1, limit=2)
    assert ([each.photo.name for each in photos], count) == (["chelsea.jpg", "coffee.jpg"], 4)
