"""Where a library's files are: beside it, in another folder, or in S3, which may be out of reach for a while."""

import time

import pytest

from envo import settings, store
from envo.errors import StorageError, UserError
from envo.library import Library
from tests.s3 import BUCKET, served
from tests.unit.test_library import files, picture, url

PLACE = f"s3://{BUCKET}/envo"


@pytest.fixture(scope="module")
def s3():
    with served() as server:
        yield server


@pytest.fixture
def elsewhere(s3, home, tmp_path):
    """Two libraries of one database, each on a machine of its own."""
    one, other = (Library(place, url(tmp_path), storage=PLACE) for place in (home, tmp_path / "other"))
    yield one, other
    for each in one, other:
        each.close()


def test_files_may_be_in_another_folder(home, tmp_path):
    library = Library(home, url(tmp_path), storage=f"file://{tmp_path}/share")
    library.add("ann", "a.png", picture(1))
    library.close()
    assert len(files(tmp_path / "share")) == 2 and not files(home)


def test_whoever_shares_the_storage_has_the_photos_until_they_are_gone(elsewhere, home):
    one, other = elsewhere
    photo, _ = one.add("ann", "a.png", picture(1, "TIFF"))
    assert other.original("ann", photo.id).read_bytes() == picture(1, "TIFF")
    shown, _ = other.rendition("ann", photo.id)
    assert one.rendition("ann", photo.id)[0].read_bytes() == shown.read_bytes()
    one.delete("ann", photo.id)
    one.remove_all("ann")
    assert not files(home)
    with pytest.raises(UserError):
        other.original("ann", photo.id)
    assert not store.opened(PLACE, home)._files.find(BUCKET)


def test_copies_take_no_more_than_they_may_and_come_again(elsewhere, monkeypatch, home):
    one, _ = elsewhere
    photos = [one.add("ann", f"{shade}.png", picture(shade))[0] for shade in range(4)]
    kept = sum(path.stat().st_size for path in files(home))
    monkeypatch.setattr(settings, "COPIES_BYTES", kept // 2)
    monkeypatch.setattr(store, "IN_USE_SECONDS", 0)
    photos.append(one.add("ann", "5.png", picture(5))[0])
    assert sum(path.stat().st_size for path in files(home)) <= kept // 2
    for shade, photo in zip((0, 1, 2, 3, 5), photos, strict=True):
        assert one.original("ann", photo.id).read_bytes() == picture(shade)


def test_a_storage_out_of_reach_is_told_until_it_is_back(elsewhere, s3):
    one, other = elsewhere
    photo, _ = one.add("ann", "a.png", picture(9))
    s3.stop()
    try:
        for use in (
            lambda: one.add("ann", "b.png", picture(10)),
            lambda: other.original("ann", photo.id),
            one.check_storage,
        ):
            begun = time.monotonic()
            with pytest.raises(StorageError, match="storage cannot be reached"):
                use()
            assert time.monotonic() - begun < 20
        assert one.original("ann", photo.id).read_bytes() == picture(9)
    finally:
        s3.start()
    one.check_storage()
    assert one.add("ann", "b.png", picture(10))[1]
    assert other.original("ann", photo.id).read_bytes() == picture(9)


def test_an_address_that_is_none_is_told(home, tmp_path):
    with pytest.raises(UserError, match=r"^ENVO_STORAGE is no address"):
        Library(home, url(tmp_path), storage="nonsense://photos")
