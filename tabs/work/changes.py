"""What pages that show many photos wait for: that something about them is to be seen anew."""

import threading
from collections import Counter


class Changes:
    """Counts, for each owner, what changed. Methods may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._versions: Counter[str] = Counter()

    def tell(self, owner: str) -> None:
        """Say that tags, faces, people or photos of an owner changed."""
        with self._lock:
            self._versions[owner] += 1

    def version(self, owner: str) -> int:
        """Number that grows with each change."""
        with self._lock:
            return self._versions[owner]
