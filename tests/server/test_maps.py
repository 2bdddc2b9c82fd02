"""A photo's maps by HTTP: for its owner, as Python reads them."""

from starlette.testclient import TestClient

from envo.maps import Maps
from tests.server.test_selections import add


def test_the_maps_of_a_photo_are_its_owners_alone(client):
    address = f"/envo/photos/{add(client)}/maps"
    answer = client.get(address)
    assert answer.status_code == 200 and "immutable" in answer.headers["cache-control"]
    made = Maps.load(answer.content)
    assert [part.shape for part in made.bases] == [(400, 600, 2), (341, 512, 2), (171, 256, 2)]
    assert client.get(address).content == answer.content
    stranger = TestClient(client.app)
    stranger.get("/")
    assert stranger.get(address).status_code == 404
