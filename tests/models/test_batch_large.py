"""Archives of a million photos, and clusters."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from models.batch import journal, targets
from models.batch.cluster import Cluster
from tests.models.batches import Held, Photos
from tests.models.test_batch import WAITING, results, run, until

pytestmark = pytest.mark.slow

MILLION = 1_000_000


def names(count: int) -> Iterator[str]:
    return (f"{number // 1000:04}/IMG_{number:07}.jpg" for number in range(count))


def test_a_million_photos_take_little_memory_and_few_seconds_to_go_on(tmp_path):
    (tmp_path / targets.KEPT).mkdir()
    # As `note` writes them, which takes longer.
    line = '{"photo": "%s", "result": "%s.json"}\n'
    with (tmp_path / targets.KEPT / "backwards.jsonl").open("w") as file:
        file.write('{"work": "backwards"}\n')
        file.writelines(line % (name, name) for name in names(MILLION - 1000))
    before, begun = psutil.Process().memory_info().rss, time.process_time()
    target = targets.opened(str(tmp_path))
    noted = journal.Journal(target, {"work": "backwards"})
    left = [name for name in names(MILLION) if not noted.is_done(name)]
    # Of the processor, for others may be busy beside it.
    assert time.process_time() - begun < 10
    assert psutil.Process().memory_info().rss - before < 300 * 2**20
    assert noted.done == MILLION - 1000 and len(left) == 1000
    target.close()


def test_a_cluster_gives_the_same_and_a_photo_whose_worker_is_killed_is_made_by_another(tmp_path):
    pytest.importorskip("ray")
    work = Held(tmp_path / "desk")
    work.desk.mkdir()
    engine = Cluster(work, 2, None)
    try:
        with ThreadPoolExecutor(1) as beside:
            noted = beside.submit(run, Photos(WAITING), str(tmp_path / "out"), engine)
            until(lambda: len(work.at_work()) == 2)
            os.kill(work.at_work()[0], signal.SIGKILL)
            until(lambda: len(work.at_work()) == 3)
            (work.desk / "go on").touch()
            assert (noted.result().done, noted.result().failed) == (8, 0)
    finally:
        engine.close()
    assert results(tmp_path / "out") == {f"{name}.txt": data[::-1] for name, data in WAITING.items()}
