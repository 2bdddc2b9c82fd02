"""Names and words are fit to be shown, saved under anywhere, and compared as people compare them."""

import random

import pytest

from envo import names
from envo.errors import UserError
from envo.settings import MAX_NAME, MAX_NAME_BYTES


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\x.jpg", "x.jpg"),
        ("写真 – été.jpg", "写真 – été.jpg"),
        ("صورة.png", "صورة.png"),
        ("👩‍👧.heic", "👩‍👧.heic"),
        ("evil\u202egpj.exe", "evilgpj.exe"),
        ("a\0b\nc\x7f.jpg", "abc.jpg"),
        ("CON", "_CON"),
        ("com1.jpg", "_com1.jpg"),
        ("console.jpg", "console.jpg"),
        ('a<b>:"|?*.png', "a_b______.png"),
        (" . hidden. ", "hidden"),
        ("", "photo"),
        ("///", "photo"),
        ("\ud800.jpg", "jpg"),
    ],
)
def test_names_are_safe_and_stay_readable(given, safe):
    assert names.safe_name(given) == safe
    assert names.safe_name(safe) == safe


def test_long_names_keep_their_ending():
    name = names.safe_name("x" * 300 + ".jpeg")
    assert len(name) == MAX_NAME and name.endswith("x.jpeg")


def test_names_never_fail():
    chance = random.Random(7)
    for _ in range(500):
        name = "".join(chr(chance.randrange(0x11000)) for _ in range(chance.randrange(200)))
        safe = names.safe_name(name)
        assert 0 < len(safe) <= MAX_NAME and not set(safe) & set('/\\\0\n<>:"|?*\u202e')


def test_download_names_have_the_ending_of_their_format():
    assert names.download_name("IMG_1.heic", "JPEG") == "IMG_1.jpg"
    assert names.download_name("holiday", "PNG") == "holiday.png"
    assert names.download_name("v1.2 final.tiff", "WebP") == "v1.2 final.webp"
    assert len(names.download_name("x" * 300, "WebP")) == MAX_NAME


def test_names_that_nobody_can_save_under_are_cut_between_characters():
    name = names.safe_name("写" * 114 + ".jpg")
    assert name.endswith("写.jpg") and len(name.encode()) <= MAX_NAME_BYTES < len((name + "写").encode())
    family = "👨‍👩‍👧"
    assert names.safe_name(family * 30 + ".png").removesuffix(".png").strip(family) == ""
    for made in (names.download_name("é" * 300, "JPEG"), names.renamed("語" * 100, "a.heic", "HEIC")):
        assert 0.9 * MAX_NAME_BYTES < len(made.encode()) <= MAX_NAME_BYTES


def test_what_looks_the_same_is_the_same():
    assert names.safe_name("Gru\u0308n.jpg") == "Grün.jpg" and names.printable(" Ca\u0303o\u202e ") == "Cão"
    for same in ("CÃO", "ca\u0303o", "Cão"):
        assert names.folded(same) == "cão"
    assert names.folded("STRASSE") == names.folded("Straße") != names.folded("Strase")


def test_download_names_keep_what_is_no_ending_of_a_photo():
    assert names.download_name("Fest 12.Mai", "JPEG") == "Fest 12.Mai.jpg"
    assert names.download_name("v1.25", "PNG") == "v1.25.png"
    assert names.download_name("IMG.CR2", "JPEG") == "IMG.jpg"


@pytest.mark.parametrize(
    ("given", "old", "format", "named"),
    [
        ("Oma 1931", "IMG_0815.jpg", "JPEG", "Oma 1931.jpg"),
        ("Oma 1931", "IMG_0815.JPG", "JPEG", "Oma 1931.JPG"),
        ("Oma.jpeg", "IMG_0815.jpg", "JPEG", "Oma.jpeg"),
        ("Oma.png", "IMG_0815.jpg", "JPEG", "Oma.jpg"),
        ("12.5.1931", "IMG_0815.jpg", "JPEG", "12.5.1931.jpg"),
        ("Oma", "photo", "PNG", "Oma.png"),
        ("Oma", "holiday.png", "JPEG", "Oma.jpg"),
        ("Oma", "IMG_1.CR2", "RAW", "Oma.CR2"),
        ("Oma", "IMG_1", "RAW", "Oma"),
    ],
)
def test_a_renamed_photo_ends_as_its_file_does(given, old, format, named):
    assert names.renamed(given, old, format) == named


def test_free_names_differ_in_more_than_their_case():
    assert names.free_name("a.jpg", []) == "a.jpg"
    assert names.free_name("A.JPG", ["a.jpg", "a 2.jpg"]) == "A 3.JPG"
    assert names.free_name("b/a.jpg", ["a.jpg"]) == "b/a.jpg"
    assert names.free_name("b/a.jpg", ["b/a.jpg"]) == "b/a 2.jpg"
    assert names.free_name("Gru\u0308n.jpg", ["grün.jpg"]) == "Gru\u0308n 2.jpg"
    long = "x" * 116 + ".jpg"
    assert len(names.free_name(long, [long])) == MAX_NAME
    assert len(names.free_name("語" * 80 + ".jpg", ["語" * 78 + ".jpg"]).encode()) <= MAX_NAME_BYTES


class Asked(set):
    """Counts how often it is asked."""

    times = 0

    def __contains__(self, name: str) -> bool:
        self.times += 1
        return super().__contains__(name)


def test_the_next_of_thousands_of_one_name_is_found_by_asking_about_few():
    taken = Asked(["a.jpg", *(f"a {number}.jpg" for number in range(2, 5000))])
    assert names.free_name("a.jpg", taken) == "a 5000.jpg" and taken.times < 40


@pytest.mark.parametrize(
    ("pattern", "people", "named"),
    [
        ("{name}", (), "IMG_1.tif"),
        ("{date}-{number}", (), "2024-05-06-007.tif"),
        ("{name} {person}", ("Ann", "Jörg"), "IMG_1 Ann, Jörg.tif"),
        ("{name} {person}", (), "IMG_1.tif"),
        ("{person}_{name}", (), "IMG_1.tif"),
        ("{name} ({person}) - {number}", (), "IMG_1 - 007.tif"),
        ("{person}", (), "IMG_1.tif"),
        ("Ulm/{name}.v1", (), "Ulm-IMG_1.v1.tif"),
        ("{name}?", ("A",), "IMG_1_.tif"),
        ("{person}", ("A/B",), "A-B.tif"),
        ("x" * 200, (), "x" * 116 + ".tif"),
    ],
)
def test_files_are_named_by_a_pattern_and_what_nobody_is_in_leaves_no_gap(pattern, people, named):
    assert names.by_pattern(pattern, "TIFF", "IMG_1.heic", "2024-05-06", 7, 250, people) == named


def test_a_word_of_a_pattern_that_stands_for_nothing_is_refused():
    with pytest.raises(
        UserError, match=r"A name has no \{lens\}; there are \{name\}, \{date\}, \{number\}, \{person\}"
    ):
        names.by_pattern("{name} {lens}", "JPEG", "a.jpg", "2024-05-06", 1, 1)
