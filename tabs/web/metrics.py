"""Numbers for whoever watches the app, as Prometheus reads them: `ENVO_METRICS` says where.

They are told on a port of their own: what proxies, links and Spaces show to strangers is the app's. Nothing in them is
anybody's: routes are told by their templates, models and engines by their names.
"""

import shutil
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Histogram, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, SummaryMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from envo import memory, settings
from envo.errors import UserError
from models import cache, engine
from tabs.work import errors, queue
from tabs.work.scheduler import HEAVY, Rank

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""Whoever asks may make up others."""
REGISTRY = CollectorRegistry()
_answers = Histogram(
    "envo_answer_seconds",
    "Time that answers took, by route; those that wait for news wait up to 20 seconds.",
    ("method", "route", "status"),
    buckets=SECONDS,
    registry=REGISTRY,
)


def answered(method: str, route: str, status: int, seconds: float) -> None:
    """Note how a request was answered; see `Requests`."""
    _answers.labels(method if method in METHODS else "other", route, f"{status // 100}xx").observe(seconds)


class House(Collector):
    """What the floors below know of their work, asked when it is read."""

    def collect(self) -> Iterator[Metric]:
        yield from _queues()
        yield from _models()
        yield from _engines()
        yield _counted("envo_errors", "What went wrong, for no visitor's reason, by kind.", "kind", errors.counts())
        yield from _disks()


def _queues() -> Iterator[Metric]:
    waiting = GaugeMetricFamily("envo_queue_length", "Jobs that wait or are worked on.", labels=["queue"])
    waits = SummaryMetricFamily("envo_queue_wait_seconds", "Time from asking to the turn.", labels=["queue"])
    for name, now in queue.tallies().items():
        waiting.add_metric([name], now.length)
        waits.add_metric([name], now.begun, now.waited)
    yield waiting
    yield waits
    turns = GaugeMetricFamily("envo_turns", "Heavy work that waits for a place or has one, by rank.", labels=["rank"])
    delays = SummaryMetricFamily("envo_turn_wait_seconds", "Time from asking to the place.", labels=["rank"])
    for rank in Rank:
        of_rank = HEAVY.tally(rank)
        turns.add_metric([rank.name.lower()], of_rank.length)
        delays.add_metric([rank.name.lower()], of_rank.begun, of_rank.waited)
    yield turns
    yield delays


def _models() -> Iterator[Metric]:
    loaded = GaugeMetricFamily("envo_model_bytes", "Models in memory, roughly.", labels=["model"])
    for name, size in cache.loaded().items():
        loaded.add_metric([name], size)
    yield loaded
    yield GaugeMetricFamily("envo_model_budget_bytes", "What they may take together.", cache.memory_budget())
    photos = GaugeMetricFamily("envo_photo_bytes", "Memory for decoded photos.", labels=["of"])
    photos.add_metric(["drawn"], memory.PHOTOS.drawn)
    photos.add_metric(["budget"], memory.PHOTOS.total)
    yield photos


def _engines() -> Iterator[Metric]:
    runs = SummaryMetricFamily("envo_engine_seconds", "Work of engines, by how it ended.", labels=["engine", "ended"])
    for (name, ended), work in engine.worked().items():
        runs.add_metric([name, ended], work.count, work.seconds)
    yield runs


def _disks() -> Iterator[Metric]:
    disk = GaugeMetricFamily("envo_disk_bytes", "The disks of the library and of weights.", labels=["of", "state"])
    for name, folder in ("library", settings.home()), ("cache", settings.cache_dir()):
        there = next(place for place in (folder, *folder.parents) if place.exists())
        usage = shutil.disk_usage(there)
        disk.add_metric([name, "free"], usage.free)
        disk.add_metric([name, "used"], usage.used)
    yield disk


def _counted(name: str, about: str, label: str, counts: dict[str, int]) -> Metric:
    family = CounterMetricFamily(name, about, labels=[label])
    for value, count in counts.items():
        family.add_metric([value], count)
    return family


REGISTRY.register(House())
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)


def serve() -> None:
    """Tell the numbers where `ENVO_METRICS` says, if it says so. Raises UserError where nobody can listen there."""
    place = settings.metrics_place()
    if place is None:
        return
    host, port = place
    try:
        start_http_server(port, host, REGISTRY)
    except (OSError, OverflowError) as error:
        raise UserError(f"ENVO_METRICS says {host}:{port}, where Envo cannot listen; choose another port.") from error
