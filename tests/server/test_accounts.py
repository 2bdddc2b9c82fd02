"""Libraries of those who sign in."""

import base64
import hashlib
import json
from collections.abc import Iterator

import gradio_client
import httpx
import itsdangerous
import pytest
from gradio_client import handle_file
from gradio_client.exceptions import AppError

from tests.browser.pages import COFFEE
from tests.conftest import Server, start_server

LAUNCH_WITH_LOGINS = "from app import launch; launch(auth=[('ann', 'a'), ('bob', 'b')])"


def upload(client: httpx.Client, headers: dict | None = None) -> str:
    answer = client.post("/envo/photos?name=coffee.jpg", content=COFFEE.read_bytes(), headers=headers)
    return answer.json()["photo"]["id"]


def library(client: httpx.Client, headers: dict | None = None) -> list[str]:
    return [photo["id"] for photo in client.get("/envo/photos", headers=headers).json()["photos"]]


@pytest.fixture(scope="module")
def with_logins(tmp_path_factory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("logins")
    running = start_server(folder, folder / "log", ("-c", LAUNCH_WITH_LOGINS))
    yield running
    running.stop()


def test_each_login_has_its_own_library_and_nobody_else_has_any(with_logins):
    ann, ann_elsewhere, bob, nobody = (httpx.Client(base_url=with_logins.url) for _ in range(4))
    for client, name in ((ann, "ann"), (ann_elsewhere, "ann"), (bob, "bob")):
        assert client.post("/login", data={"username": name, "password": name[0]}).status_code == 200
    photo = upload(ann)
    assert library(ann_elsewhere) == [photo]
    assert library(bob) == []
    assert bob.get(f"/envo/photos/{photo}/original").status_code == 404
    nobody.get("/")
    assert nobody.get("/envo/photos").status_code == 401
    program = gradio_client.Client(with_logins.url, auth=("ann", "a"), verbose=False)
    with pytest.raises(AppError, match="There is no engine"):
        program.predict(handle_file(str(COFFEE)), "unheard-of", api_name="/tag")


def test_the_cookie_of_a_login_goes_into_frames_of_one_site_only(with_logins):
    answer = httpx.post(f"{with_logins.url}login", data={"username": "ann", "password": "a"})
    cookies = answer.headers.get_list("set-cookie")
    assert ["Partitioned" in cookie for cookie in cookies] == ["samesite=none" in cookie.lower() for cookie in cookies]
    assert any("Partitioned" in cookie for cookie in cookies)


def signed_in(server: Server, secret: str, expires_at: int = 2**33) -> dict[str, str]:
    """Headers of a browser that has signed in with Hugging Face: the session cookie as Gradio signs it."""
    info = {
        "access_token": "hidden",
        "expires_at": expires_at,
        "userinfo": {"sub": "65fe", "preferred_username": "ann"},
    }
    session = {"oauth_info": info}
    key = hashlib.sha256(f"{secret}-v4".encode()).hexdigest()
    cookie = itsdangerous.TimestampSigner(key).sign(base64.b64encode(json.dumps(session).encode())).decode()
    return {"cookie": f"session={cookie}"}


def test_on_a_space_signing_in_takes_the_visitors_photos_along(tmp_path):
    secret = "a secret of the Space"
    server = start_server(
        tmp_path,
        tmp_path / "log",
        SYSTEM="spaces",
        SPACE_ID="ann/envo",
        OAUTH_CLIENT_ID="client",
        OAUTH_CLIENT_SECRET=secret,
        OAUTH_SCOPES="openid profile",
        OPENID_PROVIDER_URL="https://provider.invalid",
    )
    visitor = httpx.Client(base_url=server.url)
    assert "Sign in with Hugging Face" in visitor.get("/").text
    photo = upload(visitor)
    login = signed_in(server, secret)
    ((name, value),) = visitor.cookies.items()
    both = {"cookie": f"{login['cookie']}; {name}={value}"}
    account = httpx.Client(base_url=server.url)
    answer = account.get("/envo/session", headers=both)
    assert answer.json()["kept"]
    assert answer.headers["set-cookie"].startswith(f"{name}=; ") and "Max-Age=0" in answer.headers["set-cookie"]
    assert library(account, login) == [photo]
    assert library(visitor) == []
    assert account.get("/envo/photos", headers=signed_in(server, secret, expires_at=1)).status_code == 401
    # Whoever is signed in is no visitor any more, so there is nothing to hand over at the next page.
    assert "set-cookie" not in account.get("/", headers=login).headers
    server.stop()
