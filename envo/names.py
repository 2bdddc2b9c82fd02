"""Names and words, in any script: fit to be shown, saved under, and compared as people compare them."""

import re
import unicodedata
from collections.abc import Container, Sequence
from pathlib import PurePosixPath

from envo.errors import UserError
from envo.settings import MAX_NAME, MAX_NAME_BYTES

ENDINGS = {
    "JPEG": ("jpg", "jpeg", "jpe", "jfif"),
    "PNG": ("png", "apng"),
    "WebP": ("webp",),
    "GIF": ("gif",),
    "TIFF": ("tif", "tiff"),
    "BMP": ("bmp", "dib"),
    "HEIC": ("heic", "heif", "hif"),
    "AVIF": ("avif",),
    "JPEG XL": ("jxl",),
    "RAW": (
        *("dng", "cr2", "cr3", "crw", "nef", "nrw", "arw", "srf", "sr2", "raf", "orf", "rw2", "rwl", "raw", "pef"),
        *("ptx", "srw", "x3f", "kdc", "dcr", "k25", "erf", "mrw", "mos", "mef", "iiq", "3fr", "fff", "gpr", "mdc"),
    ),
}
"""What names of files end in, by format as in `envo.photo.Header`; the first is the usual one, but for RAW."""

_WRONG_ENDINGS = ("txt", "dat", "bin", "tmp", "img")
"""What photos end in that programs save without knowing what they are."""
_ALL_ENDINGS = frozenset(ending for endings in (*ENDINGS.values(), _WRONG_ENDINGS) for ending in endings)
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|$)", re.IGNORECASE)
# Joiners are format characters too, and belong to emoji, Persian and Indic words.
_JOINERS = "\u200c\u200d"


PATTERN_WORDS = ("name", "date", "number", "person")
"""What stands for something in patterns of names."""


def folded(text: str) -> str:
    """Give what two texts have in common that people take for the same, whatever their case and composition.

    Unicode's compatibility caseless match (The Unicode Standard, section 3.13, D146), in NFC.
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())


def printable(text: str) -> str:
    """Make a line of text fit to show, in any script: NFC, without control characters and direction overrides."""
    # Categories C: control, format (direction overrides), surrogate, private use, unassigned.
    text = "".join(c for c in text if c in _JOINERS or unicodedata.category(c)[0] != "C")
    return unicodedata.normalize("NFC", re.sub(r"\s+", " ", text).strip())


def safe_name(name: str) -> str:
    """Make a file name fit to show and to save anywhere, in any script.

    It has at most `MAX_NAME` characters and `MAX_NAME_BYTES` bytes. Path parts, control characters, direction
    overrides, and what Windows reserves are taken out; a name of which nothing is left becomes "photo".
    """
    name = re.split(r"[/\\]", name)[-1]
    name = re.sub(r'[<>:"|?*]', "_", name)
    name = printable(name).strip(" ." + _JOINERS)
    if _RESERVED.match(name):
        name = "_" + name
    stem, dot, ending = name.rpartition(".")
    return (with_ending(stem, dot + ending) if stem and len(ending) <= 10 else with_ending(name, "")) or "photo"


def with_ending(stem: str, ending: str, room: int = 0) -> str:
    """Put an ending behind a name, which is cut, between characters, to the length that a name may have.

    room: so many characters, of ASCII, are left for what may come in addition.
    """
    most, most_bytes = MAX_NAME - room - len(ending), MAX_NAME_BYTES - room - len(ending.encode())
    if len(stem) <= most and len(stem.encode()) <= most_bytes:
        return stem + ending
    stem = stem[:most].encode()[:most_bytes].decode(errors="ignore")
    return stem.rstrip(" ." + _JOINERS) + ending


def stem(name: str) -> str:
    """Give a file name without the ending of a photo, if it has one: "v1.2" stays."""
    start, _, ending = name.rpartition(".")
    return start if start and ending.lower() in _ALL_ENDINGS else name


def has_ending(name: str, format: str) -> bool:
    """Tell whether a file name ends as those of a format do."""
    return name.rpartition(".")[2].lower() in ENDINGS[format]


def download_name(name: str, format: str) -> str:
    """Name a photo saved as `format`: "IMG_1.heic" as "JPEG" is "IMG_1.jpg"."""
    return safe_name(with_ending(stem(safe_name(name)), "." + ENDINGS[format][0]))


def check_pattern(pattern: str) -> None:
    """Raise UserError for a pattern of names with words in braces that stand for nothing."""
    for word in re.findall(r"\{([^{}]*)\}", pattern):
        if word not in PATTERN_WORDS:
            known = ", ".join(f"{{{each}}}" for each in PATTERN_WORDS)
            raise UserError(f"A name has no {{{word[:40]}}}; there are {known}.")


def by_pattern(
    pattern: str, format: str, name: str, date: str, number: int, count: int, people: Sequence[str] = ()
) -> str:
    """Name a file of a format by a pattern, in which `PATTERN_WORDS` stand in braces.

    name: of the photo's file. number: of the photo among so many. people: who is in it; of nobody what stands around
    the word goes, too. Raises UserError as `check_pattern` does.
    """
    check_pattern(pattern)
    if not people:
        alone = r"[(\[]?\{person\}[)\]]?"
        pattern = re.sub(rf"[\s_,.-]*{alone}(?=[\s_,.-]|$)|{alone}[\s_,.-]*", "", pattern)
    said = {
        "name": stem(safe_name(name)),
        "date": date,
        "number": str(number).zfill(len(str(count))),
        "person": ", ".join(people),
    }
    made = re.sub(r"\{([^{}]*)\}", lambda found: said[found[1]], pattern)
    made = re.sub(r"[/\\]", "-", made).strip(" _,-")
    # Behind a full stop stands what is no ending.
    return safe_name(with_ending(safe_name(f"{made or said['name']}._")[:-2], "." + ENDINGS[format][0]))


def renamed(name: str, old: str, format: str) -> str:
    """Make a name that a visitor gives a photo safe; it ends as the file does: "Oma" for "IMG_1.JPG" is "Oma.JPG".

    old: the name of now. format: of the file, which counts for more than an ending that it has wrongly.
    """
    name = safe_name(name)
    if has_ending(name, format):
        return name
    if has_ending(old, format):
        ending = PurePosixPath(old).suffix
    else:
        ending = "" if format == "RAW" else "." + ENDINGS[format][0]
    return safe_name(with_ending(stem(name), ending)) if ending else name


def free_name(name: str, taken: Container[str]) -> str:
    """Make a file name, with folders before it or not, differ from all that are `taken`, which are `folded`.

    "x.jpg" becomes "x 2.jpg". It is cut to the length that a name may have.
    """
    path = PurePosixPath(name)

    def numbered(number: int) -> str:
        return str(path.with_name(with_ending(path.stem, f" {number}{path.suffix}" if number > 1 else path.suffix)))

    def is_taken(number: int) -> bool:
        return folded(numbered(number)) in taken

    # Of thousands of one name few are asked about: a number that is free is looked for in ever larger steps, then the
    # first one behind those that are not.
    free, last = 1, 0
    while is_taken(free):
        free, last = 2 * free, free
    while free - last > 1:
        middle = (free + last) // 2
        free, last = (free, middle) if is_taken(middle) else (middle, last)
    return numbered(free)
