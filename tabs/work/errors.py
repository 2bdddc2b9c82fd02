"""What went wrong for no visitor's reason, counted by kind."""

import threading
from collections import Counter

_counts: Counter[str] = Counter()
_lock = threading.Lock()


def note(error: BaseException) -> None:
    """Count one more of its kind."""
    with _lock:
        _counts[type(error).__name__] += 1


def counts() -> dict[str, int]:
    """Tell how many there were of each kind since the app was started."""
    with _lock:
        return dict(_counts)
