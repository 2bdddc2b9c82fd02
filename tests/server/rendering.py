"""Photos rendered into files, as the page asks for it: by a job that is waited for."""

from typing import Any

import httpx


def heard(client: httpx.Client, address: str) -> dict[str, Any]:
    """Follow a rendering to its end; gives the last news."""
    news = client.get(address).json()
    while news["state"] in ("waiting", "working"):
        news = client.get(address, params={"seen": news["number"]}).json()
    return news


def ended(client: httpx.Client, photos: list[str], to: str = "zip", document: Any = None, **settings) -> dict[str, Any]:
    """Have photos rendered, and wait for the end."""
    wish = {"photos": photos, "to": to, "settings": settings, "document": document}
    answer = client.post("/envo/renderings", json=wish)
    assert answer.status_code == 202, answer.text
    return heard(client, f"/envo/renderings/{answer.json()['batch']}")


def file(client: httpx.Client, photo: str, document: Any = None, **settings) -> tuple[bytes, str]:
    """Have one photo rendered with an edit, or that which is saved; gives the file, and what is said of it."""
    news = ended(client, [photo], "file", document, **settings)
    assert news["state"] == "done", news["step"]
    address = f"/envo/renderings/{news['batch']}"
    answer = client.get(f"{address}/file")
    assert answer.status_code == 200, answer.text
    assert client.delete(address).status_code == 204
    return answer.content, news["items"][0]["why"]
