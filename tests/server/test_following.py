"""Edits that follow people, by HTTP: who is where, pictures made anew in the background, and nothing for strangers."""

import pytest
from starlette.testclient import TestClient

from envo import masks
from envo.settings import THUMBNAIL_EDGE
from tests.persons import ADA, strangers
from tests.server import routes_only
from tests.server.test_pastes import copied, ended, paste
from tests.server.test_people import Visit, visit
from tests.server.test_renditions import save
from tests.unit.test_following import follows, within
from tests.unit.test_library import picture
from tests.unit.test_memory import until
from tests.unit.test_people import LEFT, RIGHT

__all__ = ["visit"]
pytestmark = pytest.mark.usefixtures("first_faces")


def bindings(client: TestClient, photo: str, *people: str):
    return client.get(f"/envo/photos/{photo}/bindings", params={"person": people})


def test_a_page_learns_where_people_are_and_pictures_are_made_anew_by_themselves(visit: Visit):
    known, *others = visit.add(ADA.photos(3))
    for face in (known, *others):
        row = visit.library.people.faces(visit.owner, [face])[0]
        sha256 = visit.library.photo(visit.owner, row.photo_id).sha256
        files = {f"face-{place}": masks.encode_matte(within(box)) for place, box in ((1, RIGHT), (2, LEFT))}
        visit.library.mattes.put(sha256, files, "finder", 0.0, [RIGHT, LEFT])
    ada = visit.say(faces=[known], name="Ada")["person"]
    photo = visit.library.people.faces(visit.owner, others[:1])[0].photo_id
    assert save(visit.client, photo, follows(ada)) == 1
    until(lambda: visit.library.renditions.find(visit.owner, photo, THUMBNAIL_EDGE)[1])
    before = visit.library.renditions.find(visit.owner, photo, THUMBNAIL_EDGE)
    visit.settled()
    seen = visit.get("news")
    now = bindings(visit.client, photo, ada, "nobody").json()
    assert now["nobody"] == {"id": "nobody", "name": None, "face": None, "number": None, "sure": False}
    visit.say(faces=others[:1], name="Ada")
    assert bindings(visit.client, photo, ada).json()[ada] == {
        "id": ada,
        "name": "Ada",
        "face": others[0],
        "number": 2,
        "sure": True,
    }
    told = visit.client.get(f"/envo/photos/{photo}/mattes").json()["people"]
    assert told[0] is None and (told[1]["person"], told[1]["name"], told[1]["known"]) == (ada, "Ada", True)
    until(lambda: visit.library.renditions.find(visit.owner, photo, THUMBNAIL_EDGE)[0] > before[0])
    until(lambda: visit.library.renditions.find(visit.owner, photo, THUMBNAIL_EDGE)[1])
    assert visit.library.renditions.find(visit.owner, photo, THUMBNAIL_EDGE)[1] != before[1]
    assert visit.get("news", seen=seen["number"])["version"] > seen["version"]


def test_nobody_learns_of_anothers_people(visit: Visit):
    (face,) = visit.add(ADA.photos(1))
    ada = visit.say(faces=[face], name="Ada")["person"]
    photo = visit.library.people.faces(visit.owner, [face])[0].photo_id
    with TestClient(routes_only.app()) as other:
        other.get("/")
        assert bindings(other, photo, ada).status_code == 404
        mine = other.post("/envo/photos?name=mine.png", content=picture(9)).json()["photo"]["id"]
        assert bindings(other, mine, ada).json()[ada]["name"] is None
    assert bindings(visit.client, photo, *(["x"] * 5000)).status_code == 422


def test_names_that_count_from_another_confidence_on_show_edits_anew(visit: Visit):
    known, maybe = visit.add(ADA.photos(2))
    ada = visit.say(faces=[known], name="Ada")["person"]
    visit.settled()
    visit.library.people.suggest(visit.owner, {maybe: (ada, 0.7)})
    photo = visit.library.people.faces(visit.owner, [maybe])[0].photo_id
    sha256 = visit.library.photo(visit.owner, photo).sha256
    visit.library.mattes.put(sha256, {"face": masks.encode_matte(within(LEFT))}, "finder", 0.0, [LEFT])
    edit = save(visit.client, photo, follows(ada))
    until(lambda: visit.library.renditions.find(visit.owner, photo, THUMBNAIL_EDGE)[1])
    assert visit.client.patch("/envo/gallery", json={"faceSure": 0.6}).status_code == 200
    until(lambda: visit.library.renditions.find(visit.owner, photo, THUMBNAIL_EDGE)[1])
    assert visit.library.photo(visit.owner, photo).edit > edit


def test_a_paste_tells_where_somebody_is_not_found_and_whose_face_is_to_be_confirmed(visit: Visit):
    (known, perhaps), (nobody,) = visit.add(ADA.photos(2)), visit.add(strangers(1))
    photos = [visit.library.people.faces(visit.owner, [face])[0].photo_id for face in (known, perhaps, nobody)]
    for photo in photos:
        sha256 = visit.library.photo(visit.owner, photo).sha256
        visit.library.mattes.put(sha256, {"face": masks.encode_matte(within(LEFT))}, "finder", 0.0, [LEFT])
    ada = visit.say(faces=[known], name="Ada")["person"]
    visit.settled()
    visit.library.people.suggest(visit.owner, {perhaps: (ada, 0.7), nobody: (None, 0.0)})
    copy = copied(visit.client, follows(ada))
    done = ended(visit.client, paste(visit.client, photos, copy))
    assert done["photos"] == photos and done["lacking"] == []
    assert done["absent"] == [{"person": ada, "name": "Ada", "photos": [photos[2]]}]
    face = {"id": perhaps, "photo": photos[1], "photoName": "2.png"}
    assert done["unsure"] == [{"person": ada, "name": "Ada", "faces": [face], "photos": [photos[1]]}]
    visit.say(faces=[perhaps], confirm=True)
    again = visit.client.get(f"/envo/pastes/{done['paste']}").json()
    assert again["unsure"][0]["faces"] == []
    until(lambda: visit.library.renditions.find(visit.owner, photos[1], THUMBNAIL_EDGE)[1])
    assert [visit.library.bindings(visit.owner, photo, [ada])[ada].is_sure for photo in photos] == [True, True, False]
