"""Results of actions are kept whole, tell how they were made, and are seen by their photo's owner alone."""

import contextlib
import errno
import io
import json
import multiprocessing
import os
import random
import signal
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image as Pillow

from envo import description, raster, results
from envo.colour import SRGB
from envo.errors import UserError
from envo.file import PhotoFile
from envo.library import Library, NotFound
from envo.own import Own
from envo.results import Made
from envo.settings import MAX_RESULTS, TRASH_DAYS
from tests.unit.test_library import example, files, picture, url

ERASED = Made("erase", "patchmatch", "PatchMatch", {}, False, 4, None, 0.7, "")
REPLACED = Made(
    action="replace",
    engine="sdxl-inpaint",
    label="SDXL",
    settings={
        "prompt": "a cup of tea,\nsteaming",
        "negative": "coffee",
        "guidance": 7.5,
        "steps": 30,
        "strength": 0.99,
        "seed": 4_294_967_295,
        "count": 1,
        "scheduler": "euler",
    },
    invert=True,
    grow=0,
    start="another",
    seconds=12.5,
    note="Only its first 75 words were read.",
)
CUT_OUT = Made("background", "backdrop", "Transparent", {"kind": "transparent"}, True, 0, None, 0.1, "")


@pytest.fixture
def coffee(library) -> str:
    return library.add("ann", "IMG_1.heic", example())[0].id


def pixels(shade: int = 0, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(shade).integers(0, 256, (30, 40, channels), np.uint8)


def own(shade: int = 0, channels: int = 3) -> Own:
    return own_of(pixels(shade, channels))


def own_of(image: np.ndarray) -> Own:
    """Take uint8 sRGB, HxWx3 or HxWx4 with alpha last."""
    return Own(image[..., :3], image[..., 3] if image.shape[2] == 4 else None, SRGB)


def read(library: Library, photo_id: str, result_id: str) -> np.ndarray:
    """The picture of a result as it is kept."""
    with Pillow.open(library.results.file("ann", photo_id, result_id)) as file:
        return np.asarray(file)


def test_a_result_is_kept_to_the_pixel_and_tells_how_it_was_made(library, coffee):
    whole = skimage.data.coffee()
    (kept,) = library.results.add("ann", coffee, [(REPLACED, own_of(whole))])
    assert library.results.all("ann", coffee) == [library.results.one("ann", coffee, kept.id)] == [kept]
    assert (kept.width, kept.height, kept.alpha, kept.settings) == (600, 400, False, REPLACED.settings)
    with Pillow.open(library.results.file("ann", coffee, kept.id)) as file:
        assert np.array_equal(np.asarray(file), whole)
        assert file.text["parameters"] == (
            "a cup of tea, steaming\nNegative prompt: coffee\n"
            "Steps: 30, Sampler: euler, CFG scale: 7.5, Seed: 4294967295, Denoising strength: 0.99, Model: sdxl-inpaint"
        )
        told = json.loads(file.text["envo"])
    assert told["settings"] == REPLACED.settings
    assert (told["engine"], told["invert"], told["grow"]) == ("sdxl-inpaint", True, 0)
    assert library.results.name("ann", coffee, kept.id) == "IMG_1 replaced.png"


def test_a_result_without_a_prompt_has_no_parameters_and_leaves_with_what_is_told_of_its_photo(library):
    row, _ = library.add("ann", "IMG_1.jpg", _with_exif())
    library.gallery.change("ann", [row.id], rating=4)
    (kept,) = library.results.add("ann", row.id, [(ERASED, own())])
    name, done = library.results.download("ann", row.id, kept.id)
    with Pillow.open(io.BytesIO(done.data)) as file:
        assert name == "IMG_1 erased.png" and "envo" in file.text and "parameters" not in file.text
        assert file.getexif()[0x010F] == "Maker" and np.array_equal(np.asarray(file), pixels())
    assert description.read(PhotoFile(done.data)).rating == 4


def _with_exif() -> bytes:
    file, exif = io.BytesIO(), Pillow.Exif()
    exif[0x010F] = "Maker"
    Pillow.fromarray(pixels()).save(file, "JPEG", exif=exif)
    return file.getvalue()


def test_what_a_page_shows_of_a_result_is_made_once(home, library, coffee):
    large = np.zeros((100, 5000, 3), np.uint8)
    opaque, clear = library.results.add("ann", coffee, [(ERASED, own_of(large)), (CUT_OUT, own(channels=4))])
    for edge, shown in ((100, 2048), (2048, 2048), (4096, 4096), (5000, 5000), (99999, 5000)):
        path, media_type = library.results.rendition("ann", coffee, opaque.id, edge)
        assert media_type == "image/jpeg" and Pillow.open(path).size[0] == shown
    assert len([path for path in files(home / "renditions") if opaque.id in path.name]) == 3
    path, media_type = library.results.rendition("ann", coffee, clear.id, 4096)
    assert media_type == "image/webp" and Pillow.open(path).mode == "RGBA" and clear.alpha
    assert Pillow.open(library.results.thumbnail("ann", coffee, opaque.id)).size == (320, 6)
    assert Pillow.open(library.results.thumbnail("ann", coffee, clear.id)).mode == "RGBA"


def test_a_result_becomes_a_photo_of_its_own(library, coffee, monkeypatch):
    opaque, clear = library.results.add("ann", coffee, [(ERASED, own()), (CUT_OUT, own(channels=4))])
    name, data, _ = library.results.as_photo("ann", coffee, opaque.id)
    assert name == "IMG_1 erased.png" and np.array_equal(PhotoFile(data).decode().pixels, pixels())
    assert library.add("ann", name, data)[1]
    monkeypatch.setattr(results, "MAX_FILE_BYTES", 1000)
    for result, ending, format in ((opaque, " erased.jpg", "JPEG"), (clear, " new background.webp", "WEBP")):
        name, data, notes = library.results.as_photo("ann", coffee, result.id)
        assert "larger than" in notes[-1] and name == f"IMG_1{ending}"
        assert Pillow.open(io.BytesIO(data)).format == format
    library.rename("ann", coffee, "x" * 200)
    assert len(library.results.as_photo("ann", coffee, opaque.id)[0]) == 120


def test_a_result_is_decoded_however_large_its_file_is(library, coffee, monkeypatch):
    opaque, clear = library.results.add("ann", coffee, [(ERASED, own()), (CUT_OUT, own(channels=4))])
    monkeypatch.setattr(raster, "MAX_FILE_BYTES", 1000)
    with pytest.raises(UserError, match="larger"):
        library.decode("ann", coffee)
    decoded = library.decode("ann", coffee, opaque.id)
    assert np.array_equal(decoded.pixels, pixels())
    assert library.decode("ann", coffee, clear.id, edge=20).pixels.shape == (15, 20, 3)


def test_results_are_there_again_after_closing_oldest_first(home, library, coffee):
    kept = [library.results.add("ann", coffee, [(ERASED, own(n)), (ERASED, own(n))]) for n in range(3)]
    library.close()
    again = Library(home, url(home))
    assert again.results.all("ann", coffee) == [result for both in kept for result in both]
    again.close()


def test_nothing_of_another_owner_can_be_seen_or_changed(library, coffee):
    (kept,) = library.results.add("ann", coffee, [(ERASED, own())])
    twin, _ = library.add("bob", "the same.jpg", example())
    mine, _ = library.add("ann", "other.png", picture(1))
    on_photos = [("all",), ("check_room",), ("add", [(ERASED, own())])]
    one = ("one", "file", "thumbnail", "name", "download", "as_photo", "keep", "delete", "restore")
    with pytest.raises(NotFound):
        library.decode("bob", coffee, kept.id)
    on_results = [*((name, kept.id) for name in one), ("rendition", kept.id, 2048)]
    for name, *arguments in [*on_photos, *on_results]:
        for owner, photo_id in (("bob", coffee), ("ann", "nothing")):
            with pytest.raises(NotFound):
                getattr(library.results, name)(owner, photo_id, *arguments)
    for name, *arguments in on_results:
        for owner, photo_id in (("bob", twin.id), ("ann", mine.id)):
            with pytest.raises(NotFound):
                getattr(library.results, name)(owner, photo_id, *arguments)
    assert library.results.all("bob", twin.id) == []
    assert library.results.all("ann", coffee) == [kept]


def test_a_deleted_result_can_be_restored_until_the_trash_is_emptied(home, library, coffee):
    kept, gone = library.results.add("ann", coffee, [(ERASED, own(1)), (ERASED, own(2))])
    library.results.rendition("ann", coffee, gone.id, 2048)
    library.results.delete("ann", coffee, gone.id)
    assert library.results.all("ann", coffee) == [kept]
    for call in (library.results.file, library.results.delete, library.results.one):
        with pytest.raises(NotFound):
            call("ann", coffee, gone.id)
    library.purge(datetime.now(UTC))
    assert library.results.restore("ann", coffee, gone.id) == gone
    assert library.results.file("ann", coffee, gone.id).exists()
    library.results.delete("ann", coffee, gone.id)
    library.purge(datetime.now(UTC) + timedelta(days=TRASH_DAYS + 1))
    with pytest.raises(NotFound):
        library.results.restore("ann", coffee, gone.id)
    assert not [path for path in files(home) if gone.id in path.name]
    assert library.results.file("ann", coffee, kept.id).exists()


def test_results_go_with_their_photo(home, library, coffee):
    other, _ = library.add("ann", "b.jpg", picture(1))
    bobs, _ = library.add("bob", "c.jpg", example())
    for owner, photo_id in (("ann", coffee), ("ann", other.id), ("bob", bobs.id)):
        (kept,) = library.results.add(owner, photo_id, [(ERASED, own())])
        library.results.rendition(owner, photo_id, kept.id, 2048)
    library.delete("ann", coffee)
    library.purge(datetime.now(UTC) + timedelta(days=TRASH_DAYS + 1))
    assert not [path for path in files(home) if coffee in path.name]
    library.delete("bob", bobs.id)
    library.purge(datetime.now(UTC) + timedelta(days=TRASH_DAYS + 1))
    assert {path.name[:64] for path in files(home)} == {other.sha256}
    assert len(library.results.all("ann", other.id)) == 1


def test_a_photo_with_results_is_handed_over_even_where_the_new_owner_has_it(library):
    row, _ = library.add("visitor", "coffee.jpg", example())
    library.add("ann", "coffee.jpg", example())
    (kept,) = library.results.add("visitor", row.id, [(ERASED, own())])
    library.move("visitor", "ann")
    assert library.results.all("ann", row.id) == [kept]


def test_a_photo_has_so_many_results_and_no_more(library, coffee):
    kept = library.results.add("ann", coffee, [(ERASED, own())] * (MAX_RESULTS - 1))
    library.results.check_room("ann", coffee)
    with pytest.raises(UserError, match="delete some"):
        library.results.check_room("ann", coffee, 2)
    library.results.delete("ann", coffee, kept[0].id)
    library.results.add("ann", coffee, [(ERASED, own())] * 2)
    with pytest.raises(UserError, match="delete some"):
        library.results.restore("ann", coffee, kept[0].id)


def test_a_full_disk_is_said_in_a_sentence_and_leaves_nothing_half(home, library, coffee, monkeypatch):
    before = files(home)
    written = []

    def full_soon(descriptor, sync=os.fsync):
        written.append(sync(descriptor))
        if len(written) > 10:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_soon)
    with pytest.raises(UserError, match="full"):
        library.results.add("ann", coffee, [(ERASED, own(n)) for n in range(4)])
    monkeypatch.undo()
    assert len(written) == 11 and library.results.all("ann", coffee) == []
    assert sorted(files(home)) == sorted(before) and list((home / "temporary").iterdir()) == []


def test_a_photo_that_is_purged_meanwhile_takes_its_result_along(home, library, coffee, monkeypatch):
    """The result's files are written, its row is not yet: then the photo goes."""
    put = library.results._store.put

    def late(folder, name, data):
        path = put(folder, name, data)
        library.delete("ann", coffee)
        library.purge(datetime.now(UTC) + timedelta(days=TRASH_DAYS + 1))
        monkeypatch.undo()
        return path

    monkeypatch.setattr(library.results._store, "put", late)
    with pytest.raises(NotFound):
        library.results.add("ann", coffee, [(ERASED, own())])
    assert files(home) == []


def keep_until_killed(home: Path, photo_id: str, pipe) -> None:
    library = Library(home, url(home))
    while True:
        made = library.results.add("ann", photo_id, [(ERASED, own(1)), (ERASED, own(2))])
        pipe.send([result.id for result in made])
        for result in made:
            library.results.delete("ann", photo_id, result.id)
            library.results.restore("ann", photo_id, result.id)


def test_a_result_is_whole_or_not_at_all_whenever_the_server_is_killed(home, library, coffee):
    chance = random.Random(21)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["alembic.autogenerate", "alembic.command", "cv2", "pytest", "skimage.data"])
    acknowledged = set()
    for _ in range(5):
        ours, theirs = processes.Pipe(duplex=False)
        process = processes.Process(target=keep_until_killed, args=(home, coffee, theirs))
        process.start()
        theirs.close()
        acknowledged.update(ours.recv())
        threading.Timer(chance.uniform(0, 0.12), process.kill).start()
        with contextlib.suppress(EOFError):
            while True:
                acknowledged.update(ours.recv())
        process.join()
        assert process.exitcode == -signal.SIGKILL
        kept = library.results.all("ann", coffee)
        assert len(acknowledged - {result.id for result in kept}) <= 1  # deleted at that moment, to be restored
        for result in kept:
            found = read(library, coffee, result.id)
            assert np.array_equal(found, pixels(1)) or np.array_equal(found, pixels(2))
            assert Pillow.open(library.results.thumbnail("ann", coffee, result.id)).size == (40, 30)
            library.results.delete("ann", coffee, result.id)
        acknowledged.clear()
