"""Every limit and every place, in one file. What the environment can change is a function."""

import os
from functools import cache
from pathlib import Path

import platformdirs

from envo.errors import UserError

MAX_FILE_BYTES = 64 * 2**20
MAX_PIXELS = 100_000_000
MAX_NAME = 120
"""Longest name of a photo or a mask, in characters."""
MAX_LENS_NAME = 120
MAX_ORIGINAL_NAME = 1000
"""So much of the name that a file came with is kept, in characters."""
MAX_NAME_BYTES = 240
"""Longest name of a photo, in bytes of UTF-8: file systems take 255, which leaves room for an ending more."""

MAX_WORD = 200
"""Longest tag, title or name of a person that is read in a file, in characters."""
MAX_PERSON_NAME = MAX_WORD
MAX_ACCOUNT_NAME = 60
"""Longest name of an account, in characters."""
MIN_PASSWORD = 10
MAX_PASSWORD = 200
"""Characters of the password of an account."""
MAX_TITLE = 1000
"""Longest title, or search, that a visitor writes, in characters."""
MAX_TAGS = 1000
"""Tags that are read in a file; photos by the million are told apart by fewer."""
MAX_LEVELS = 20
"""Levels of a tag that are read in a file."""
MAX_PEOPLE = 500
"""People, and regions, that are read in a file."""
MAX_XMP_BYTES = 16 * 2**20
MAX_XMP_PARTS = 200_000
"""Elements, beginnings and ends, of XMP that is read."""
MAX_XMP_ITEMS = 2000
"""Items of an array of XMP that are read, and its descriptions."""
MAX_XMP_DEPTH = 32
"""Structures within structures of XMP that are read."""
MAX_TOLD_BYTES = 2**19
"""EXIF, IPTC, and fields of a TIFF, that are read."""
MAX_WISH = 4 * 2**20
"""Bytes of what a page or a program asks for in words: some thousand photos by their ids, an edit with many layers."""
MAX_MASK_WISH = 16 * 2**20
"""Bytes of what comes with a mask of the working size, in base64."""
MAX_SERVICE_BYTES = MAX_FILE_BYTES * 3 // 2
"""Bytes of a picture and a mask, in base64, which takes a third more than they do."""
MAX_PROGRAM_BYTES = 3 * MAX_FILE_BYTES
"""Bytes of the files that a program sends for one thing to be done: a photo, a mask, and another photo."""
MAX_UPLOADS = 16 * MAX_FILE_BYTES
"""Bytes of the files that a program sends at once."""
MAX_SIDECAR_BYTES = 2**20
"""Largest file beside a photo that is read."""

WORKING_EDGE = 2048
"""Long edge of mattes, in pixels."""
DISPLAY_EDGE = 4096
"""Long edge of what the browser is sent to edit, in pixels."""
PREVIEW_EDGE = 2048
"""Long edge of the picture that a camera put into its RAW, which is shown until that is developed, in pixels."""
DETAIL_EDGE = 8192
"""Long edge of what the browser is sent when the visitor zooms in beyond that, in pixels."""
GAIN_EDGE = 2048
"""Long edge of a photo's gain map as the browser is sent it, in pixels."""
THUMBNAIL_EDGE = 320
FACE_EDGE = 160
"""Sides of a face cut out of its photo, in pixels."""
MATTE_THUMBNAIL_EDGE = 96

MAX_LAYERS = 32
"""Layers with something changed in them that an edit document may hold."""
MAX_CURVE_POINTS = 32
MAX_PARTS = 8
"""Parts of one layer's mask."""
MAX_STROKES = 200
"""Strokes of one brush."""
MAX_STROKE_POINTS = 400
MAX_PAINTED_POINTS = 20_000
"""Points of all strokes of an edit: painting them takes seconds, not minutes."""
MAX_CUBE_BYTES = 16 * 2**20
"""Largest .cube file that is read: twice what one of `MAX_CUBE_SIZE` usually takes."""
MAX_CUBE_SIZE = 65
"""Entries along each side of a LUT of three dimensions."""
MAX_RAMP_SIZE = 2**16
"""Entries of a LUT of one dimension."""
MAX_LUTS = 100
"""LUTs that are kept of one owner; each takes up to 2 MB."""
MAX_PRESETS = 300
"""Presets that are kept of one owner."""
MAX_PRESET_BYTES = 2**20
"""Bytes of one such preset, or of a snapshot, as JSON: brush strokes take some, all else takes little."""
MAX_PRESET_FILE = 4 * 2**20
"""Largest file with a preset that is read; Lightroom's may have tables of colours in them."""
MAX_TOKENS = 20
"""Tokens of one owner, by which scripts use the library."""
MAX_EXPORT_PRESETS = 100
"""Export settings that are kept by name of one owner."""
MAX_WATERMARKS = 50
"""Pictures that are kept of one owner to be laid over exports."""
MAX_WATERMARK_BYTES = 4 * 2**20
"""Largest file with such a picture that is read."""
WATERMARK_EDGE = 2000
"""Long edge of such a picture as it is kept, in pixels."""
EXPORT_PREVIEW_EDGE = 1024
"""Long edge of what is shown of an export before it is made, in pixels."""
MAX_SNAPSHOTS = 40
"""States of one photo's edit that are kept by name."""
MAX_OWN_MASKS = 30
"""Masks that a visitor can make of one photo; an edit can hardly use more."""
MAX_PROMPT = 1000
"""Longest prompt, in characters; the engines read some 400 of them."""
MAX_CLICKS = 200
"""Clicks of one selection."""
MAX_MASK_STEP = 100
"""Farthest that a mask grows, shrinks or is feathered in one step, in pixels of the working size."""
SELECTION_BYTES = 64 * 2**20
"""Memory for answers to clicks, as PNG: enough for several hundred."""
EMBEDDING_BYTES = 512 * 2**20
"""Memory for photos prepared for clicks; each takes 10 to 20 MB."""
EMBEDDING_DISK_BYTES = 2 * 2**30
"""Disk for what select engines keep of photos; Segment Anything keeps 2 MB of each."""
COPIES_BYTES = 4 * 2**30
"""Disk for copies of files of the library that lie elsewhere."""
MAX_RESULTS = 50
"""Results of actions on one photo; each is a file of full size."""
MAX_ACTIONS = 8
"""Actions of one visitor that wait or run at a time."""
MAX_RESTORATIONS = 8
"""Restorations of one visitor that wait or run at a time."""
MAX_BATCH = 500
"""Photos that are restored, or rendered, at one wish."""
MAX_PACKED_BYTES = 8 * 2**30
"""Rendered photos in one zip, which is kept on the disk for `UPLOAD_SECONDS`."""
MAX_PASTES = 8
"""Pastes of one visitor that are under way at a time."""
MAX_PAGE = 500
"""Photos, or faces, that a page gets at a time."""
MAX_SELECTED = 10_000
"""Photos, or faces, of which something is said at a time."""
MAX_WORDS = 100
"""Words that are said of photos, or asked for, at a time."""
MAX_TOLD = 1000
"""Characters of notes on a file that are sent with it."""
MAX_ARRIVAL = 20_000
"""Photos in one zip that is brought."""
MAX_ZIP_BYTES = 8 * 2**30
MAX_ZIP_ENTRIES = 4 * MAX_ARRIVAL
"""Files in one zip, with what lies beside photos and what systems add."""
MAX_DIRECTORY_BYTES = 32 * 2**20
"""Of what a zip says of its files before they are unpacked."""
MAX_UNPACKED_BYTES = 4 * MAX_ZIP_BYTES
"""What all files of one zip take when unpacked."""
MAX_ARRIVAL_NOTES = 200
"""Notes on what a zip brought."""
SMALL_FILE_BYTES = 2**20
"""Files up to this size that are brought wait for their turns in memory, larger ones on the disk."""
SILENCE_SECONDS = 30
"""A sender of whom nothing comes for so long is given up, and with it what came."""
MAX_BATCHES = 2
"""Such wishes of one visitor that wait or run at a time."""
MAX_DOWNLOADS = 4
"""Photos of one visitor, beside such batches, that are rendered into a file each and wait or run at a time."""
PLACES = {"NOW": max(4, os.cpu_count() or 1), "GLANCE": 1, "SOON": 2, "LONG": 2, "BEHIND": 1}
"""How much heavy work of each rank is done at a time; see `tabs.work.scheduler.Rank`."""
BEHIND_SECONDS = 2.0
"""What nobody waits for begins after so long, be there other work or not."""
MAX_WAITING = 50
"""Requests of one visitor that wait for heavy work; pages send six at a time."""
MAX_WAITING_OF_ALL = 500
MAX_JOBS = 200
"""Photos of one visitor that wait for their layers, a look or the like; pages that show them ask again."""
MAX_JOBS_OF_ALL = 400
"""Restorations, actions, renderings or batches of all visitors that wait or run at a time."""
PROGRAMS_IN_LINE = 18
"""Programs whose pictures wait to be worked on, or are, for each is in memory; the next is told to come back."""
PROGRAM_FILES_BYTES = 2 * 2**30
"""Bytes of files that are kept of programs for a while; the oldest go first."""
MAX_PROGRAM_JOBS = 20
"""Jobs of one program that are under way at a time."""
IDLE_SECONDS = 300
"""Models, and photos prepared for clicks, that nobody uses for so long are put away."""
LOOKS_KEPT = 1000
"""Photos of which it is remembered what a look at them said."""
MARKS_BYTES = 32 * 2**20
"""Memory for scratches that were found, as PNG."""

RENDITION_DAYS = 7
"""Edited photos are kept for so long as pictures of the size that is looked at; the small ones stay."""
TRASH_DAYS = 7
"""A deleted photo can be brought back for this long."""
COOKIE_DAYS = 400
"""The longest that browsers keep a cookie, and with it the name of a visitor without an account."""
KEEP_DAYS = 30
"""What such a visitor has is kept for so long after the last visit, unless told otherwise."""
NEARLY = 0.9
"""Of the room that such a visitor has: from then on it is told that it comes to its end."""
SESSION_DAYS = 90
"""Who has an account signs in again after this long."""
MAX_VISITOR_PHOTOS = MAX_ARRIVAL
"""Photos that are kept of one such visitor where `visitor_bytes` says how much is, at all."""
VISITOR_BYTES = 10 * 2**30
SPARE_SHARE = 20
"""One part in so many of the library's disk stays free of what such visitors bring, where `visitor_bytes` says how much
is kept: each may have little, but there is no end of new ones. Of large disks, `MAX_SPARE_BYTES`."""
MAX_SPARE_BYTES = 10 * 2**30
UPLOAD_SECONDS = 3600
"""What programs send is kept for so long, and a zip of rendered photos."""
NEWS_SECONDS = 20
"""How long one request waits for news of what goes on in the background; proxies cut off longer ones."""
LEASE_SECONDS = 20.0
SAVE_DELAY_MS = 3000
"""The editor writes this long after the last change."""
KEPT = Path("/data")
"""Where a Space has the disk that outlives its restarts, if it has one."""

_OF_OAUTH = ("SYSTEM", "SPACE_ID", "OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET", "OAUTH_SCOPES", "OPENID_PROVIDER_URL")
"""What a Space sets that has Hugging Face's accounts."""


def is_space() -> bool:
    """Tell whether the app runs on a Space of Hugging Face."""
    return bool(os.environ.get("SPACE_ID"))


@cache
def _kept() -> Path | None:
    """Folder of a Space's disk that outlives its restarts; None: there is no such, or it cannot be written to.

    Looked at once: where the library lies must not change while the app runs.
    """
    return KEPT if is_space() and KEPT.is_dir() and os.access(KEPT, os.W_OK) else None


def is_kept() -> bool:
    """Tell whether what lies in `home` outlives a restart of the machine: on a Space, only with a disk of its own."""
    return not is_space() or bool(os.environ.get("ENVO_HOME")) or _kept() is not None


def home() -> Path:
    """Folder of the library: `ENVO_HOME`, else on a Space with a disk in that, else the user's data folder."""
    kept = _kept()
    return Path(os.environ.get("ENVO_HOME") or (kept / "envo" if kept else platformdirs.user_data_dir("envo")))


def uploads() -> Path:
    """Folder of what programs send, for as long as it is worked on, and of zips that are made: for its user alone."""
    folder = home() / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def auth() -> str:
    """How visitors become accounts: `ENVO_AUTH`, "accounts" or "huggingface"; "" where they cannot.

    On a Space whose front matter asks for Hugging Face accounts, these without a word. Raises UserError for another
    word, and where Hugging Face's accounts are wanted and cannot be had.
    """
    named = os.environ.get("ENVO_AUTH", "")
    if named not in ("", "accounts", "huggingface"):
        raise UserError(f"ENVO_AUTH={named} says nothing to Envo; it may be accounts or huggingface, or left out.")
    missing = [name for name in _OF_OAUTH if not os.environ.get(name)]
    if named == "huggingface" and missing:
        raise UserError(
            f"ENVO_AUTH=huggingface works on a Space whose README.md says hf_oauth: true; {', '.join(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} missing here."
        )
    return named or ("huggingface" if os.environ.get("OAUTH_CLIENT_ID") else "")


def keep_days() -> int:
    """Days that the library of a visitor without an account is kept for after a visit: `ENVO_KEEP_DAYS`.

    Raises UserError where they are told by the name of before, for else what was to be kept would go.
    """
    if "ENVO_VISITOR_DAYS" in os.environ:
        raise UserError("ENVO_VISITOR_DAYS is called ENVO_KEEP_DAYS now; please rename it.")
    return max(1, min(int(os.environ.get("ENVO_KEEP_DAYS") or KEEP_DAYS), COOKIE_DAYS))


def visitor_bytes(is_shared: bool) -> int | None:
    """Bytes of photos that are kept of one visitor without an account: `ENVO_VISITOR_SPACE` (in MB), else all.

    On a Space, and where the app `is_shared` with whoever has its link, `VISITOR_BYTES`.
    """
    if named := os.environ.get("ENVO_VISITOR_SPACE"):
        return int(named) * 2**20
    return VISITOR_BYTES if is_shared or is_space() else None


def spare_bytes(disk: int) -> int:
    """Bytes of a disk that visitors without an account leave free: `ENVO_SPARE_SPACE` (in MB), else a share of it."""
    if named := os.environ.get("ENVO_SPARE_SPACE"):
        return int(named) * 2**20
    return min(disk // SPARE_SHARE, MAX_SPARE_BYTES)


def cache_dir() -> Path:
    """Folder of what can be fetched again, such as weights: `ENVO_CACHE`, else as for `home`."""
    kept = _kept()
    return Path(os.environ.get("ENVO_CACHE") or (kept / "envo-cache" if kept else platformdirs.user_cache_dir("envo")))


def database_url() -> str:
    """SQLAlchemy address of the library: `ENVO_DATABASE_URL`, else SQLite inside `home()`."""
    return os.environ.get("ENVO_DATABASE_URL") or f"sqlite:///{home() / 'library.sqlite'}"


def storage() -> str:
    """Where the library's files are: `ENVO_STORAGE`, a folder or an address of fsspec's; "": in `home()`."""
    return os.environ.get("ENVO_STORAGE", "")


def lease_seconds() -> float:
    """After so many seconds without a sign of life, others take over what a process did: `ENVO_LEASE`, else 20."""
    return float(os.environ.get("ENVO_LEASE") or LEASE_SECONDS)


def is_log_json() -> bool:
    """Tell whether the log is JSON, an object a line, for programs that collect it: `ENVO_LOG=json`."""
    return os.environ.get("ENVO_LOG", "").lower() == "json"


def metrics_place() -> tuple[str, int] | None:
    """Host and port at which numbers on the app are told: `ENVO_METRICS`, such as 9464 or 0.0.0.0:9464; None: nowhere.

    Without a host, to this machine alone. Raises UserError for what is no port.
    """
    named = os.environ.get("ENVO_METRICS")
    if not named:
        return None
    host, _, port = named.rpartition(":")
    if not port.isdecimal():
        raise UserError(f"ENVO_METRICS is {named}; it takes a port, such as 9464, or a host and a port.")
    return host or "127.0.0.1", int(port)


def is_mcp() -> bool:
    """Tell whether agents may use the app by the Model Context Protocol: `ENVO_MCP=1`."""
    return _is_on("ENVO_MCP")


def may_fetch() -> bool:
    """Tell whether files that agents name by public addresses are fetched: `ENVO_FETCH=1`."""
    return _is_on("ENVO_FETCH")


def is_offline() -> bool:
    """Tell whether nothing is to be fetched unasked, as the Hugging Face hub's library is told, too."""
    return _is_on("HF_HUB_OFFLINE")


def _is_on(name: str) -> bool:
    return os.environ.get(name, "").lower() in ("1", "on", "yes", "true")
