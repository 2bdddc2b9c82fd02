"""A photo's guide by HTTP: for its owner, as Python reads it."""

from starlette.testclient import TestClient

from envo.guide import Guide
from tests.server.test_selections import add


def test_the_guide_of_a_photo_is_its_owners_alone(client):
    address = f"/envo/photos/{add(client)}/guide"
    answer = client.get(address)
    assert answer.status_code == 200 and "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"] == "image/png"
    assert Guide.load(answer.content).size == (600, 400)
    assert client.get(address).content == answer.content
    stranger = TestClient(client.app)
    stranger.get("/")
    assert stranger.get(address).status_code == 404
