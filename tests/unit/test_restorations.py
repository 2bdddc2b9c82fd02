"""Restored photos are new photos of the library, tell what was done, and are seen by their owner alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from PIL import Image as Pillow

from envo import restorations
from envo.errors import UserError
from envo.library import Library, NotFound
from envo.restorations import Did
from envo.settings import TRASH_DAYS
from tests.unit.test_library import example, files, picture, url

STEPS = [
    Did("scratches", "envo-scratches", "Envo", {"strength": 80}, "Filled 214 scratches.", 2.5, True),
    Did("faces", "envo-faces", "Envo", {"strength": 100}, "Found no faces.", 0.5, False),
]


@pytest.fixture
def coffee(library) -> str:
    return library.add("ann", "Coffee.JPG", example())[0].id


def file_of(shade: int, format: str = "PNG") -> tuple[bytes, str]:
    return picture(shade, format), format


def add(library: Library, source: str, shade: int = 9, **more) -> restorations.Restoration:
    return library.restorations.add("ann", source, file_of(shade), STEPS, **more)


def test_a_restored_photo_is_a_new_one_named_after_its_original(library, coffee):
    made = add(library, coffee, notes=["The original has 16 bits a channel; the restored photo has 8."])
    assert (made.source_id, made.steps, made.seconds, made.before) == (coffee, STEPS, 3.0, False)
    row = library.photo("ann", made.photo_id)
    assert (row.name, row.original_name, row.format) == ("Coffee restored.png", "Coffee restored.png", "PNG")
    assert library.original("ann", row.id).read_bytes() == picture(9, "PNG")
    assert library.restorations.all("ann", coffee) == [library.restorations.one("ann", coffee, made.id)] == [made]
    assert library.restorations.before("ann", coffee, made.id, 100) is None
    assert library.edit("ann", row.id).version == 0


def test_it_is_there_again_after_closing(home, library, coffee):
    made = [add(library, coffee, shade) for shade in range(3)]
    library.close()
    assert Library(home, url(home)).restorations.all("ann", coffee) == made


def test_the_same_file_is_a_photo_of_its_own_each_time_under_another_name(library, coffee):
    made = [add(library, coffee) for _ in range(3)]
    names = [library.photo("ann", each.photo_id).name for each in made]
    assert names == ["Coffee restored.png", "Coffee restored 2.png", "Coffee restored 3.png"]
    assert len({each.photo_id for each in made}) == 3
    again = add(library, made[1].photo_id)
    assert library.photo("ann", again.photo_id).name == "Coffee restored 4.png"
    assert again.source_id == made[1].photo_id != again.photo_id


def test_names_stay_short_enough(library, coffee):
    library.rename("ann", coffee, "x" * 200)
    first, second = (library.photo("ann", add(library, coffee).photo_id).name for _ in range(2))
    assert (
        len(first) == 115
        and len(second) == 117
        and first.endswith("x restored.png")
        and second.endswith("x restored 2.png")
    )


def test_what_lies_under_it_is_kept_where_the_original_does_not(home, library, coffee):
    before = np.random.default_rng(1).integers(0, 255, (30, 5000, 3), np.uint8)
    made = add(library, coffee, before=before)
    assert made.before
    for edge, width in ((100, 4096), (4096, 4096), (4097, 5000), (99999, 5000)):
        path = library.restorations.before("ann", coffee, made.id, edge)
        with Pillow.open(path) as file:
            assert file.format == "JPEG" and file.width == width
    library.restorations.forget(library.photo("ann", coffee).sha256, coffee, made.id)
    assert files(home / "restorations") == []


def test_nothing_of_another_owner_can_be_seen(library, coffee):
    made = add(library, coffee, before=np.zeros((3, 3, 3), np.uint8))
    for ask in (
        lambda: library.restorations.all("bob", coffee),
        lambda: library.restorations.one("bob", coffee, made.id),
        lambda: library.restorations.before("bob", coffee, made.id, 1),
        lambda: library.restorations.add("bob", coffee, file_of(1), STEPS),
        lambda: library.restorations.one("ann", made.photo_id, made.id),
        lambda: library.restorations.one("ann", coffee, "another"),
    ):
        with pytest.raises(NotFound):
            ask()
    assert library.photos("bob")[1] == 0


def test_it_goes_with_its_photo_into_the_trash_and_comes_back(library, coffee):
    made = add(library, coffee)
    library.delete("ann", made.photo_id)
    assert library.restorations.all("ann", coffee) == []
    library.restore("ann", made.photo_id)
    assert library.restorations.all("ann", coffee) == [made]


@pytest.mark.parametrize("gone", ["source", "restored"])
def test_once_one_of_the_two_is_removed_for_good_nothing_of_it_is_left(home, library, coffee, gone):
    made = add(library, coffee, before=np.zeros((3, 3, 3), np.uint8), invented=np.full((3, 3), 9, np.uint8))
    assert library.restorations.invented("ann", coffee, made.id).is_file()
    other = add(library, coffee, 8, before=np.zeros((3, 3, 3), np.uint8))
    library.delete("ann", coffee if gone == "source" else made.photo_id)
    assert library.purge(datetime.now(UTC) + timedelta(days=TRASH_DAYS + 1)) == 1
    left = files(home / "restorations")
    if gone == "source":
        assert left == [] and library.photo("ann", made.photo_id)
    else:
        assert library.restorations.all("ann", coffee) == [other]
        assert {other.id in path.name for path in left} == {True}


def test_who_signs_in_takes_both_photos_along(library, coffee):
    made = add(library, coffee)
    library.add("account", "Coffee.JPG", example())
    library.add("account", "same.png", picture(9, "PNG"))
    library.move("ann", "account")
    assert library.restorations.all("account", coffee) == [made]
    assert library.photo("account", made.photo_id).name == "Coffee restored.png"


def test_what_cannot_be_kept_leaves_nothing_behind(home, library, coffee):
    with pytest.raises(UserError):
        library.restorations.add("ann", coffee, (b"no photo", "PNG"), STEPS, before=np.zeros((3, 3, 3), np.uint8))
    assert files(home / "restorations") == [] and library.photos("ann")[1] == 1


@pytest.mark.parametrize(
    ("name", "format", "steps", "restored"),
    [
        ("IMG_1.HEIC", "JPEG", ["colour", "scratches"], "IMG_1 restored.jpg"),
        ("IMG_1 restored.jpg", "JPEG", ["colour"], "IMG_1 restored.jpg"),
        ("IMG_1 restored 7.jpg", "PNG", ["straighten", "colour"], "IMG_1 restored.png"),
        ("Großmutter 1931", "WebP", ["clean"], "Großmutter 1931 restored.webp"),
        ("restored.jpg", "JPEG", ["faces"], "restored restored.jpg"),
        ("IMG_1.HEIC", "JPEG", ["straighten"], "IMG_1 straightened.jpg"),
        ("IMG_1 straightened 2.jpg", "JPEG", ["straighten"], "IMG_1 straightened.jpg"),
        ("IMG_1 restored.jpg", "JPEG", ["light"], "IMG_1 restored brightened.jpg"),
    ],
)
def test_a_copy_is_called_what_was_done_to_it(name, format, steps, restored):
    did = [replace(STEPS[0], id=step) for step in steps]
    assert restorations.restored_name(name, format, did) == restored
