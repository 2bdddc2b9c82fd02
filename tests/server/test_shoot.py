"""One edit for a whole shoot: it follows somebody through twenty press photos of three people, into each group.

With the engines that an app has: faces are found, named and taken apart as for any visitor.
"""

import io
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from envo import settings
from envo.people import Face
from models import layers
from models.faces import find
from tests.models.test_faces import PEOPLE
from tests.server.test_pastes import copied, ended, paste
from tests.server.test_people import Visit, visit
from tests.unit.test_following import follows
from tests.unit.test_memory import until

__all__ = ["visit"]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("first_faces"),
    pytest.mark.skipif(not PEOPLE.is_dir(), reason=f"{PEOPLE} is not there"),
]


def press(name: str, number: int) -> Path:
    return PEOPLE / name / f"{name}_{number:03}.jpg"


MESSI, FEDERER, KOHLI = NAMES = ("lionel_messi", "roger_federer", "virat_kohli")
ALONE = {
    MESSI: [1, 2, 4, 5, 7, 9, 10, 11, 12, 13, 16, 17],
    FEDERER: [1, 2, 3, 4, 6, 7, 8, 10, 11, 12, 14, 15],
    KOHLI: [1, 4, 6, 17, 18, 19, 20, 24, 25, 31, 30, 34],
}
"""Photos that show one face."""
SIDE_BY_SIDE = [*[NAMES] * 7, *[(MESSI, FEDERER), (KOHLI, MESSI), (FEDERER, KOHLI)] * 2, (MESSI,), (FEDERER,), (KOHLI,)]
"""Who is in the photos that are put together of these, from the left."""
GROUPS = {
    press(MESSI, 53): (None, MESSI, None),
    press(FEDERER, 13): (FEDERER, None),
    press(KOHLI, 10): (None, KOHLI),
    press(KOHLI, 27): (KOHLI, None),
}
"""Photos that show others, too, and who is in them, from the left."""
NAMED = 10
"""Faces of each person that are named by hand."""
EDGE = 360
"""Height of the photos that are put together, whose faces are a quarter of it wide."""
FIND = layers.find


def portrait(name: str, number: int) -> np.ndarray:
    """Somebody's head and shoulders, uint8 EDGExEDGEx3."""
    image = np.asarray(Image.open(press(name, number)).convert("RGB"))
    (face,) = find.quickly(image)
    left, top, right, bottom = face.box
    scale = EDGE / 4 / (right - left)
    middle = np.array([(left + right) / 2, (top + bottom) / 2])
    matrix = np.c_[np.eye(2) * scale, EDGE * np.array([0.5, 0.45]) - scale * middle]
    return cv2.warpAffine(image, matrix, (EDGE, EDGE), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)


def as_file(image: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


@dataclass
class Shot:
    """A photo in the library, and who is in it by its making: from the left, None for others."""

    id: str
    who: tuple[str | None, ...]
    faces: list[Face]
    """From the left."""

    def of(self, name: str) -> Face | None:
        return self.faces[self.who.index(name)] if name in self.who else None


class Shoot:
    """Twenty photos whose faces were found, ten of each person named, the others as far as the app is sure."""

    def __init__(self, visit: Visit) -> None:
        self.client, self.library, self.visit = visit.client, visit.library, visit
        made = {name: iter(numbers) for name, numbers in ALONE.items()}
        photos = [(who, as_file(np.hstack([portrait(name, next(made[name])) for name in who]))) for who in SIDE_BY_SIDE]
        photos += [(who, path.read_bytes()) for path, who in GROUPS.items()]
        ids = []
        for index, (who, data) in enumerate(photos):
            answer = self.client.post(f"/envo/photos?name={index}.jpg", content=data)
            ids.append((answer.json()["photo"]["id"], who))
        self.client.post("/envo/gallery")
        now = {"state": "waiting", "number": -1}
        while now["state"] in ("waiting", "working"):
            now = self.client.get("/envo/gallery/news", params={"seen": now["number"]}).json()
        self.visit.settled()
        self.shots = [Shot(id, who, self.faces(id)) for id, who in ids]
        for shot in self.shots:
            assert len(shot.faces) == len(shot.who), shot
        self.people = {}
        for name in NAMES:
            theirs = [shot.of(name).id for shot in self.shots if name in shot.who]
            self.people[name] = self.visit.say(faces=theirs[:NAMED], name=name)["person"]
        self.visit.settled()

    @property
    def owner(self) -> str:
        return self.visit.owner

    def faces(self, photo: str) -> list[Face]:
        """Those that are large enough to be somebody's, from the left."""
        found = [face for face in self.library.people.of(self.owner, photo) if face.box[2] - face.box[0] > 0.04]
        return sorted(found, key=lambda face: face.box)

    def named(self, shot: Shot, name: str) -> Face | None:
        """The face that the app calls so by now."""
        sure = self.library.gallery.settings(self.owner).face_sure
        known = (face for face in self.faces(shot.id) if face.name == name and face.is_known(sure))
        return next(known, None)

    def changed(self, shot: Shot) -> np.ndarray:
        """By how much the edited photo is lighter than as it came: float32 HxW."""
        after = self.library.renditions.pixels(self.owner, shot.id).astype(np.float32)
        return after.mean(axis=2) - self.library.decode(self.owner, shot.id).pixels.astype(np.float32).mean(axis=2)

    def check(self, shot: Shot, face: Face | None) -> None:
        """Of a photo that face is lighter, and no other place is another than it was."""
        changed = self.changed(shot)
        if face is None:
            assert not changed.any(), shot
            return
        height, width = changed.shape
        scale = np.array([width, height] * 2)
        boxes = [np.array(box) * scale for box in self.library.mattes.faces(self.owner, shot.id)]
        left, top, right, bottom = np.array(face.box) * scale
        middle = [(left + right) / 2, (top + bottom) / 2]
        (number,) = [n for n, box in enumerate(boxes, 1) if all(box[:2] < middle) and all(box[2:] > middle)]
        kind = f"face-{number}" if len(boxes) > 1 else "face"
        alpha = self.library.mattes.alphas(self.owner, shot.id, [kind])[kind]
        assert alpha.shape == changed.shape
        assert not changed[alpha == 0].any(), shot
        assert changed[alpha == 255].mean() > 15, shot
        y, x = (int(np.average(axis, weights=alpha)) for axis in np.indices(alpha.shape))
        assert left < x < right and top < y < bottom  # the matte is of that face


@pytest.fixture
def shoot(visit: Visit, monkeypatch) -> Shoot:
    monkeypatch.delenv("ENVO_CACHE")  # the engines' weights are in the user's own
    monkeypatch.setattr(layers, "find", FIND)
    return Shoot(visit)


def test_exposure_follows_one_of_three_people_through_twenty_photos_and_a_corrected_name_moves_it(shoot: Shoot):
    shots = shoot.shots
    assert len(shots) == 20 and all(sum(name in shot.who for shot in shots) >= NAMED + 2 for name in NAMES)
    found = [(shot, name, shoot.named(shot, name)) for shot in shots for name in NAMES]
    by_the_app = [face for _, _, face in found if face and face.state == "found"]
    assert len(by_the_app) >= 5
    for shot, name, face in found:
        assert face is None or face.id == shot.of(name).id  # nobody is taken for another

    wrong = next(shot for shot in shots if shot.who == (KOHLI, MESSI))
    shoot.visit.say(faces=[wrong.of(KOHLI).id], name=MESSI)
    shoot.visit.say(faces=[wrong.of(MESSI).id], name=KOHLI)
    document = follows(shoot.people[MESSI])
    done = ended(shoot.client, paste(shoot.client, [shot.id for shot in shots], copied(shoot.client, document)))
    assert done["photos"] == [shot.id for shot in shots] and done["failed"] == []
    (absent,) = done["absent"]
    for shot in shots:
        shoot.check(shot, shoot.named(shot, MESSI))
        assert MESSI in shot.who or shot.id in absent["photos"]
    assert shoot.named(wrong, MESSI).id == wrong.of(KOHLI).id
    before = shoot.library.photo(shoot.owner, wrong.id).edit

    shoot.visit.say(faces=[wrong.of(KOHLI).id], name=KOHLI)
    shoot.visit.say(faces=[wrong.of(MESSI).id], name=MESSI)
    assert shoot.library.photo(shoot.owner, wrong.id).edit > before
    shoot.check(wrong, wrong.of(MESSI))
    edge = settings.THUMBNAIL_EDGE
    until(lambda: shoot.library.renditions.find(shoot.owner, wrong.id, edge)[1])
