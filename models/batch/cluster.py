"""Workers on a cluster, by Ray: one actor a core, or a GPU where the cluster has some.

Photos and results travel by Ray: only the machine that runs the batch needs to reach the source and the target.
"""

import os
import queue
from pathlib import Path
from typing import Any

from envo.errors import UserError
from models.batch.engines import LOST, TRIES, Answer, Failed, Worker, environment, workers_here
from models.batch.works import Work

ROOT = Path(__file__).parents[2]
NONE = "--engine ray needs the package ray: pip install ray==2.60.0, on each machine of the cluster."
STORE_BYTES = 512 * 2**20
"""Memory for what travels, where no cluster is joined: a few photos and results for each worker."""


class Cluster:
    """An `Engine` of Ray's actors. One that is lost is started anew by Ray, elsewhere if need be."""

    def __init__(self, work: Work, workers: int | None, address: str | None):
        """Join the cluster at an address, or start one on this machine, and start actors.

        workers: None for one a core, or GPU. Raises UserError where that cannot be done.
        """
        # It counts who uses it, and tells that, unless it is told otherwise before it is imported.
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        # Else workers that it starts here give way to all other processes.
        os.environ.setdefault("RAY_worker_niceness", "0")
        try:
            import ray
        except ImportError as error:
            raise UserError(NONE) from error
        self._ray = ray
        cores = os.cpu_count() or 1
        here = workers or workers_here()
        if address:
            how: dict[str, Any] = {"address": address}
        else:
            how = {"address": "local", "num_cpus": max(cores, here), "object_store_memory": STORE_BYTES}
            how |= {"include_dashboard": False}
        try:
            ray.init(**how, log_to_driver=False, logging_level="ERROR", runtime_env=_code(address))
        except Exception as error:  # each way in which it fails has its own
            raise UserError(f"Ray cannot be started, or joined at {address or 'this machine'}: {error}") from error
        there = ray.cluster_resources()
        gpus, cpus = (int(there.get(name, 0)) for name in ("GPU", "CPU"))
        self.workers = workers or gpus or (cpus if address else here)
        if not 1 <= self.workers <= max(gpus, cpus):
            ray.shutdown()
            raise UserError(f"The cluster has {cpus} cores and {gpus} GPUs; ask for as many workers at most.")
        threads = 1 if address else max(1, cores // self.workers)
        wish = {"num_gpus": 1} if gpus >= self.workers else {"num_cpus": 1}
        nodes = len([node for node in ray.nodes() if node["Alive"]])
        told = environment(-(-self.workers // nodes), threads)
        actor = ray.remote(Worker).options(
            **wish, max_restarts=-1, max_task_retries=TRIES - 1, runtime_env={"env_vars": told}
        )
        self._free: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._all = [actor.remote(work, threads) for _ in range(self.workers)]
        for each in self._all:
            self._free.put(each)

    def make(self, data: bytes) -> Answer:
        actor = self._free.get()
        try:
            return self._ray.get(actor.make.remote(data))
        except self._ray.exceptions.RayActorError:
            return Failed(LOST, may_pass=False)
        finally:
            self._free.put(actor)

    def close(self) -> None:
        if self._ray.is_initialized():
            for actor in self._all:
                self._ray.kill(actor)
            self._ray.shutdown()


def _code(address: str | None) -> dict[str, Any]:
    """Say where workers find Envo: here where it lies, elsewhere as a copy of what they need of it."""
    if not address:
        return {"env_vars": {"PYTHONPATH": str(ROOT)}}
    return {"py_modules": [str(ROOT / "envo"), str(ROOT / "models")]}
