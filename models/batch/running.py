"""From the source through the workers to the target: few photos are under way at a time, however many there are."""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from envo.errors import StorageError, UserError
from models.batch.engines import Engine, Failed
from models.batch.journal import Journal
from models.batch.sources import Source
from models.batch.targets import Target

AHEAD = 2
"""Photos under way for each worker: while it is at one, the next is read, and the last is written."""
TRIED_AGAIN = 10_000
"""So many photos that failed for no fault of theirs are tried once more in the end; others when it is run again."""

Told = Callable[[str, str], None]
"""Is told the name of a photo that is over, and why it failed, or ""."""


class Run:
    """One run of a batch, which goes on where the last one ended."""

    def __init__(self, source: Source, target: Target, journal: Journal, engine: Engine, told: Told):
        self._source = source
        self._target = target
        self._journal = journal
        self._engine = engine
        self._told = told
        self._room = threading.BoundedSemaphore(AHEAD * engine.workers)
        self._again: deque[str] = deque(maxlen=TRIED_AGAIN)
        self._fault: BaseException | None = None

    def do(self) -> None:
        """See to all photos that are not done.

        Raises StorageError where the target cannot be written to, and UserError where the source cannot be listed.
        """
        total = 0

        def waiting() -> Iterable[str]:
            nonlocal total
            for name in self._source.names():
                total += 1
                if not self._journal.is_done(name):
                    yield name

        self._do_all(waiting(), is_last=False)
        self._journal.all_listed(total)
        self._do_all(list(self._again), is_last=True)
        self._journal.keep()

    def _do_all(self, names: Iterable[str], is_last: bool) -> None:
        pool = ThreadPoolExecutor(AHEAD * self._engine.workers)
        try:
            for name in names:
                self._room.acquire()
                if self._fault:
                    break
                pool.submit(self._see_to, name, is_last)
            pool.shutdown()
        except BaseException:
            self._fault = self._fault or InterruptedError()
            self._engine.close()  # so that nobody waits for an answer
            pool.shutdown(cancel_futures=True)
            raise
        if self._fault:
            raise self._fault

    def _see_to(self, name: str, is_last: bool) -> None:
        try:
            if not self._fault:
                self._do(name, is_last)
        except BaseException as error:  # a full disk, or a fault: it ends the run
            self._fault = self._fault or error
        finally:
            self._room.release()

    def _do(self, name: str, is_last: bool) -> None:
        try:
            answer = self._engine.make(self._source.read(name))
        except StorageError:
            raise
        except UserError as error:
            answer = Failed(str(error), may_pass=False)
        except Exception as error:  # each kind of source has its own
            answer = Failed(f"It could not be read or seen to ({type(error).__name__}: {error}).", may_pass=True)
        if self._fault:
            return  # what a worker that was ended says is nothing of the photo's
        if not isinstance(answer, Failed):
            result = answer.name(name)
            try:
                self._target.write(result, answer.data)
            except StorageError:
                raise
            except UserError as error:
                answer = Failed(str(error), may_pass=False)
            else:
                self._journal.note(name, result, answer.notes)
                self._told(name, "")
                return
        if answer.may_pass and not is_last:
            self._again.append(name)
            return
        self._journal.note(name, None, why=answer.why)
        self._told(name, answer.why)
