"""What tests of networks share."""

from collections.abc import Iterator

import pytest

from models import cache


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """PyTorch with one thread, for small networks are slower with more; and no model left behind."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
    cache.make_room()
