"""What pages that show many photos wait for: that something about them is to be seen anew, whichever process did it."""

import logging
import threading
import time
from collections import Counter

from envo.errors import StorageError
from envo.news import News
from envo.settings import NEWS_SECONDS
from tabs.work import threads

log = logging.getLogger(__name__)

GATHERED_SECONDS = 0.5
"""So long changes are gathered before other processes are told."""
PATIENCE_SECONDS = 5.0
"""After so long it is tried again where the database could not be reached."""
HEARD_SECONDS = 3 * NEWS_SECONDS
"""Others are heard as long as a page has asked so lately."""


class Changes:
    """Counts, for each owner, what changed. Methods may be called from any thread."""

    def __init__(self, news: News):
        """Begin with nothing. news: by which other processes tell, and are told."""
        self._news = news
        self._condition = threading.Condition()
        self._versions: Counter[str] = Counter()
        self._missed = 0
        """How often something may have changed that was not heard of."""
        self._untold: set[str] = set()
        self._asked = -float("inf")
        self._is_telling = self._is_hearing = False

    def tell(self, owner: str) -> None:
        """Say that tags, faces, people or photos of an owner changed."""
        with self._condition:
            self._versions[News.key(owner)] += 1
            self._untold.add(News.key(owner))
            if not self._is_telling:
                self._is_telling = True
                threads.keep("telling", self._tell)
            self._condition.notify()

    def version(self, owner: str) -> int:
        """Number that grows with each change; quickly told."""
        with self._condition:
            self._asked = time.monotonic()
            if not self._is_hearing:
                self._is_hearing = True
                self._missed += 1
                threads.keep("hearing", self._hear)
            return self._missed + self._versions[News.key(owner)]

    def _tell(self) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._untold)
            time.sleep(GATHERED_SECONDS)
            with self._condition:
                keys, self._untold = self._untold, set()
            try:
                self._news.tell(keys)
            except StorageError as error:
                log.info("other processes are told later: %s", error)
                with self._condition:
                    self._untold |= keys
                time.sleep(PATIENCE_SECONDS)

    def _hear(self) -> None:
        """Hear others until no page asks any more; then nobody is kept busy by it."""
        while True:
            try:
                for keys in self._news.hear():
                    with self._condition:
                        self._versions.update(keys)
                        if time.monotonic() - self._asked > HEARD_SECONDS:
                            self._is_hearing = False
                            return
            except StorageError as error:
                log.info("other processes are not heard: %s", error)
            time.sleep(PATIENCE_SECONDS)
            with self._condition:
                self._missed += 1
