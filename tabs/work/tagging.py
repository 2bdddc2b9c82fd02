"""Tagging in the background: photos of all who opened the gallery, as they arrive, and what corrections teach.

What is done is kept photo by photo, so that a server that was stopped goes on where it was.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from envo.description import Description
from envo.errors import NotFound, StorageError
from envo.file import PhotoFile
from envo.gallery import FOUND, SeenFace, Sight, Tag, Untagged
from envo.library import Library
from models import faces, tagging
from models.engine import Report
from models.tagging import taught
from models.tagging.run import Result, Tagged, run
from models.tagging.taught import Example, Taught
from models.weights import WeightsError
from tabs.work import threads
from tabs.work.later import ELSEWHERE_SECONDS, Later
from tabs.work.queue import Progress, told
from tabs.work.recent import Recent
from tabs.work.scheduler import HEAVY, NICE, Rank

log = logging.getLogger(__name__)

AHEAD = 32
"""Photos that are asked of the library at a time."""
TAGGING = "tagging"
"""What the claims on contents are called that are looked at."""
PACE_OF = 60
"""Photos over which the pace is measured."""
FAILED = "These photos could not be tagged, for a reason that the app's log tells; it is tried again."
LEFT = "Some photos could not be looked at, for a reason that the app's log tells; it is tried again."
LESSONS_KEPT = 5000
"""Words and owners whose lessons are in memory; each word takes 10 kB. Those of others are learnt anew when needed."""
PATIENCE_SECONDS = 60.0
"""What failed is tried again after so long, then after twice that, and so on."""
MOST_PATIENCE_SECONDS = 3600.0
LOOKING = "Looking for objects, scenes and faces"


class Tagger:
    """Tags photos, one run after the other. One for the app; methods may be called from any thread."""

    def __init__(self, library: Library, changed: Callable[[str], None], faces_came: Callable[[str], None]):
        """Begin where the last one ended.

        changed: is told the owner of whom something is to be seen anew. faces_came: is told whose new faces are to be
        named.
        """
        self._library = library
        self._changed = changed
        self._faces_came = faces_came
        self._awake = threading.Event()
        self._lock = threading.Lock()
        self._progress = Progress("waiting")
        self._ends: deque[float] = deque(maxlen=PACE_OF)
        self._taught: Recent[Taught] = Recent(LESSONS_KEPT, lambda taught: 1 + len(taught.lessons))
        self._left: dict[str, float] = {}
        """Photos that could not be looked at, by id, and until when they are left alone, by `time.monotonic`."""
        self._elsewhere: set[str] = set()
        """Photos, by id, whose contents other processes look at."""
        self._patience = PATIENCE_SECONDS
        self._teaching = threading.RLock()
        """Held from reading what was said to writing what follows: tags of lessons that are old by now would stay."""
        self._lessons = Later("lessons", self._learn, library.claims)
        threads.keep("tagging", self._run, NICE[Rank.BEHIND])

    def wake(self) -> None:
        """Look for photos to be tagged."""
        self._awake.set()

    @property
    def number(self) -> int:
        """Grows whenever something else is being done."""
        with self._lock:
            return self._progress.number

    def progress(self, owner: str) -> dict[str, Any]:
        """Tell how far an owner's photos are, as the browser gets it."""
        done, total = self._library.gallery.progress(owner)
        with self._lock:
            now, ends = self._progress, list(self._ends)
        state = "done" if done == total else now.state if now.state == "failed" else "working"
        pace = (len(ends) - 1) / (ends[-1] - ends[0]) if len(ends) > 1 else None
        return {
            "state": state,
            "step": "" if state == "done" else now.step,
            "fraction": now.fraction,
            "done": done,
            "total": total,
            "pace": pace if state == "working" else None,
        }

    def learn(self, owner: str) -> None:
        """Soon learn from what an owner corrected."""
        self._lessons.ask(owner)

    def _tell(self, state: str, step: str = "", fraction: float | None = None) -> None:
        with self._lock:
            now = Progress(state, step, fraction, self._progress.number)
            if now != self._progress:
                self._progress = replace(now, number=now.number + 1)

    def _run(self) -> None:
        self.wake()
        while True:
            # A fault, such as a full disk, is waited out.
            patience = self._patience if self._progress.state == "failed" else None
            self._awake.wait(ELSEWHERE_SECONDS if self._elsewhere else patience)
            self._awake.clear()
            self._elsewhere.clear()
            now = time.monotonic()
            self._left = {id: until for id, until in self._left.items() if until > now}
            try:
                for detector in self._library.gallery.detectors():
                    self._tell("working", "Starting")
                    self._tag_all(detector)
                self._rest()
            except Exception as error:
                self._tell("failed", told(error, "tagging", FAILED))
                self._patience = min(2 * self._patience, MOST_PATIENCE_SECONDS)
            with self._lock:
                self._ends.clear()

    def _rest(self) -> None:
        """Nothing more can be done now."""
        if self._elsewhere:
            self._tell("working", LOOKING)
        elif self._left:
            self._tell("failed", LEFT)
            self._patience = min(2 * self._patience, MOST_PATIENCE_SECONDS)
        else:
            self._tell("waiting")
            self._patience = PATIENCE_SECONDS

    def _tag_all(self, detector_name: str) -> None:
        """Tag what is to be tagged with one detector."""
        detector = tagging.DETECTORS.get(detector_name) or next(iter(tagging.DETECTORS.values()))
        classifier = next(iter(tagging.CLASSIFIERS.values()))
        under_way: dict[str, Untagged] = {}
        claims, held = self._library.claims, set()

        def fetching(step: str, fraction: float | None) -> None:
            self._tell("working", step, fraction)

        def untagged() -> list[Untagged]:
            return self._library.gallery.untagged(detector_name, AHEAD, {*under_way, *self._left, *self._elsewhere})

        def taken(found: list[Untagged]) -> Iterator[Untagged]:
            """Take what no other process looks at, and let go of what is done."""
            nonlocal held
            held = claims.hold(TAGGING, held, {each.sha256 for each in (*under_way.values(), *found)})
            still = {each.id for each in untagged()}  # others may have been done with some just before
            for each in found:
                if each.sha256 not in held:
                    self._elsewhere.add(each.id)
                elif each.id in still:
                    yield each

        def waiting() -> Iterator[tuple[Untagged, Callable[[], bytes]]]:
            while found := untagged():
                for each in taken(found):
                    sight = None if each.is_outdated else self._library.gallery.sight(each.sha256)
                    if sight:  # somebody else has it, or it was copied
                        with self._sparing(each):
                            self._take(each, sight)
                    else:
                        under_way[each.id] = each
                        yield each, partial(self._read, each)

        try:
            self._tag_each(run(waiting(), detector, classifier, fetching), classifier.name, under_way, fetching)
        finally:
            claims.release(TAGGING, held)

    def _tag_each(
        self, results: Iterator[Result], classifier: str, under_way: dict[str, Untagged], fetching: Report
    ) -> None:
        """Give photos what was seen in them, one after the other."""
        engine = faces.auto()
        while True:
            # Some photos are looked at ahead, and no more while others have their turns.
            with HEAVY.place(Rank.BEHIND, "tagging"):
                result = next(results, None)
                if result is None:
                    return
                each, tagged = result.key, result.tagged
                self._tell("working", LOOKING)
                with self._sparing(each):
                    if result.fault:
                        raise result.fault
                    if tagged is None:
                        sight = Sight(trouble=result.trouble)
                    else:
                        embedded = engine.embed(tagged.image, tagged.faces, fetching)
                        sight = _sight(tagged, classifier, embedded, engine)
                    self._library.gallery.set_sight(each.sha256, sight)
                    self._take(each, sight)
            del under_way[each.id]
            with self._lock:
                self._ends.append(time.monotonic())

    @contextmanager
    def _sparing(self, each: Untagged) -> Iterator[None]:
        """Let what goes wrong with one photo be no trouble of others', nor of its own for good: it is left for later.

        Raises what is no matter of this photo: StorageError, WeightsError.
        """
        try:
            yield
        except (StorageError, WeightsError):
            raise
        except NotFound:
            pass  # it was removed for good meanwhile, or is another owner's now, and comes again as theirs
        except Exception as error:
            log.warning("tagging %s is left for later", each.id, exc_info=error)
            self._left[each.id] = time.monotonic() + self._patience

    def _read(self, each: Untagged) -> PhotoFile:
        return self._library.file(each.owner, each.id)

    def _take(self, each: Untagged, sight: Sight) -> None:
        """Give a photo what was seen in its content."""
        library = self._library
        if not each.is_read and not sight.trouble:
            library.complete(each.owner, each.id)
        said = Description() if sight.trouble else library.said(each.owner, each.id)
        regions, people = said.regions or (), said.people or ()
        library.people.take(each.owner, each.id, sight.faces, regions, sight.face_engine, people)
        with self._teaching:
            lessons = self._taught.get(each.owner) or self._learn(each.owner)
            tags = sight.tags if sight.embedding is None else lessons.applied(sight.tags, sight.embedding)
            library.gallery.take(each.owner, each.id, tags)
        owner = library.gallery.owner(each.id)
        if owner:
            self._changed(owner)
            if sight.faces:
                self._faces_came(owner)

    def _learn(self, owner: str) -> Taught:
        """Learn from an owner's corrections, and apply that to all that nobody corrected."""
        with self._teaching:
            seen = self._library.gallery.seen(owner)
            engine = next(iter(tagging.CLASSIFIERS))
            comparable = {id: both for id, both in seen.items() if both[0].engine == engine}
            lessons = taught.learn([_example(sight, tags) for sight, tags in comparable.values()])
            # What was learnt before, and is not any more, is taken back.
            affected = set(lessons.lessons) | {
                tag.word
                for _, tags in seen.values()
                for tag in tags.values()
                if tag.origin == "taught" and tag.state == FOUND
            }
            self._taught.put(owner, lessons)
            if not (affected and comparable):
                return lessons
            tags = [[tag for tag in sight.tags if tag.word in affected] for sight, _ in comparable.values()]
            found = lessons.applied_to_all(tags, np.stack([sight.embedding for sight, _ in comparable.values()]))
            if self._library.gallery.teach(owner, dict(zip(comparable, found, strict=True)), affected):
                self._changed(owner)
            return lessons


def _sight(tagged: Tagged, classifier: str, embeddings: np.ndarray, engine: faces.Engine) -> Sight:
    height, width = tagged.image.shape[:2]
    size = np.array([width, height] * 2)
    return Sight(
        tagged.tags,
        tagged.embedding,
        classifier,
        tuple(
            SeenFace(tuple((face.box / size).tolist()), face.sure, embedding)
            for face, embedding in zip(tagged.faces, embeddings, strict=True)
        ),
        engine.name,
    )


def _example(sight: Sight, tags: dict[str, Tag]) -> Example:
    found = {tag.word: tag.confidence for tag in sight.tags}
    verdicts = {tag.word: tag.state == "accepted" for tag in tags.values() if tag.state != FOUND}
    return Example(sight.embedding, found, verdicts)
