"""Naming in the background: faces are named after those that have a name, and those that have none are grouped."""

import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from envo.errors import StorageError
from envo.library import Library
from envo.people import FOUND, IGNORED, NAMED, Embedded
from models import faces
from tabs.work import threads
from tabs.work.later import Later
from tabs.work.queue import Progress, told
from tabs.work.recent import Recent

PATIENCE = 3
"""Grouping rests for so many times as long as it took: faces may arrive for hours."""
LEAST = 0.05
"""Confidence below which it is not kept who a face may be."""
STRANGERS = 100
"""Faces said to be nobody's that are learnt from; many more than were named would leave nobody sure."""
GROUPED_FACES = 200_000
"""Faces whose groups are kept in memory, of all owners together."""
NAMING = "Naming faces"
FAILED = "The faces could not be named; the app's log says why."


@dataclass(frozen=True)
class Group:
    """Faces that are alike, whom nobody has named."""

    key: str
    """Id of the one that came first, by which the group is known as long as that is in it."""
    faces: list[str]
    """Ids, the most typical first."""


@dataclass(frozen=True)
class _Grouping:
    """How faces were grouped."""

    groups: list[Group]
    """Largest first."""
    all: frozenset[str]
    """Ids of the faces that were compared, or have nothing that could be."""


@dataclass
class _State:
    """How far the naming of an owner's faces is."""

    step: str = ""
    """What is being done, or soon will be."""
    failure: str = ""
    """Why it failed when it was done last, as a visitor reads it."""
    asked: int = 0
    """How often it was asked for."""
    rests: float = 0
    """Until when not to group again, by `time.monotonic`."""
    is_planned: bool = False
    """Whether it will be done when that is over."""


class Naming:
    """Names and groups faces, of one owner at a time. One for the app; methods may be called from any thread."""

    def __init__(self, library: Library, changed: Callable[[str], None] = lambda owner: None):
        """Begin with nothing to do. changed: is told the owner whenever faces or people are others than before."""
        self._library = library
        self._changed = changed
        self._lock = threading.Lock()
        self._states: dict[str, _State] = {}
        self._groupings: Recent[_Grouping] = Recent(GROUPED_FACES, lambda grouping: len(grouping.all))
        self._later = Later("naming", self._work, library.claims)

    def wake(self, owner: str) -> None:
        """Name an owner's faces soon, for some are new, or something was said of them."""
        with self._lock:
            state = self._state(owner)
            state.asked += 1
            state.step = state.step or NAMING
        self._later.ask(owner)

    def changed(self, owner: str) -> None:
        """Tell that something was said of an owner's faces; they are named anew soon."""
        self._changed(owner)
        self.wake(owner)

    def progress(self, owner: str) -> Progress:
        """How far the naming of an owner's faces is."""
        with self._lock:
            state = self._state(owner)
            if state.step:
                return Progress("working", state.step)
            if state.is_planned:
                return Progress("waiting", "Grouping faces soon")
            return Progress("failed", state.failure) if state.failure else Progress("done")

    def groups(self, owner: str, unknown: Sequence[str]) -> tuple[list[Group], list[str]]:
        """Group those of an owner's faces that nobody has, the largest group first; and tell which are like no other.

        What was not compared yet is among these until it is, which is seen to.
        """
        grouping = self._groupings.get(owner) or _Grouping([], frozenset())
        left = set(unknown)
        with self._lock:
            state = self._state(owner)
            is_seen_to = bool(state.step or state.failure) or state.is_planned
        if left - grouping.all and not is_seen_to:
            self.wake(owner)
        groups = [replace(group, faces=[id for id in group.faces if id in left]) for group in grouping.groups]
        groups = sorted((group for group in groups if len(group.faces) > 1), key=lambda group: -len(group.faces))
        together = {id for group in groups for id in group.faces}
        return groups, [id for id in unknown if id not in together]

    def split(self, owner: str, person_id: str) -> list[list[str]]:
        """Group a person's faces by likeness, the largest group first: ids, each in one group, be it alone."""
        theirs, _ = self._library.people.of_person(owner, person_id)
        alike = [group.faces for group in _grouped(self._library.people.embedded(owner, person_id))]
        together = {id for group in alike for id in group}
        return alike + [[face.id] for face in theirs if face.id not in together]

    def move(self, owner_from: str, owner_to: str) -> None:
        """See to the faces that `Library.move` has handed over."""
        self.changed(owner_from)
        self.changed(owner_to)

    def _state(self, owner: str) -> _State:
        return self._states.setdefault(owner, _State())

    def _work(self, owner: str) -> None:
        with self._lock:
            state = self._state(owner)
            asked, state.step = state.asked, NAMING
        failure = ""
        try:
            self._name(owner)
            self._group(owner)
        except StorageError as error:
            failure = str(error)
            raise
        except Exception as error:
            failure = told(error, "naming", FAILED)
        finally:
            with self._lock:
                state.step, state.failure = "" if state.asked == asked else NAMING, failure
            # A page that asked meanwhile was told that it is under way.
            self._changed(owner)

    def _name(self, owner: str) -> None:
        names: dict[str, tuple[str | None, float]] = {}
        there = self._library.people.named(owner)
        for engine, some in _by_engine(self._library.people.embedded(owner)):
            names |= _names(engine, some, there)
        if self._library.people.suggest(owner, names):
            self._changed(owner)

    def _group(self, owner: str) -> None:
        """Group the faces that nobody has, where some were not compared yet, or so few are left that they may be."""
        unknown = frozenset(self._library.people.everybody(owner).unknown)
        old = self._groupings.get(owner)
        if old and unknown <= old.all and (not unknown or len(unknown) > len(old.all) / 2):
            return
        start = time.thread_time()
        with self._lock:
            state = self._state(owner)
            if time.monotonic() < state.rests:
                self._plan(owner, state)
                return
            state.step = "Grouping faces"
        compared = [face for face in self._library.people.embedded(owner) if face.id in unknown]
        new = _Grouping(_grouped(compared), unknown)
        self._groupings.put(owner, new)
        if old is None or new.groups != old.groups:
            self._changed(owner)
        with self._lock:
            state.rests = time.monotonic() + PATIENCE * (time.thread_time() - start)

    def _plan(self, owner: str, state: _State) -> None:
        """See to it that faces are grouped when that has rested."""

        def due() -> None:
            with self._lock:
                state.is_planned, state.step = False, NAMING
            self.wake(owner)

        if not state.is_planned:
            state.is_planned = True
            threads.after(state.rests - time.monotonic(), "grouping faces", due)


def _by_engine(some: Iterable[Embedded]) -> list[tuple[faces.Engine, list[Embedded]]]:
    """Part faces by the engine that embedded them; those that none of today's engines can compare are left out."""
    parts = groupby(sorted(some, key=lambda face: face.engine), key=lambda face: face.engine)
    known = [(faces.ENGINES[name], list(part)) for name, part in parts if name in faces.ENGINES]
    return [(engine, [face for face in part if len(face.embedding) == 4 * engine.length]) for engine, part in known]


def _embeddings(engine: faces.Engine, some: Sequence[Embedded]) -> np.ndarray:
    """Embeddings of faces of one engine, float32 NxD."""
    return np.frombuffer(b"".join(face.embedding for face in some), "<f4").reshape(-1, engine.length)


def _names(
    engine: faces.Engine, some: Sequence[Embedded], there: Mapping[str, Collection[str]]
) -> dict[str, tuple[str | None, float]]:
    """Tell who the faces of one engine that nobody named may be, and how surely, by their ids.

    there: ids of the people who were named in photos, by the photo's id; no other face there is theirs.
    """
    embeddings = _embeddings(engine, some)
    places: dict[str, list[int]] = {}
    for place, face in enumerate(some):
        if face.state == NAMED:
            places.setdefault(face.person_id, []).append(place)
    unnamed = [place for place, face in enumerate(some) if face.state == FOUND]
    refused = [place for place in unnamed if some[place].refused]
    ignored = [place for place, face in enumerate(some) if face.state == IGNORED]
    strangers = embeddings[(refused + ignored)[:STRANGERS]]
    namer = faces.Namer(engine, {person: embeddings[theirs] for person, theirs in places.items()}, strangers)
    people = namer.people
    if not people:
        return {some[place].id: (None, 0.0) for place in unnamed}
    columns = {person: column for column, person in enumerate(people)}
    photos = {id: number for number, id in enumerate({face.photo_id for face in some})}
    confidences = faces.once(
        namer.confidences(embeddings[unnamed]),
        [photos[some[place].photo_id] for place in unnamed],
        [
            {columns[id] for id in (*some[place].refused, *there.get(some[place].photo_id, ())) if id in columns}
            for place in unnamed
        ],
        LEAST,
    )
    likeliest = confidences.argmax(axis=1)
    return {
        some[place].id: (people[column], round(float(confidence), 4)) if confidence >= LEAST else (None, 0.0)
        for place, column, confidence in zip(unnamed, likeliest, confidences.max(axis=1), strict=True)
    }


def _grouped(some: Sequence[Embedded]) -> list[Group]:
    """Group faces that are alike, the largest group first."""
    found = []
    for engine, part in _by_engine(some):
        for places in faces.alike(engine, _embeddings(engine, part)):
            found.append(Group(part[places.min()].id, [part[place].id for place in places]))
    return sorted(found, key=lambda group: -len(group.faces))
