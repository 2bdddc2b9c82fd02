"""What Auto suggests, by HTTP."""

from starlette.testclient import TestClient

from envo.edits import parse
from tests.server.test_selections import add


def test_what_auto_suggests_is_an_edit_and_the_owners_alone(client):
    address = f"/envo/photos/{add(client)}/auto"
    found = client.get(address).json()
    assert parse({"schema": 2, "layers": [{"id": "image", "adjustments": found["adjustments"]}]})
    assert bool(found["adjustments"]) == bool(found["said"])
    stranger = TestClient(client.app)
    stranger.get("/")
    assert stranger.get(address).status_code == 404
