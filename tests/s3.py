"""An S3 server for tests of where a library's files are: moto's, in this process."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import s3fs
from moto.server import ThreadedMotoServer

from tests.conftest import free_port

BUCKET = "photos"


@contextmanager
def served() -> Iterator[ThreadedMotoServer]:
    """Serve a bucket that is empty; who starts meanwhile finds it by the environment."""
    server = ThreadedMotoServer("127.0.0.1", port := free_port(), verbose=False)
    told = {"ENDPOINT_URL": f"http://127.0.0.1:{port}", "DEFAULT_REGION": "us-east-1"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (told | {"ACCESS_KEY_ID": "ann", "SECRET_ACCESS_KEY": "a"}).items():
            patch.setenv(f"AWS_{name}", value)
        server.start()
        httpx.post(f"{told['ENDPOINT_URL']}/moto-api/reset")  # what one before it had, it has
        s3fs.S3FileSystem.clear_instance_cache()  # of one that found the server before
        s3fs.S3FileSystem().mkdir(BUCKET)
        yield server
        server.stop()
