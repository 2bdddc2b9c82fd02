"""Accounts of the library itself: names that are one, passwords, and how sessions end."""

from datetime import UTC, datetime, timedelta

import argon2
import pytest

from envo import accounts as module
from envo import settings
from envo.accounts import Accounts, WrongPassword, folded, main
from envo.errors import UserError
from envo.settings import SESSION_DAYS
from tests.unit.test_library import url

pytestmark = pytest.mark.both_databases

WORD, OTHER = "correct horse battery", "staple and some more"


@pytest.fixture
def accounts(library, monkeypatch) -> Accounts:
    """Those of a library, whose passwords are quickly looked at."""
    monkeypatch.setitem(module._COST, "time_cost", 1)
    monkeypatch.setitem(module._COST, "memory_cost", 64)
    return Accounts(library.database)


def test_a_session_is_of_who_signed_up_or_in_until_it_ends(accounts):
    first = accounts.add("Ann", WORD)
    second = accounts.sign_in("ann", WORD)
    assert accounts.of(first) == accounts.of(second) and accounts.of(first).name == "Ann"
    accounts.sign_out(first)
    assert accounts.of(first) is None and accounts.of(second)
    third = accounts.change(accounts.of(second).owner, WORD, OTHER)
    assert accounts.of(second) is None and accounts.of(third)
    with pytest.raises(WrongPassword):
        accounts.sign_in("Ann", WORD)
    assert accounts.of(accounts.sign_in("Ann", OTHER))


def test_a_session_ends_by_itself(accounts, monkeypatch):
    token = accounts.add("Ann", WORD)
    accounts.purge(datetime.now(UTC) + timedelta(days=SESSION_DAYS - 1))
    assert accounts.of(token)

    class Later(datetime):
        @classmethod
        def now(cls, zone=None):
            return datetime.now(zone) + timedelta(days=SESSION_DAYS + 1)

    monkeypatch.setattr(module, "datetime", Later)
    assert accounts.of(token) is None
    monkeypatch.undo()
    accounts.purge(datetime.now(UTC) + timedelta(days=SESSION_DAYS + 1))
    assert accounts.of(token) is None


@pytest.mark.parametrize(
    "one, other",
    [
        ("Ann", "aNN"),
        ("Ann", "Ａｎｎ"),
        ("Ann", " Ann "),
        ("Ann", "A\u200bn\u200dn\ufe0f"),
        ("Zoë", "Zoe\u0308"),
        ("Strauß", "STRAUSS"),
        ("ﬁn", "FIN"),
        ("x²", "X2"),
        ("Kelvin", "\u212aelvin"),
        ("a b", "a\u00a0\u3164 b"),
    ],
)
def test_names_that_look_alike_are_one(accounts, one, other):
    accounts.add(one, WORD)
    with pytest.raises(UserError, match="This name is taken"):
        accounts.add(other, OTHER)
    assert accounts.of(accounts.sign_in(other, WORD)).name == one
    assert folded(folded(other)) == folded(other)


@pytest.mark.parametrize("name", ["", "  ", "\u200b\ufe0f", "\u3164", "x" * 61])
def test_a_name_that_cannot_be_seen_is_none(accounts, name):
    with pytest.raises(UserError, match="1 to 60 characters"):
        accounts.add(name, WORD)


@pytest.mark.parametrize("word", ["", "short", "x" * 201, "abababababab", "ANN of Green"])
def test_passwords_that_are_guessed_at_once_are_refused(accounts, word):
    with pytest.raises(UserError, match="password"):
        accounts.add("Ann of green", word)
    assert accounts.names() == []


@pytest.mark.sqlite
def test_a_password_is_the_same_on_all_keyboards_and_not_kept(accounts, home):
    accounts.add("Ann", "sehr schöne Katze")
    assert accounts.of(accounts.sign_in("Ann", "sehr scho\u0308ne Katze"))
    kept = b"".join(path.read_bytes() for path in home.glob("library.sqlite*"))
    assert b"Ann" in kept and b"Katze" not in kept


def test_whether_a_name_exists_is_told_by_neither_the_words_nor_the_time(accounts, monkeypatch):
    accounts.add("Ann", WORD)
    looked_at, verify = [], argon2.PasswordHasher.verify
    monkeypatch.setattr(
        argon2.PasswordHasher, "verify", lambda self, *given: looked_at.append(given[0]) or verify(self, *given)
    )
    said = []
    for name in ("Ann", "Nobody"):
        with pytest.raises(WrongPassword) as error:
            accounts.sign_in(name, OTHER)
        said.append(str(error.value))
    assert said[0] == said[1] and len(looked_at) == 2
    monkeypatch.undo()
    usual = argon2.PasswordHasher(**module._COST)
    assert not usual.check_needs_rehash(module._NOBODYS), "of another cost than those that are kept"
    assert usual.memory_cost >= 2**16


def test_who_signs_in_just_when_the_password_is_reset_is_not_let_in(accounts, monkeypatch):
    accounts.add("Ann", WORD)
    is_right = accounts._is_right

    def slow(hashed: str, password: str) -> bool:
        found = is_right(hashed, password)
        accounts.reset("Ann")
        return found

    monkeypatch.setattr(accounts, "_is_right", slow)
    with pytest.raises(WrongPassword):
        accounts.sign_in("Ann", WORD)


def test_whoever_looks_after_the_app_resets_a_password(home, accounts, monkeypatch, capsys):
    monkeypatch.setenv("ENVO_HOME", str(home))
    monkeypatch.setenv("ENVO_DATABASE_URL", url(home))
    token = accounts.add("Ann", WORD)
    assert main(["reset", "aNN"]) == 0
    word = capsys.readouterr().out.strip()
    assert accounts.of(token) is None
    assert accounts.of(accounts.sign_in("Ann", word))
    assert main(["reset", "nobody"]) == 1
    assert capsys.readouterr().err == "There is no account of this name.\n"
    assert main(["list"]) == 0
    assert capsys.readouterr().out == "Ann\n"


def test_ways_to_sign_in_that_there_are_not_are_refused_in_a_sentence(monkeypatch):
    spaces = ("SYSTEM", "SPACE_ID", "OAUTH_CLIENT_ID", "OAUTH_CLIENT_SECRET", "OAUTH_SCOPES", "OPENID_PROVIDER_URL")
    for name in (*spaces, "ENVO_AUTH"):
        monkeypatch.delenv(name, raising=False)
    assert settings.auth() == ""
    monkeypatch.setenv("ENVO_AUTH", "acounts")
    with pytest.raises(UserError, match=r"^ENVO_AUTH=acounts says nothing to Envo; it may be accounts or huggingface"):
        settings.auth()
    monkeypatch.setenv("ENVO_AUTH", "huggingface")
    for name in spaces[:-1]:
        monkeypatch.setenv(name, "x")
    with pytest.raises(UserError, match=r"hf_oauth: true; OPENID_PROVIDER_URL is missing here\.$"):
        settings.auth()
    monkeypatch.setenv("OPENID_PROVIDER_URL", "https://provider.invalid")
    assert settings.auth() == "huggingface"
    monkeypatch.setenv("ENVO_AUTH", "accounts")
    assert settings.auth() == "accounts"
    monkeypatch.delenv("ENVO_AUTH")
    assert settings.auth() == "huggingface"
