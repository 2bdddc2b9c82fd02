"""What changed, told between the processes on one library: of whom something is to be seen anew. `Library.news`.

PostgreSQL tells those who listen. SQLite tells nobody: there a table has it, which is looked into when the file is
another than before.
"""

import hashlib
import secrets
from collections.abc import Collection, Iterator

from envo import database as db


class News:
    """Tells other processes, and hears them."""

    def __init__(self, database: db.Database):
        """Begin to be told apart from others."""
        self._database = database
        self._teller = secrets.token_hex(8)

    @staticmethod
    def key(owner: str) -> str:
        """Name an owner among the news, for which nobody needs to know who it is."""
        return hashlib.sha256(owner.encode()).hexdigest()

    def tell(self, keys: Collection[str]) -> None:
        """Tell that something of some owners changed. Raises StorageError."""
        self._database.tell(self._teller, keys)

    def hear(self) -> Iterator[set[str]]:
        """Give about each second the keys of those of whom others told something. Raises StorageError."""
        return self._database.hear(self._teller)
