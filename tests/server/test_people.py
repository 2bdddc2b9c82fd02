"""People by HTTP: faces named in the background after those that have a name, groups, corrections, and crops."""

import io
import time

import numpy as np
import pytest
import sqlalchemy as sa
from PIL import Image
from starlette.testclient import TestClient

from envo import database as db
from envo import settings
from envo.gallery import SeenFace
from envo.library import Library
from models import faces, layers
from models.layers import Layers
from tabs.work import people as naming_module
from tabs.work.people import Naming
from tests.models.test_faces import JOINED, PEOPLE, shown
from tests.persons import ADA, GRACE, MARY, Person, strangers
from tests.server import routes_only
from tests.unit.test_library import example, picture, url
from tests.unit.test_people import FACE_BOX, LEFT, RIGHT, many_faces

pytestmark = pytest.mark.usefixtures("first_faces")


class Visit:
    """A visitor of the routes, and the app's own library behind them."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.library = Library(settings.home(), settings.database_url())
        self.count = 0

    def add(self, embeddings: np.ndarray, engine: str = "dlib") -> list[str]:
        """Bring a photo for each face, float32 NxD; gives the faces' ids."""
        ids = []
        for embedding, photo in zip(embeddings, self.photos(len(embeddings)), strict=True):
            self.library.people.take(self.owner, photo, [SeenFace(LEFT, 0.99, embedding)], [], engine)
            ids += [face.id for face in self.library.people.of(self.owner, photo)]
        return ids

    def photos(self, count: int) -> list[str]:
        """Bring photos in which nobody was looked for; gives their ids."""
        ids = []
        for _ in range(count):
            self.count += 1
            answer = self.client.post(f"/envo/photos?name={self.count}.png", content=picture(self.count))
            ids.append(answer.json()["photo"]["id"])
        self.settled()  # else naming might be past the faces that come next, of which nobody tells it
        return ids

    @property
    def owner(self) -> str:
        """Of the photos that were brought."""
        with self.library.database.read() as connection:
            return connection.scalar(sa.select(db.photo.c.owner).limit(1))

    def get(self, path: str, **query) -> dict:
        answer = self.client.get(f"/envo/gallery/{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def say(self, **wish) -> dict:
        answer = self.client.post("/envo/gallery/faces", json=wish)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def settled(self) -> dict:
        """All people, once naming in the background has come to its end."""
        deadline = time.monotonic() + 60
        self.get("people")
        while (now := self.get("people"))["state"]["state"] in ("working", "waiting"):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert now["state"] == {"state": "done", "step": ""}
        return now

    def counts(self) -> dict[str, tuple[int, int, int]]:
        return {each["name"]: (each["named"], each["found"], each["unsure"]) for each in self.settled()["people"]}


@pytest.fixture
def visit(client):
    made = Visit(client)
    yield made
    made.library.close()


def test_nobody_is_there_at_first(visit):
    assert visit.settled() == {
        "people": [],
        "groups": [],
        "alone": 0,
        "ignored": 0,
        "state": {"state": "done", "step": ""},
        "engine": {"name": faces.auto().name, "label": faces.auto().label},
    }


def test_faces_are_grouped_named_and_the_rest_named_after_them(visit):
    ada, grace, alone = visit.add(ADA.photos(12)), visit.add(GRACE.photos(15)), visit.add(strangers(3))
    now = visit.settled()
    assert [(each["count"], len(each["faces"])) for each in now["groups"]] == [(15, 12), (12, 12)]
    assert (now["people"], now["alone"], now["ignored"]) == ([], 3, 0)
    graces, adas = now["groups"]
    assert set(adas["faces"]) == set(ada) and set(graces["faces"]) < set(grace)
    assert adas["key"] == ada[0]

    made = visit.say(group=adas["key"], name="Ada")
    assert made["changed"] == 12
    named = visit.say(faces=graces["faces"][:4], name="Grace")
    assert visit.counts() == {"Grace": (4, 11, 0), "Ada": (12, 0, 0)}
    now = visit.settled()
    assert (now["groups"], now["alone"]) == ([], 3)
    assert now["people"][1]["cover"] in ada

    listed = visit.get(f"people/{named['person']}/faces")
    assert listed["count"] == 15 and all(face["known"] for face in listed["faces"])
    assert [face["state"] for face in listed["faces"]] == ["named"] * 4 + ["found"] * 11
    first = visit.get(f"people/{named['person']}/faces", order="unsure", limit=1)["faces"][0]
    assert first["confidence"] == min(face["confidence"] for face in listed["faces"])
    assert {face["id"] for face in visit.get("loose", kind="alone")["faces"]} == set(alone)


def test_new_photos_are_named_as_they_arrive(visit):
    visit.say(faces=visit.add(ADA.photos(5)), name="Ada")
    assert visit.counts() == {"Ada": (5, 0, 0)}
    visit.add(ADA.photos(3, 0.02))
    assert visit.counts() == {"Ada": (5, 3, 0)}


def test_a_face_is_told_as_the_page_needs_it(visit):
    (face,) = visit.add(ADA.photos(1))
    person = visit.say(faces=[face], name=" Ada\n Lovelace")["person"]
    (told,) = visit.get(f"people/{person}/faces")["faces"]
    photo = told.pop("photo")
    assert visit.client.get(f"/envo/photos/{photo}").json()["name"] == "1.png"
    assert told == {
        "id": face,
        "photoName": "1.png",
        "box": list(LEFT),
        "sure": 0.99,
        "state": "named",
        "person": person,
        "name": "Ada Lovelace",
        "confidence": 1.0,
        "known": True,
    }


def test_corrections_last_and_teach(visit):
    ada = visit.say(faces=visit.add(ADA.photos(10)), name="Ada")["person"]
    yes, no, dull, grace = visit.add(ADA.photos(4, 0.02))
    assert visit.counts() == {"Ada": (10, 4, 0)}
    assert visit.say(faces=[yes], confirm=True) == {"person": ada, "changed": 1}
    assert visit.say(faces=[no], refuse=True) == {"person": None, "changed": 1}
    assert visit.say(faces=[dull], ignore=True) == {"person": None, "changed": 1}
    assert visit.say(faces=[grace], name="Grace")["changed"] == 1
    for _ in range(2):
        visit.add(MARY.photos(1))
        visit.settled()
    assert visit.counts()["Ada"] == (11, 0, 0)
    assert visit.counts()["Grace"][0] == 1
    assert [face["id"] for face in visit.get("loose", kind="ignored")["faces"]] == [dull]
    adas = {face["id"] for face in visit.get(f"people/{ada}/faces")["faces"]}
    assert yes in adas and not adas & {no, dull, grace}
    assert visit.say(faces=[dull, yes], forget=True)["changed"] == 2
    assert visit.settled()["ignored"] == 0


def test_who_is_refused_leaves_room_for_the_next_likeliest(visit):
    visit.say(faces=visit.add(ADA.photos(5)), name="Ada")
    visit.say(faces=visit.add(ADA.photos(5)), name="Her sister")
    (face,) = visit.add(ADA.photos(1, 0.01))
    visit.settled()
    (first,) = visit.library.people.faces(visit.owner, [face])
    assert 0.2 < first.confidence < 0.8
    visit.say(faces=[face], refuse=True)
    visit.settled()
    (again,) = visit.library.people.faces(visit.owner, [face])
    assert {first.name, again.name} == {"Ada", "Her sister"}
    assert again.confidence > first.confidence


def test_one_person_is_once_in_a_photo_and_who_was_named_by_hand_stays(visit):
    visit.say(faces=visit.add(ADA.photos(8)), name="Ada")
    away = np.float32(0.2) * (GRACE.photos(1) - ADA.photos(1))[0]
    (photo,) = visit.photos(1)
    visit.library.people.take(
        visit.owner,
        photo,
        [SeenFace(LEFT, 0.99, ADA.photos(1)[0] + away), SeenFace(RIGHT, 0.99, ADA.photos(1)[0])],
        [],
        "dlib",
    )
    visit.library.people.take(
        visit.owner, visit.photos(1)[0], [SeenFace(LEFT, 0.99, ADA.photos(1)[0] + away)], [], "dlib"
    )

    def who() -> list[tuple[str | None, bool]]:
        visit.settled()
        return [(face["name"], face["known"]) for face in visit.get(f"photos/{photo}")["people"]]

    assert visit.counts() == {"Ada": (8, 2, 0)}  # alone in a photo, the less likely face is hers, too
    assert who() == [(None, False), ("Ada", True)]
    # Named by hand, the less likely one is hers, and the likelier one asks.
    asks = visit.library.people.of(visit.owner, photo)[0].id
    visit.say(faces=[asks], name="Ada")
    assert who() == [("Ada", True), (None, False)]
    # Said to be hers by hand, the likelier one is, too: a collage shows somebody twice.
    visit.say(faces=[visit.library.people.of(visit.owner, photo)[1].id], name="Ada")
    assert who() == [("Ada", True), ("Ada", True)]


def test_nobody_is_named_whom_another_engine_embedded(visit):
    visit.say(faces=visit.add(ADA.photos(5)), name="Ada")
    longer = np.pad(ADA.photos(3), ((0, 0), (0, 512 - 128)))
    visit.add(longer, engine="facenet")
    visit.add(ADA.photos(2), engine="of another time")
    assert visit.counts() == {"Ada": (5, 0, 0)}
    now = visit.settled()
    assert ([group["count"] for group in now["groups"]], now["alone"]) == ([3], 2)


def test_a_person_is_renamed_merged_split_and_deleted(visit):
    ada = visit.say(faces=visit.add(ADA.photos(4)), name="Ada")["person"]
    grace = visit.say(faces=visit.add(GRACE.photos(3)), name="Grace")["person"]
    address = f"/envo/gallery/people/{grace}"
    taken = visit.client.patch(address, json={"name": "ada"})
    assert (taken.status_code, taken.json()["person"]) == (409, ada) and "Ada" in taken.json()["error"]
    assert visit.client.patch(address, json={"name": "Grace Hopper"}).json()["name"] == "Grace Hopper"
    assert visit.client.post(f"{address}/merge", json={"into": ada}).json() == {"person": ada, "changed": 3}
    assert visit.counts() == {"Ada": (7, 0, 0)}

    groups = visit.get(f"people/{ada}/split")["groups"]
    assert [group["count"] for group in groups] == [4, 3]
    visit.say(faces=groups[1]["faces"], name="Grace")
    assert visit.counts() == {"Ada": (4, 0, 0), "Grace": (3, 0, 0)}

    assert visit.client.delete(f"/envo/gallery/people/{ada}").json()["changed"] == 4
    now = visit.settled()
    assert [person["name"] for person in now["people"]] == ["Grace"]
    assert [group["count"] for group in now["groups"]] == [4]


def test_a_group_is_listed_by_pages_typical_faces_first_and_ignored_as_a_whole(visit):
    visit.add(ADA.photos(20))
    (group,) = visit.settled()["groups"]
    first = visit.get(f"groups/{group['key']}/faces", limit=15)
    rest = visit.get(f"groups/{group['key']}/faces", offset=15)
    assert (first["count"], len(first["faces"]), len(rest["faces"])) == (20, 15, 5)
    assert [face["id"] for face in first["faces"]][:12] == group["faces"]
    assert visit.say(group=group["key"], ignore=True)["changed"] == 20
    now = visit.settled()
    assert (now["groups"], now["ignored"]) == ([], 20)
    gone = visit.client.get(f"/envo/gallery/groups/{group['key']}/faces")
    assert gone.status_code == 404 and "not there any more" in gone.json()["error"]


def test_a_group_is_found_by_any_of_its_faces(visit):
    ids = visit.add(ADA.photos(5))
    visit.settled()
    visit.say(faces=ids[:1], ignore=True)
    assert {visit.get(f"groups/{key}/faces")["count"] for key in ids} == {4}


@pytest.mark.parametrize(
    "wish",
    [
        {"name": "Ada"},
        {"faces": [], "name": "Ada"},
        {"faces": ["FACE"]},
        {"faces": ["FACE"], "group": "FACE", "name": "Ada"},
        {"faces": ["FACE"], "name": "Ada", "confirm": True},
        {"faces": ["FACE"], "ignore": True, "refuse": True},
        {"faces": ["FACE"], "name": " \u202e"},
        {"faces": "FACE", "name": "Ada"},
        {"faces": [1], "name": "Ada"},
        {"faces": ["FACE"] * 10_001, "name": "Ada"},
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(visit, wish):
    (face,) = visit.add(ADA.photos(1))
    wish = {key: [face if each == "FACE" else each for each in value] if isinstance(value, list) else value
            for key, value in wish.items()}  # fmt: skip
    answer = visit.client.post("/envo/gallery/faces", json=wish)
    assert answer.status_code == 400 and answer.json()["error"].endswith(".")
    assert visit.settled()["people"] == []


def test_a_face_is_shown(visit):
    data = example("astronaut.jpg")
    photo = visit.client.post("/envo/photos?name=astronaut.jpg", content=data).json()["photo"]["id"]
    visit.library.people.take(visit.owner, photo, [SeenFace(FACE_BOX, 1, ADA.photos(1)[0])], [], "dlib")
    (face,) = visit.library.people.of(visit.owner, photo)
    answer = visit.client.get(f"/envo/gallery/faces/{face.id}/crop")
    assert answer.headers["content-type"] == "image/webp" and "immutable" in answer.headers["cache-control"]
    assert Image.open(io.BytesIO(answer.content)).size == (160, 160)


def test_faces_are_shown_and_changed_by_their_owner_alone(visit):
    (face,) = visit.add(ADA.photos(1))
    person = visit.say(faces=[face], name="Ada")["person"]
    visit.settled()
    with TestClient(routes_only.app()) as other:
        other.get("/")
        refused = [
            other.get(f"/envo/gallery/faces/{face}/crop"),
            other.get(f"/envo/gallery/people/{person}/faces"),
            other.get(f"/envo/gallery/people/{person}/split"),
            other.get(f"/envo/gallery/groups/{face}/faces"),
            other.post("/envo/gallery/faces", json={"faces": [face], "name": "Eve"}),
            other.post("/envo/gallery/faces", json={"group": face, "ignore": True}),
            other.patch(f"/envo/gallery/people/{person}", json={"name": "Eve"}),
            other.post(f"/envo/gallery/people/{person}/merge", json={"into": person + "x"}),
            other.delete(f"/envo/gallery/people/{person}"),
        ]
        assert {answer.status_code for answer in refused} == {404}
        assert other.get("/envo/gallery/people").json()["people"] == []
        nobody = TestClient(other.app)
        assert nobody.get("/envo/gallery/people").status_code == 401
    assert visit.counts() == {"Ada": (1, 0, 0)}


def test_the_faces_that_a_photo_comes_apart_into_have_the_names_of_their_owners_people(visit, monkeypatch):
    matte = {"person": np.zeros((9, 9), np.uint8)}
    monkeypatch.setattr(layers, "find", lambda image, report: Layers(matte, [RIGHT, LEFT], "finder", 0))
    (face,) = visit.add(ADA.photos(1))
    photo = visit.library.people.faces(visit.owner, [face])[0].photo_id
    address = f"/envo/photos/{photo}/mattes"

    def names(client: TestClient, address: str) -> list[str | None]:
        now = {"state": "waiting", "number": -1}
        while now["state"] != "done":
            now = client.get(address, params={"seen": now["number"]}).json()
        assert now["faces"] == [list(RIGHT), list(LEFT)]
        return [(face and face["known"] and face["name"]) or None for face in now["people"]]

    assert names(visit.client, address) == [None, None]
    person = visit.say(faces=[face], name="Ada")["person"]
    assert names(visit.client, address) == [None, "Ada"]
    visit.client.patch(f"/envo/gallery/people/{person}", json={"name": "Ada Lovelace"})
    assert names(visit.client, address) == [None, "Ada Lovelace"]
    with TestClient(routes_only.app()) as other:
        other.get("/")
        assert other.get(address).status_code == 404
        same = other.post("/envo/photos?name=same.png", content=picture(1)).json()["photo"]["id"]
        assert names(other, f"/envo/photos/{same}/mattes") == [None, None]
    visit.say(faces=[face], ignore=True)
    assert names(visit.client, address) == [None, None]


def test_a_face_in_the_trash_counts_no_more(visit):
    one, two = visit.add(ADA.photos(2))
    visit.say(faces=[one, two], name="Ada")
    photo = visit.library.people.faces(visit.owner, [one])[0].photo_id
    visit.client.delete(f"/envo/photos/{photo}")
    assert visit.counts() == {"Ada": (1, 0, 0)}
    visit.client.post(f"/envo/photos/{photo}/restore")
    assert visit.counts() == {"Ada": (2, 0, 0)}


@pytest.fixture
def naming(tmp_path):
    library = Library(tmp_path / "home", url(tmp_path / "home"))
    told = []
    yield Naming(library, told.append), library, told
    library.close()


def rested(naming: Naming, owner: str = "ann") -> None:
    deadline = time.monotonic() + 120
    while naming.progress(owner).state == "working":
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.sqlite
def test_ten_thousand_faces_are_named_in_a_few_seconds(naming):
    naming, library, _ = naming
    sizes = np.random.default_rng(1).integers(10, 500, 40)
    people = [Person(seed).photos(size) for seed, size in enumerate(sizes)]
    embeddings = np.concatenate([*people, strangers(600)])[:10_000]
    ids = many_faces(library, "ann", embeddings, a_photo=1)  # for nobody is twice in one
    starts = np.cumsum([0, *sizes])
    for number in range(10):
        library.people.name("ann", ids[starts[number] : starts[number] + 10], f"Person {number}")
    start = time.process_time()
    naming._name("ann")
    seconds = time.process_time() - start
    found = {each.name: each.named + each.found for each in library.people.everybody("ann").people}
    right = sum(found.values()) / sizes[:10].sum()
    assert 0.95 < right <= 1
    assert seconds < 5


def test_grouping_rests_after_it_took_long(naming, monkeypatch):
    naming, library, _ = naming
    monkeypatch.setattr(naming_module, "PATIENCE", 1e9)
    calls = []
    real = faces.alike
    monkeypatch.setattr(faces, "alike", lambda *given: calls.append(1) or real(*given))
    many_faces(library, "ann", ADA.photos(4), a_photo=2)
    naming.wake("ann")
    rested(naming)
    unknown = library.people.everybody("ann").unknown
    assert [len(group.faces) for group in naming.groups("ann", unknown)[0]] == [4] and calls == [1]
    photo = library.add("ann", "more.png", picture(9))[0].id
    library.people.take("ann", photo, [SeenFace(RIGHT, 1, ADA.photos(1)[0])], [], "dlib")
    for _ in range(3):
        naming.wake("ann")
        rested(naming)
        groups, alone = naming.groups("ann", library.people.everybody("ann").unknown)
    assert ([len(group.faces) for group in groups], len(alone), calls) == ([4], 1, [1])
    assert naming.progress("ann").state == "waiting"


def test_a_failure_is_told_and_forgotten_when_it_works_again(naming, monkeypatch):
    naming, library, told = naming
    many_faces(library, "ann", ADA.photos(4))
    with monkeypatch.context() as broken:
        broken.setattr(faces, "alike", lambda *given: 1 / 0)
        naming.wake("ann")
        rested(naming)
        assert naming.progress("ann").state == "failed" and "log" in naming.progress("ann").step
        naming.groups("ann", library.people.everybody("ann").unknown)
        assert naming.progress("ann").state == "failed"
    told.clear()
    naming.changed("ann")
    rested(naming)
    assert naming.progress("ann").state == "done"
    assert len(told) >= 2 and set(told) == {"ann"}


def test_groups_are_kept_for_corrections_and_made_anew_for_new_faces(naming, monkeypatch):
    naming, library, _ = naming
    calls = []
    real = faces.alike
    monkeypatch.setattr(faces, "alike", lambda *given: calls.append(1) or real(*given))
    monkeypatch.setattr(naming_module, "PATIENCE", 0)
    ids = many_faces(library, "ann", np.concatenate([ADA.photos(4), MARY.photos(6), GRACE.photos(4)]), a_photo=2)
    naming.wake("ann")
    rested(naming)
    library.people.name("ann", ids[10:], "Grace")
    naming.changed("ann")
    rested(naming)
    assert calls == [1]
    groups, alone = naming.groups("ann", library.people.everybody("ann").unknown)
    assert ([group.key for group in groups], alone) == ([ids[4], ids[0]], [])
    library.people.forget("ann", ids[10:11])
    naming.changed("ann")
    rested(naming)
    assert calls == [1]
    photo = library.add("ann", "more.png", picture(9))[0].id
    library.people.take("ann", photo, [SeenFace(RIGHT, 1, Person(9).photos(1)[0])], [], "dlib")
    naming.wake("ann")
    rested(naming)
    assert calls == [1, 1]
    library.people.name("ann", ids[4:10], "Mary")
    naming.changed("ann")
    rested(naming)
    assert calls == [1, 1, 1]


def test_what_was_ignored_teaches_who_nobody_is(naming):
    naming, library, _ = naming
    sister = ADA.photos(20) + np.float32(0.35) * (GRACE.photos(20) - ADA.photos(20))
    ids = many_faces(library, "ann", np.concatenate([ADA.photos(10), sister]))
    ada, _ = library.people.name("ann", ids[:10], "Ada")
    naming._name("ann")
    before = {face.id: face.confidence for face in library.people.of_person("ann", ada)[0]}
    library.people.ignore("ann", ids[10:20])
    naming._name("ann")
    after = {face.id: face.confidence for face in library.people.of_person("ann", ada)[0]}
    compared = [id for id in ids[20:] if id in before]
    assert compared and np.mean([after.get(id, 0) for id in compared]) < np.mean([before[id] for id in compared])


@pytest.mark.skipif(not PEOPLE.is_dir(), reason=f"{PEOPLE} is not there")
def test_people_in_press_photos_are_found_after_a_few_were_named(naming):
    naming, library, _ = naming
    truth = {}
    for folder in sorted(PEOPLE.iterdir()):
        for file in sorted(folder.iterdir())[:16:2]:
            photo = library.add("ann", file.name, file.read_bytes())[0].id
            embeddings = shown(file)
            boxes = [(0.1 * place, 0, 0.1 * place + 0.09, 0.1) for place in range(len(embeddings))]
            library.people.take(
                "ann",
                photo,
                [SeenFace(*each) for each in zip(boxes, [1.0] * len(boxes), embeddings, strict=True)],
                [],
                JOINED.name,
            )
            if len(embeddings) == 1:
                truth[library.people.of("ann", photo)[0].id] = folder.name
    for name in set(truth.values()):
        library.people.name("ann", [id for id, person in truth.items() if person == name][:4], name)
    naming._name("ann")
    found = [face for face in library.people.faces("ann", list(truth)) if face.state == "found" and face.is_known(0.9)]
    assert all(face.name == truth[face.id] for face in found)
    assert len(found) >= 0.7 * (len(truth) - 12)
