"""The library's tables, the connection to them, and their upgrades: SQLite by default, or PostgreSQL."""

import logging
import threading
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command, util
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from envo import names
from envo.dialects import DAMAGED, UNREACHABLE, WRITES, dialect
from envo.errors import StorageError, UserError
from envo.store import storage_errors

log = logging.getLogger(__name__)

AT_A_TIME = 500
"""Values that one statement asks for; SQLite takes some thousands."""
IN_A_ROW = 100
"""Rows that work in the background writes in one transaction: others who write wait for it."""


class UTCDateTime(sa.types.TypeDecorator):
    """Moments in UTC, aware. SQLite forgets the zone, so it is put back."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = sa.MetaData()

blob = sa.Table(
    "blob",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("bytes", sa.Integer, nullable=False),
    sa.Column("format", sa.String(8), nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("bit_depth", sa.Integer, nullable=False),
    sa.Column("browser_ready", sa.Boolean, nullable=False),
    sa.Column("linear", sa.Boolean, nullable=False),
    sa.Column("gamut", sa.String(16), nullable=False, server_default="srgb"),
    sa.Column("headroom", sa.Float, nullable=False, server_default="0"),
    sa.Column("matte_engine", sa.String(80)),
    sa.Column("matte_seconds", sa.Float),
    sa.Column("faces", sa.JSON(none_as_null=True)),
    sa.Column("likeness", sa.BigInteger),
    sa.Column("camera", sa.Text),
)
"""The content of photos, whoever owns them. `matte_engine` is set once its mattes were made, even if none.

`faces` are the boxes of the faces that have mattes of their own, [[left, top, right, bottom], ...] in fractions.
`likeness` is a perceptual hash, see `envo.photo.likeness`.
"""

photo = sa.Table(
    "photo",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("owner", sa.String(200), nullable=False),
    sa.Column("sha256", sa.ForeignKey("blob.sha256"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("original_name", sa.Text, nullable=False),
    sa.Column("rating", sa.Integer, nullable=False),
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.Column("deleted_at", UTCDateTime),
    sa.Column("title", sa.Text, nullable=False, server_default=""),
    sa.Column("sidecar", sa.LargeBinary),
    sa.Column("is_read", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("is_tagged", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("taken_at", sa.DateTime),
    sa.Column("is_outdated", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index("photo_owner", "owner", "created_at"),
    sa.Index("photo_sha256", "sha256"),
)
"""`sidecar` is the .xmp file that came with it. `is_read`: what its file says of it was read; `is_tagged`: what was
seen in it is among its tags and faces; `is_outdated`: it is to be looked at anew. `taken_at` is the camera's own time,
which has no zone.
"""

edit = sa.Table(
    "edit",
    metadata,
    sa.Column("photo_id", sa.ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("document", sa.JSON(none_as_null=True)),
    sa.Column("writer", sa.String(40), nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("shown", sa.Integer, nullable=False, server_default="0"),
    sa.Column("moves", sa.Integer, nullable=False, server_default="0"),
    sa.Column("geometry", sa.JSON(none_as_null=True)),
)
"""One row for each photo from its beginning: version 0 has no document.

`geometry` is that of the document, for who lists photos; none where all of the photo shows as it lies.
`shown` numbers what is to be seen of it: 0 where the document changes nothing, else its version and its moves together.
`moves` counts how often it may have come to lie on other faces, since somebody it follows was named otherwise.
"""

follower = sa.Table(
    "follower",
    metadata,
    sa.Column("photo_id", sa.ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("person_id", sa.String(40), primary_key=True),
    sa.Index("follower_person", "person_id"),
)
"""Photos whose edits follow people, by ids as their documents have them: some may be those of a `former_person`."""

rendition = sa.Table(
    "rendition",
    metadata,
    sa.Column("photo_id", sa.ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("edge", sa.Integer, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("bytes", sa.Integer, nullable=False),
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.Index("rendition_created", "edge", "created_at"),
)
"""Pictures that are kept of edited photos, by their long edge: of each size one, of a version of the edit."""

matte = sa.Table(
    "matte",
    metadata,
    sa.Column("sha256", sa.ForeignKey("blob.sha256", ondelete="CASCADE"), primary_key=True),
    sa.Column("kind", sa.String(40), primary_key=True),
    sa.Column("file", sa.String(64), nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
)
"""`file` is the SHA-256 of the PNG."""

matte_rating = sa.Table(
    "matte_rating",
    metadata,
    sa.Column("photo_id", sa.ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("kind", sa.String(40), primary_key=True),
    sa.Column("quality", sa.Integer, nullable=False),
)

own_mask = sa.Table(
    "own_mask",
    metadata,
    sa.Column("photo_id", sa.ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("kind", sa.String(40), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("engine", sa.String(80), nullable=False),
    sa.Column("file", sa.String(64), nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.Column("deleted_at", UTCDateTime),
)
"""Masks that visitors made: each belongs to one photo of one owner, where mattes belong to its content."""

result = sa.Table(
    "result",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("photo_id", sa.ForeignKey("photo.id", ondelete="CASCADE"), nullable=False),
    sa.Column("action", sa.String(20), nullable=False),
    sa.Column("engine", sa.String(80), nullable=False),
    sa.Column("label", sa.String(80), nullable=False),
    sa.Column("settings", sa.JSON, nullable=False),
    sa.Column("invert", sa.Boolean, nullable=False),
    sa.Column("grow", sa.Integer, nullable=False),
    sa.Column("start", sa.String(32)),
    sa.Column("edit", sa.Integer, nullable=False, server_default="0"),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("alpha", sa.Boolean, nullable=False),
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.Column("deleted_at", UTCDateTime),
    sa.Column("kept", sa.String(32)),
    sa.Column("first", sa.String(32)),
    sa.Column("chosen", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("masked", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index("result_photo", "photo_id", "created_at"),
)
"""What actions made of a photo: each belongs to it, and so to its owner. `start` is the result it went on from.

`edit` is the version of the photo's edit that is in it, 0 for none.
`kept` is the photo of the library that it became, which may be gone by now.
`first` is the result of whose hole it is another fill, and `chosen` tells which of these fills is shown.
`masked` tells whether the mask of what it changed is kept.
"""

restoration = sa.Table(
    "restoration",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("source_id", sa.ForeignKey("photo.id", ondelete="CASCADE"), nullable=False),
    sa.Column("photo_id", sa.ForeignKey("photo.id", ondelete="CASCADE"), nullable=False),
    sa.Column("steps", sa.JSON, nullable=False),
    sa.Column("notes", sa.JSON, nullable=False),
    sa.Column("before", sa.Boolean, nullable=False),
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.Index("restoration_source", "source_id", "created_at"),
    sa.Index("restoration_photo", "photo_id"),
)
"""How a photo, `photo_id`, came of another: goes with either of them.

`before`: whether there is a picture of the source that lies under the restored photo.
"""

gallery = sa.Table(
    "gallery",
    metadata,
    sa.Column("owner", sa.String(200), primary_key=True),
    sa.Column("tag_sure", sa.Float, nullable=False),
    sa.Column("face_sure", sa.Float, nullable=False),
    sa.Column("detector", sa.String(80), nullable=False),
    sa.Column("created_at", UTCDateTime, nullable=False),
)
"""Owners whose photos are tagged as they arrive, and the confidence from which on a tag or a name counts.

`detector` is the engine that finds objects for them, or "" for the first.
"""

sight = sa.Table(
    "sight",
    metadata,
    sa.Column("sha256", sa.ForeignKey("blob.sha256", ondelete="CASCADE"), primary_key=True),
    sa.Column("tags", sa.JSON, nullable=False),
    sa.Column("embedding", sa.LargeBinary),
    sa.Column("engine", sa.String(80), nullable=False),
    sa.Column("faces", sa.JSON, nullable=False),
    sa.Column("face_embeddings", sa.LargeBinary),
    sa.Column("face_engine", sa.String(80), nullable=False),
    sa.Column("trouble", sa.Text, nullable=False),
    sa.Column("created_at", UTCDateTime, nullable=False),
)
"""What engines saw in the content of a photo, whoever owns it; `trouble` is why nothing could be seen, or "".

`tags` and `faces` are lists of objects with the fields of `envo.gallery.Tag` and `Sight.faces`. Embeddings are
little-endian float32: `embedding` is `engine`'s of the photo, `face_embeddings` are `face_engine`'s, one for each face.
"""

tag = sa.Table(
    "tag",
    metadata,
    sa.Column("photo_id", sa.ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("word", sa.String(200), primary_key=True),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("origin", sa.String(20), nullable=False),
    sa.Column("engine", sa.String(80), nullable=False),
    sa.Column("parents", sa.JSON, nullable=False),
    sa.Column("boxes", sa.JSON, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("folded", sa.Text, nullable=False, server_default=""),
    sa.Index("tag_word", "word", "photo_id"),
    sa.Index("tag_folded", "folded", "photo_id", unique=True),
)
"""Words for photos. `state` is `found` by an engine, or `accepted` or `removed` by its owner, for good.

`folded` is what words are compared by: see `envo.names.folded`.
"""

person = sa.Table(
    "person",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("owner", sa.String(200), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.Column("folded", sa.String(200), nullable=False, server_default=""),
    sa.UniqueConstraint("owner", "name", name="person_owner"),
    sa.Index("person_folded", "owner", "folded"),
)
"""Somebody with a name. `folded` is what names are compared by: see `envo.people.folded`."""

former_person = sa.Table(
    "former_person",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("owner", sa.String(200), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("folded", sa.String(200), nullable=False),
    sa.Column("into", sa.String(32)),
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.Index("former_person_folded", "owner", "folded"),
)
"""Ids of people that are no more, which edits, presets and copies may still follow.

`into` is who they were merged with; None for one who was deleted. Whoever is given the same name has the id again.
"""

face = sa.Table(
    "face",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("photo_id", sa.ForeignKey("photo.id", ondelete="CASCADE"), nullable=False),
    sa.Column("number", sa.Integer),
    sa.Column("box", sa.JSON, nullable=False),
    sa.Column("sure", sa.Float, nullable=False),
    sa.Column("engine", sa.String(80), nullable=False),
    sa.Column("embedding", sa.LargeBinary),
    sa.Column("person_id", sa.ForeignKey("person.id", ondelete="SET NULL")),
    sa.Column("confidence", sa.Float, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("refused", sa.JSON, nullable=False),
    sa.Index("face_photo", "photo_id"),
    sa.Index("face_person", "person_id"),
)
"""Faces in photos. `number` is its place among `sight.faces`; None for one that only the photo's file tells of.

`state` is `found`, when `person_id` is who it may be, with that `confidence`; `named`, when the owner or the file says
so; or `ignored`. `refused` are ids of people whom the owner said it is not.
"""

arrival = sa.Table(
    "arrival",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("owner", sa.String(200), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("total", sa.Integer),
    sa.Column("added", sa.Integer, nullable=False),
    sa.Column("known", sa.Integer, nullable=False),
    sa.Column("notes", sa.JSON, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.Index("arrival_owner", "owner", "created_at"),
)
"""Zips of photos that were brought, and how many of their entries are in the library already: `done` of `total`.

`added` of these were new, `known` were there; `notes` are sentences about the others. `state` is `working` or `done`.
"""

lut = sa.Table(
    "lut",
    metadata,
    sa.Column("owner", sa.String(200), primary_key=True),
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("dimensions", sa.Integer, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("file", sa.String(32), nullable=False),
)
"""LUTs that owners brought. `id` is the same for the same table, whoever has it; `file` is this owner's own."""

paste = sa.Table(
    "paste",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("owner", sa.String(200), nullable=False),
    sa.Column("what", sa.String(10), nullable=False),
    sa.Column("copy", sa.JSON(none_as_null=True)),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.Index("paste_owner", "owner", "created_at"),
    sa.Index("paste_state", "state"),
)
"""Edits that are pasted on many photos: `copy` is an `envo.copies.Copy`, or nothing where edits are reset."""

pasted = sa.Table(
    "pasted",
    metadata,
    sa.Column("paste_id", sa.ForeignKey("paste.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("photo_id", sa.ForeignKey("photo.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("place", sa.Integer, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("version", sa.Integer),
    sa.Column("document", sa.JSON(none_as_null=True)),
    sa.Column("is_back", sa.Boolean, nullable=False),
    sa.Column("left", sa.JSON, nullable=False),
    sa.Column("lacking", sa.JSON, nullable=False),
    sa.Column("absent", sa.JSON, nullable=False),
    sa.Column("unsure", sa.JSON, nullable=False),
    sa.Index("pasted_photo", "photo_id"),
)
"""One photo of a paste. `version` is that of the edit which was written, None where nothing had to be.

`document` is the edit that was there instead: the one before, or once it `is_back`, the one that was pasted. See
`envo.pastes.Pasted` for the others.
"""

preset = sa.Table(
    "preset",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("owner", sa.String(200), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("group", sa.Text, nullable=False),
    sa.Column("copy", sa.JSON, nullable=False),
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.Column("deleted_at", UTCDateTime),
    sa.Index("preset_owner", "owner", "created_at"),
)
"""Presets that owners made or brought; `copy` is one of `envo.copies`. `group`: that pages show it in."""

export_preset = sa.Table(
    "export_preset",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("owner", sa.String(200), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("settings", sa.JSON, nullable=False),
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.Index("export_preset_owner", "owner"),
)
"""Export settings that owners keep by name; `settings` are those of `envo.exportsettings`."""

watermark = sa.Table(
    "watermark",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("owner", sa.String(200), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Index("watermark_owner", "owner"),
)
"""Pictures that owners lay over what they export; the file of each has its id for a name."""

snapshot = sa.Table(
    "snapshot",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("photo_id", sa.ForeignKey("photo.id", ondelete="CASCADE"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("document", sa.JSON, nullable=False),
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.Column("deleted_at", UTCDateTime),
    sa.Index("snapshot_photo", "photo_id", "created_at"),
)
"""States of a photo's edit to which its owner gave names; each is a whole edit document."""

visitor = sa.Table(
    "visitor",
    metadata,
    sa.Column("owner", sa.String(200), primary_key=True),
    sa.Column("seen_at", UTCDateTime, nullable=False),
    sa.Index("visitor_seen", "seen_at"),
)
"""Owners without an account of whom photos are kept, and when they were last here."""

account = sa.Table(
    "account",
    metadata,
    sa.Column("owner", sa.String(200), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("folded", sa.Text, nullable=False),
    sa.Column("password", sa.Text, nullable=False),
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.UniqueConstraint("folded", name="account_folded"),
)
"""Owners who have accounts of the library's own. `folded` is what names are compared by: see `envo.accounts.folded`.

`password` is its hash, as argon2 writes it.
"""

session = sa.Table(
    "session",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("owner", sa.ForeignKey("account.owner", ondelete="CASCADE"), nullable=False),
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.Index("session_owner", "owner"),
)
"""Browsers that are signed in; `id` is the SHA-256 of the token that only they have."""

token = sa.Table(
    "token",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("owner", sa.String(200), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Column("may_write", sa.Boolean, nullable=False),
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.Column("used_at", UTCDateTime),
    sa.UniqueConstraint("hash", name="token_hash"),
    sa.Index("token_owner", "owner", "created_at"),
)
"""By which scripts use an owner's library; `hash` is the SHA-256 of what only they have."""

signing_key = sa.Table(
    "signing_key",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("created_at", UTCDateTime, nullable=False),
)
"""See `envo.keys`; the oldest signs. Empty where the database is one machine's alone."""


process = sa.Table(
    "process",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("beat", sa.Integer, nullable=False),
)
"""Processes that hold something of the library; `beat` grows as long as they live. See `envo.claims`."""

claim = sa.Table(
    "claim",
    metadata,
    sa.Column("kind", sa.String(20), primary_key=True),
    sa.Column("key", sa.String(200), primary_key=True),
    sa.Column("process_id", sa.ForeignKey("process.id", ondelete="CASCADE"), nullable=False),
    sa.Index("claim_process", "process_id"),
)
"""What a process does, so that no other does it, too; `key` names one thing of its `kind`."""

job = sa.Table(
    "job",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("owner", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("photo_id", sa.ForeignKey("photo.id", ondelete="CASCADE")),
    sa.Column("wish", sa.JSON(none_as_null=True)),
    sa.Column("told", sa.JSON, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("fraction", sa.Float),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("is_wanted", sa.Boolean, nullable=False),
    sa.Column("created_at", UTCDateTime, nullable=False),
    sa.Column("ended_at", UTCDateTime),
    sa.Index("job_owner", "owner", "kind", "created_at"),
    sa.Index("job_state", "state"),
    sa.Index("job_photo", "photo_id"),
)
"""What visitors asked for, about a photo or about several. See `envo.jobs.Row`."""

news = sa.Table(
    "news",
    metadata,
    sa.Column("whose", sa.String(64), primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("teller", sa.String(32), nullable=False),
    sa.Index("news_number", "number"),
)
"""Of whom something changed of late, in the order of `number`, for SQLite, which tells nobody. See `envo.news`."""


def parts(values: Sequence[Any], length: int = AT_A_TIME) -> Iterator[Sequence[Any]]:
    """Cut values into so many as one statement may ask for, or `length`."""
    return (values[start : start + length] for start in range(0, len(values), length))


def folded(column: sa.ColumnElement) -> sa.ColumnElement:
    """Give a text as `names.folded` does."""
    return sa.func.envo_folded(column, type_=sa.Text)


def holds(column: sa.ColumnElement, term: str) -> sa.ColumnElement:
    """Ask for a text with a term in it, as people compare them."""
    return folded(column).contains(names.folded(term), autoescape=True)


class Turns:
    """A lock that is handed on in the order in which threads come for it; no thread may take it twice."""

    def __init__(self) -> None:
        """Begin with nobody's turn."""
        self._guard = threading.Lock()
        self._holder: int | None = None
        """The thread whose turn it is; 0: of one that is being woken."""
        self._waiting: deque[threading.Lock] = deque()

    def __enter__(self) -> None:
        me = threading.get_ident()
        with self._guard:
            if self._holder == me:
                raise RuntimeError("a transaction that writes was begun within another of the same thread")
            if self._holder is None:
                self._holder = me
                return
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        mine.acquire()
        self._holder = me

    def __exit__(self, *error: object) -> None:
        with self._guard:
            if self._waiting:
                self._holder = 0
                self._waiting.popleft().release()
            else:
                self._holder = None


class Database:
    """A connection pool with two ways in: `read` and `write`, each one transaction. Safe among threads."""

    def __init__(self, url: str, lock: Path):
        """Connect, and bring the tables up to date; `lock` is the file that keeps other processes from it.

        Raises UserError for a library that a newer Envo has upgraded, and for an address that is none.
        """
        self._dialect = dialect(url)
        # Without what statements are told, visitors' words, which no log is to have.
        self._engine = sa.create_engine(self._dialect.url, hide_parameters=True, **self._dialect.options)
        self._dialect.set_up(self._engine)
        # In the database those who wait look again every while, or stand each with a connection that others need to
        # read: of many, some would wait for long.
        self._turns = Turns()
        self._reader = self._engine.execution_options(**self._dialect.reads)
        self._writer = self._engine.execution_options(**{WRITES: True})
        self._is_damaged = False
        with self._dialect.alone(lock), self.write() as connection:
            _upgrade(connection)
            self._dialect.upgraded(connection)

    @property
    def is_shared(self) -> bool:
        """Whether other machines may use it for the same library."""
        return self._dialect.is_shared

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Begin a transaction that only reads. Raises StorageError where the database is damaged, or is not there."""
        with self._told(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Begin a transaction that writes; it is on the disk when the block has ended.

        Threads do so in the order in which they come, and processes one at a time; those who wait keep none from
        reading. Raises StorageError where the disk is full or cannot be written to, or the database is damaged or gone.
        """
        with self._told(), storage_errors(), self._turns, self._writer.begin() as connection:
            yield connection

    def check(self) -> None:
        """Raise StorageError, or another exception, where the database cannot be used.

        One that was found to be damaged is looked through wholly, until that finds nothing.
        """
        with self.read() as connection:
            MigrationContext.configure(connection).get_current_revision()
            if self._is_damaged and not self._dialect.is_sound(connection):
                raise StorageError(DAMAGED)
        self._is_damaged = False

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what is wrong with the database into a sentence for the visitor. Raises StorageError."""
        try:
            yield
        except sa.exc.DatabaseError as error:
            told = self._dialect.told(error)
            if told is None:
                raise
            if told == DAMAGED:
                if not self._is_damaged:
                    log.error("The library's database is damaged: %s", error.orig)
                self._is_damaged = True
                self._engine.dispose()  # the next connection opens what is put in the file's place
            raise StorageError(told) from error

    def insert_if_missing(self, connection: sa.Connection, table: sa.Table, values: dict | list[dict]) -> list[sa.Row]:
        """Insert a row, or rows, unless there is one with its key; gives the keys of those that were inserted."""
        insert = self._dialect.insert(table).values(values).on_conflict_do_nothing()
        return connection.execute(insert.returning(*table.primary_key)).all()

    def tell(self, teller: str, keys: Collection[str]) -> None:
        """Tell other processes some keys."""
        with self.write() as connection:
            self._dialect.tell(connection, news, teller, keys)

    def hear(self, teller: str) -> Iterator[set[str]]:
        """Give about each second the keys that others than `teller` have told."""
        try:
            with self._told():
                yield from self._dialect.hear(self._engine, news, teller)
        except self._engine.dialect.dbapi.Error as error:  # of the driver itself, which SQLAlchemy does not see
            raise StorageError(UNREACHABLE) from error

    def close(self) -> None:
        """Disconnect, and leave the database in as few files as there can be."""
        if left := self._dialect.close(self._engine):
            log.warning("%s", left)


def _upgrade(connection: sa.Connection) -> None:
    current = MigrationContext.configure(connection).get_current_revision()
    if current == _revisions().get_current_head():
        return
    try:
        if current is not None:
            _revisions().get_revision(current)
    except util.CommandError as error:
        raise UserError("This library was last opened by a newer Envo; update Envo to open it.") from error
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


@cache
def _revisions() -> ScriptDirectory:
    """All that the tables have gone through; kept, for each is a file that is compiled whenever it is read."""
    return ScriptDirectory.from_config(_config())
