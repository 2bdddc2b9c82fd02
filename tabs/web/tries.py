"""Tries that fail, such as guesses of passwords: so many within a while, then the next is not looked at."""

import ipaddress
import time
from collections import OrderedDict, deque

from starlette.requests import HTTPConnection

from envo.errors import UserError

_REMEMBERED = 10_000
"""So many who tried are remembered; those of whom nothing was heard the longest are forgotten first."""


class TooMany(UserError):  # noqa: N818, what a visitor reads
    """Nothing was looked at, for there were too many tries. `seconds`: until the next one is."""

    def __init__(self, seconds: float):
        self.seconds = max(1, round(seconds))
        minutes = -(-self.seconds // 60)
        wait = "a minute" if minutes == 1 else f"{minutes} minutes"
        super().__init__(f"That were too many attempts; please wait {wait} before the next.")


class Tries:
    """Counts the tries of late by what they have in common, such as an address. For the event loop alone."""

    def __init__(self, limit: int, seconds: float):
        """Begin. limit: so many may fail within so many seconds."""
        self.limit = limit
        self.seconds = seconds
        self._failed: OrderedDict[str, deque[float]] = OrderedDict()

    def begin(self, key: str) -> None:
        """Count a try, which has failed until it `succeeded`. Raises TooMany."""
        now = time.monotonic()
        failed = self._failed.setdefault(key, deque())
        self._failed.move_to_end(key)
        while len(self._failed) > _REMEMBERED:
            self._failed.popitem(last=False)
        while failed and failed[0] < now - self.seconds:
            failed.popleft()
        if len(failed) >= self.limit:
            raise TooMany(failed[0] + self.seconds - now)
        failed.append(now)

    def succeeded(self, key: str) -> None:
        """Take back one try: whoever has an account of their own guesses no more often at those of others."""
        if failed := self._failed.get(key):
            failed.pop()


def address(connection: HTTPConnection) -> str:
    """From where a request comes: an address, or of IPv6 the network that one household has."""
    host = connection.client.host if connection.client else ""
    try:
        at = ipaddress.ip_address(host)
    except ValueError:
        return host
    return str(ipaddress.ip_network((at, 64), strict=False)) if at.version == 6 else host
