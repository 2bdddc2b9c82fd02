"""The keys that sign the names of visitors: made once, for all machines, and kept when a library is shared."""

import os

import pytest

from envo.errors import UserError
from envo.library import Library
from tests.unit.test_library import url


@pytest.mark.both_databases
def test_the_key_stays_what_it_is(library, home):
    keys = library.signing_keys()
    again = Library(home, url(home))
    assert len(keys) == 1 and len(keys[0]) > 40
    assert again.signing_keys() == library.signing_keys() == keys
    again.close()


@pytest.mark.both_databases
@pytest.mark.parametrize("content", ["", "\n", "short"])
def test_a_key_that_was_cut_off_is_refused(library, home, content):
    (home / "secret").write_text(content)
    with pytest.raises(UserError, match="empty or cut off"):
        library.signing_keys()


@pytest.mark.sqlite
def test_a_key_is_on_the_disk_before_it_has_its_name(monkeypatch, library, home):
    synced, real = [], os.fsync

    def fsync(descriptor: int) -> None:
        real(descriptor)
        synced.append((home / "secret").exists())

    monkeypatch.setattr(os, "fsync", fsync)
    library.signing_keys()
    assert synced == [False]
    assert (home / "secret").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_machines_of_one_library_have_the_same_keys_also_those_that_each_had_before(home, tmp_path):
    homes = [home, tmp_path / "second", tmp_path / "third"]
    machines = [Library(each, url(home)) for each in homes]
    for number, each in enumerate(homes[:2]):
        (each / "secret").write_text(f"the key of machine {number}")
    known = [machine.signing_keys() for machine in (*machines, machines[0])]
    first, both = ["the key of machine 0"], ["the key of machine 0", "the key of machine 1"]
    assert known == [first, both, both, both]
    assert not (homes[2] / "secret").exists()
    for machine in machines:
        machine.close()
