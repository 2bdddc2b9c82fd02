"""Restoring photos, in the Restore tab: what is suggested, what is asked, what comes of it, and many at once."""

import hashlib
import io
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser import pages
from tests.browser import test_select as selecting
from tests.browser.test_replace import small
from tests.browser.visitors import PHONE, Visitor
from tests.conftest import EXAMPLES
from training import film

LONG = 120_000
"""Milliseconds that a restoration may take on a busy machine."""
SIZE = (600, 400)
"""Width and height of the faded photo."""
LEFT, RIGHT = (0.25, 0.5), (0.75, 0.5)
"""Places in it, as fractions of its width and height."""
DESCRIPTION = "A cup of coffee, long ago"


def faded() -> np.ndarray:
    """A photo whose black is grey and whose white is yellow, uint8 400x600x3."""
    photo = np.asarray(Image.open(EXAMPLES / "coffee.jpg").convert("RGB")).astype(float)
    return np.clip(photo * (0.45, 0.4, 0.3) + (95, 80, 50), 0, 255).astype(np.uint8)


def as_file(pixels: np.ndarray, name: str) -> dict:
    """A JPEG as it is chosen for upload, with a description in its EXIF."""
    file, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = DESCRIPTION
    Image.fromarray(pixels).save(file, "JPEG", quality=95, exif=exif)
    return {"name": name, "mimeType": "image/jpeg", "buffer": file.getvalue()}


@pytest.fixture
def print_() -> dict:
    return as_file(faded(), "print.jpg")


def restore_in(visitor: Visitor, *files: Path | dict) -> Page:
    """Open the last of some new photos to be restored."""
    page = visitor.opened("restore", *files)
    ready(page, pages.name_of(files[-1]))
    return page


def ready(page: Page, name: str) -> None:
    """Wait until a photo is shown and has been looked at."""
    page.wait_for_selector(".restoring.ready", state="attached")
    expect(page.locator(".restoring .photo-name")).to_have_text(name)
    expect(page.locator(".restoring .picture > .stage-wait")).to_be_hidden(timeout=LONG)
    expect(step(page, "colour").locator(".step-reason")).not_to_be_empty(timeout=LONG)


def step(page: Page, name: str) -> Locator:
    return page.locator(f".plan [data-step={name}]")


def switch(page: Page, name: str) -> Locator:
    return step(page, name).get_by_role("switch")


def only(page: Page, *names: str) -> None:
    """Switch on these steps and no others."""
    for row in page.locator(".plan [data-step]").all():
        wanted = row.get_attribute("data-step") in names
        if row.get_by_role("switch").is_checked() != wanted:
            row.locator(".switch").click()
        expect(row.get_by_role("switch")).to_be_checked(checked=wanted)


def set_control(page: Page, name: str, control: str, value: str) -> None:
    """Type a value into a control of a step that is open."""
    box = step(page, name).locator(f"[data-adjustment={control}] .value")
    box.fill(value)
    box.press("Enter")


def button(page: Page) -> Locator:
    return page.locator(".plan .run.primary")


def finished(page: Page) -> None:
    """Wait until a restored photo is shown beside the original."""
    expect(page.locator(".restoring .result-panel")).to_be_visible(timeout=LONG)
    expect(page.locator(".restoring .compare .stage-wait")).to_be_hidden(timeout=LONG)
    drawn(page)


def drawn(page: Page) -> None:
    """Wait until the frames asked for are drawn."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def restore(page: Page) -> None:
    button(page).click()
    finished(page)


def restored(page: Page) -> Locator:
    return page.locator(".restoring [data-result]")


def downloaded(page: Page) -> tuple[str, Image.Image]:
    with page.expect_download() as download:
        page.locator(".restoring .result-actions").get_by_role("button", name="Download").click()
    return download.value.suggested_filename, Image.open(download.value.path())


def seen(page: Page, place: tuple[float, float]) -> np.ndarray:
    """Colour at a place of the fitted photo, the mean of 9x9 pixels, float."""
    box = page.locator(".restoring .picture").bounding_box()
    shot = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB")).astype(float)
    scale = min((box["width"] - 32) / SIZE[0], (box["height"] - 32) / SIZE[1])
    x = round(box["x"] + box["width"] / 2 + (place[0] - 0.5) * SIZE[0] * scale)
    y = round(box["y"] + box["height"] / 2 + (place[1] - 0.5) * SIZE[1] * scale)
    return shot[y - 4 : y + 5, x - 4 : x + 5].mean((0, 1))


def test_what_a_look_suggests_is_done_told_and_kept(visitor, print_):
    page = restore_in(visitor, print_)
    expect(switch(page, "colour")).to_be_checked()
    expect(step(page, "colour").locator(".step-reason")).to_contain_text("Faded")
    only(page, "colour")
    expect(page.locator("#restore-note")).to_have_text(re.compile(r"^1 step, about .* s on this machine$"))
    with pages.posted(page, "/restorations") as asked:
        restore(page)
    assert [each["id"] for each in asked[0]["steps"]] == ["colour"] and asked[0]["marks"] is None
    told = page.locator(".report [data-step=colour]")
    expect(told).not_to_contain_text(re.compile(r"\d s"))
    page.get_by_role("button", name="How it was made").click()
    # Who did it, and how fast.
    expect(page.locator(".made:popover-open")).to_have_text(re.compile(r"Colour.*\w.*, \d.* s"))
    page.keyboard.press("Escape")
    expect(page.locator(".restoring .result-by")).to_contain_text("600 × 400")
    expect(page.locator(".report-name")).to_contain_text("print restored.jpg")
    expect(page.locator(".restoring .strip .tile")).to_have_count(2)
    name, image = downloaded(page)
    assert (name, image.format, image.size) == ("print restored.jpg", "JPEG", SIZE)
    assert image.getexif()[0x010E] == DESCRIPTION
    made, before = np.asarray(image.convert("RGB")).astype(float), faded().astype(float)
    assert made.std() > 1.2 * before.std()


def test_a_restored_photo_opens_on_after_and_escape_goes_back(visitor, print_):
    page = restore_in(visitor, print_)
    expect(page.locator(".plan-head h3")).to_have_text("Suggested")
    rows = page.locator(".plan-steps > *").all()
    suggested = [row.get_by_role("switch").is_checked() for row in rows if row.get_attribute("data-step")]
    assert suggested[0] and suggested == sorted(suggested, reverse=True)  # what is suggested stands first
    expect(rows[sum(suggested)]).to_have_text("Other steps")
    before = [seen(page, place) for place in (LEFT, RIGHT)]
    only(page, "colour")
    restore(page)
    expect(page.locator(".restoring .compare canvas")).to_be_focused()
    line = page.locator(".restoring .split-handle")
    expect(line).to_be_hidden()
    after = [seen(page, place) for place in (LEFT, RIGHT)]
    assert all(np.abs(old - new).max() > 8 for old, new in zip(before, after, strict=True))
    page.keyboard.down("b")
    drawn(page)
    assert np.abs(seen(page, LEFT) - before[0]).max() < 3 and np.abs(seen(page, RIGHT) - before[1]).max() < 3
    page.keyboard.up("b")
    page.keyboard.press("s")
    expect(line).to_be_focused()
    expect(line).to_have_attribute("aria-valuenow", "50")
    drawn(page)
    assert np.abs(seen(page, LEFT) - before[0]).max() < 3 and np.abs(seen(page, RIGHT) - after[1]).max() < 3
    page.keyboard.press("End")
    expect(line).to_have_attribute("aria-valuenow", "100")
    drawn(page)
    assert np.abs(seen(page, RIGHT) - before[1]).max() < 3
    page.keyboard.press("Escape")
    expect(page.locator(".restoring .compare")).to_be_hidden()
    expect(page.locator(".restoring .picture > canvas[tabindex]")).to_be_focused()
    restored(page).first.get_by_role("button").click()
    finished(page)


def test_steps_can_be_changed_and_come_back_as_suggested(visitor, print_):
    page = restore_in(visitor, print_)
    suggested = page.get_by_role("button", name="as suggested")
    expect(suggested).to_be_hidden()
    only(page)
    expect(button(page)).to_be_disabled()
    expect(page.locator("#restore-note")).to_contain_text("Switch on")
    step(page, "colour").locator(".step-open").click()
    set_control(page, "colour", "strength", "40")
    expect(switch(page, "colour")).to_be_checked()  # whoever sets something wants it
    expect(step(page, "colour").locator(".slider.changed")).to_have_count(1)
    with pages.posted(page, "/restorations") as asked:
        restore(page)
    assert asked[0]["steps"][0]["settings"]["strength"] == 40
    page.keyboard.press("Escape")
    suggested.click()
    expect(step(page, "colour").locator(".slider.changed")).to_have_count(0)
    expect(suggested).to_be_hidden()
    restored(page).first.get_by_role("button").click()
    page.get_by_role("button", name="Restore again").click()
    expect(step(page, "colour").locator("[data-adjustment=strength] .value")).to_have_value("40")


def test_a_restored_photo_opens_elsewhere_is_deleted_and_comes_back(visitor, print_):
    page = restore_in(visitor, print_)
    only(page, "colour")
    restore(page)
    page.get_by_role("button", name="Delete this restored photo").click()
    expect(restored(page)).to_have_count(0)
    expect(page.locator(".restoring .compare")).to_be_hidden()
    expect(page.locator(".restoring .strip .tile")).to_have_count(1)
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(restored(page)).to_have_count(1)
    restored(page).first.get_by_role("button").click()
    page.locator(".restoring .result-actions").get_by_role("button", name="Replace").click()
    selecting.ready(page, "print restored.jpg")
    selecting.open_tab(page, "Restore")
    ready(page, "print restored.jpg")
    expect(restored(page)).to_have_count(0)
    page.locator(".restoring .strip [aria-label='Open print.jpg']").click()
    expect(restored(page)).to_have_count(1)


def test_a_restoration_goes_on_while_the_page_is_loaded_anew(visitor, print_):
    page = restore_in(visitor, print_)
    only(page, "colour")
    page.locator(".size-choice:visible").get_by_role("radio", name="Full size").click()
    with page.expect_response("**/restorations"):
        button(page).click()
    page.reload()
    selecting.open_tab(page, "Restore")
    page.wait_for_selector(".restoring.ready", state="attached")
    expect(restored(page)).to_have_count(1, timeout=LONG)
    expect(page.locator(".restoring .result.job")).to_have_count(0)
    # The size that was chosen is the visitor's, and stays.
    size = page.get_by_role("radio", name="Full size", include_hidden=True)  # the restored photo may be shown by now
    expect(size.first).to_have_attribute("aria-checked", "true")


def test_a_restoration_that_is_cancelled_leaves_nothing_and_can_be_asked_for_again(visitor):
    large = np.asarray(Image.fromarray(faded()).resize((2100, 1400)))
    page = restore_in(visitor, as_file(large, "large.jpg"))
    only(page, "clean")
    page.locator(".size-choice:visible").get_by_role("radio", name="Full size").click()
    button(page).click()
    page.locator(".plan .run", has_text="Cancel").click()
    expect(button(page)).to_be_visible(timeout=LONG)
    expect(page.locator(".restoring .result.job")).to_have_count(0)
    expect(restored(page)).to_have_count(0)
    expect(switch(page, "clean")).to_be_checked()
    only(page, "colour")
    restore(page)
    expect(restored(page)).to_have_count(1)


def test_what_fails_is_told_and_the_steps_stay(visitor, print_):
    visitor.expected = ("ERR_FAILED", "Failed to load resource")
    page = restore_in(visitor, print_)
    only(page, "colour")
    page.route("**/restorations", lambda route: route.abort())
    button(page).click()
    expect(page.locator(".toast.error")).to_contain_text("connection")
    page.unroute("**/restorations")
    fault = {"error": "Something went wrong. Please try again.", "request": "3f2a91"}
    page.route("**/restorations", lambda route: route.fulfill(status=500, json=fault))
    button(page).click()
    expect(page.locator(".toast.error").last).to_contain_text("Please try again (fault 3f2a91).")
    page.unroute("**/restorations")
    expect(page.locator(".restoring .result.job")).to_have_count(0)
    expect(switch(page, "colour")).to_be_checked()
    # A proxy's, while the server begins anew.
    page.route("**/restorations/*?seen=*", lambda route: route.fulfill(status=502, body="Bad Gateway"), times=1)
    restore(page)


def test_a_negative_is_told_turned_and_kept_and_a_roll_from_the_gallery(visitor):
    random = np.random.default_rng(5)
    roll = film.roll(random, grey=False)
    scenes = [
        np.asarray(Image.open(EXAMPLES / name).convert("RGB").resize(SIZE)) for name in ("coffee.jpg", "astronaut.jpg")
    ]
    frames = [as_file(film.negative(random, scene, roll), f"frame {n}.jpg") for n, scene in enumerate(scenes, 1)]
    page = restore_in(visitor, *frames)
    expect(switch(page, "negative")).to_be_checked()
    expect(step(page, "negative").locator(".step-reason")).to_have_text(re.compile("^A colour negative: "))
    step(page, "negative").locator(".step-open").click()
    expect(step(page, "negative").get_by_role("radio", name="Colour")).to_be_checked()
    only(page, "negative")
    set_control(page, "negative", "exposure", "0.2")
    restore(page)
    name, image = downloaded(page)
    assert name == "frame 2 positive.jpg"
    assert np.corrcoef(np.asarray(image).ravel(), scenes[1].ravel())[0, 1] > 0.9
    expect(restored(page).first.locator("b")).to_have_text("Made positive")
    orange = seen(page, LEFT)
    assert orange[0] > orange[2], "before it, the negative is shown"

    selecting.open_tab(page, "Gallery")
    for each in frames:
        page.locator(f".photo-tile[aria-label^='{each['name']}']").click(modifiers=["Control"])
    page.locator(".about-actions").get_by_role("button", name="Negatives").click()
    line = page.locator(".going.mending")
    expect(line).to_contain_text("2 photos made", timeout=LONG)
    line.get_by_role("button", name="Show").click()
    expect(page.locator(".photo-tile[aria-selected=true]")).to_have_count(2)


def many(page: Page) -> None:
    page.locator(".restoring .bar").get_by_role("button", name="Restore many").click()


def test_a_folder_is_restored_and_comes_as_a_zip(visitor, print_, tmp_path):
    page = restore_in(visitor, EXAMPLES / "rocket.jpg")
    folder = tmp_path / "album"
    (folder / "older").mkdir(parents=True)
    (folder / "print.jpg").write_bytes(print_["buffer"])
    (folder / "older/mirrored.jpg").write_bytes(as_file(faded()[:, ::-1], "")["buffer"])
    (folder / ".hidden").write_bytes(b"not a photo")
    many(page)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Add a folder").click()
    chooser.value.set_files(folder)
    start = page.get_by_role("button", name="Restore 2 photos")
    expect(start).to_be_enabled(timeout=LONG)
    expect(page.locator(".batch .tile")).to_have_count(3)
    start.click()
    zipped = page.get_by_role("link", name="Download 2 photos as a zip")
    expect(zipped).to_be_visible(timeout=2 * LONG)
    expect(page.locator(".batch-items [data-state=done]")).to_have_count(2)
    with page.expect_download() as download:
        zipped.click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert sorted(archive.namelist()) == ["mirrored.jpg", "print.jpg"]
        image = Image.open(io.BytesIO(archive.read("print.jpg")))
    assert np.asarray(image.convert("RGB")).astype(float).std() > 1.2 * faded().astype(float).std()
    page.reload()
    selecting.open_tab(page, "Restore")
    page.wait_for_selector(".restoring.ready", state="attached")
    many(page)
    expect(zipped).to_be_visible()
    page.locator(".batch").get_by_role("checkbox", name="print.jpg").click()
    finished(page)
    expect(page.locator(".report-name")).to_contain_text("print restored.jpg")


def test_one_photo_that_fails_does_not_stop_the_rest(visitor, server, print_):
    second = as_file(np.roll(faded(), 7, axis=1), "second.jpg")
    page = restore_in(visitor, print_, second, as_file(faded()[:, ::-1], "third.jpg"))
    sha256 = hashlib.sha256(second["buffer"]).hexdigest()
    (server.home / "originals" / sha256[:2] / sha256).write_bytes(b"what a bad disk left of it")
    only(page, "colour")
    many(page)
    page.get_by_role("radio", name="The same for all").click()
    expect(page.locator(".batch-panel")).to_contain_text("for the open photo: Colour.")
    page.locator(".batch").get_by_role("button", name="all").click()
    page.get_by_role("button", name="Restore 3 photos").click()
    expect(page.get_by_role("link", name=re.compile("as a zip"))).to_be_visible(timeout=2 * LONG)
    expect(page.locator(".batch-items [data-state=failed]")).to_have_count(1)
    expect(page.locator(".batch-items [data-state=failed]")).to_contain_text("second.jpg")


def test_an_empty_library_invites_to_bring_a_folder(visitor):
    page = visitor.editor()
    selecting.open_tab(page, "Restore")
    expect(page.locator(".restoring .welcome .example")).to_have_count(len(list(EXAMPLES.rglob("*.jpg"))))
    page.get_by_role("button", name="whole folder").click()
    expect(page.get_by_role("button", name="Add a folder")).to_be_visible()
    page.keyboard.press("Escape")
    page.locator(".restoring .example").first.click()
    ready(page, "old-print.jpg")


def test_on_a_phone_everything_can_be_reached_by_touch(new_visitor, print_):
    visitor = new_visitor(PHONE)
    page = restore_in(visitor, print_)
    assert not small(page, ".restoring")
    step(page, "colour").locator(".step-open").tap()
    assert not small(page, ".restoring")
    button(page).tap()
    finished(page)
    assert not small(page, ".restoring")
    many(page)
    assert not small(page, ".restoring")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390


def photo_box(page: Page) -> tuple[int, int]:
    """Width and height of what is seen of the photo between the grey of the page, in pixels."""
    box = page.locator(".restoring .picture canvas").first.screenshot()
    shown = np.abs(np.asarray(Image.open(io.BytesIO(box)).convert("RGB")).astype(int) - (0x0F, 0x10, 0x12)).max(2) > 12
    return int(shown.any(0).sum()), int(shown.any(1).sum())


def test_a_photo_is_seen_turned_at_once_and_turned_when_it_is_done(visitor, print_):
    page = restore_in(visitor, print_)
    only(page)
    width, height = photo_box(page)
    assert width > height
    step(page, "straighten").locator(".step-open").click()
    page.get_by_role("button", name="Turn a quarter to the right").click()
    expect(switch(page, "straighten")).to_be_checked()
    expect(step(page, "straighten").locator("output")).to_have_text("90°")
    page.wait_for_function(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
    )
    width, height = photo_box(page)
    assert width < height
    set_control(page, "straighten", "angle", "5")
    restore(page)
    # Cut to what has corners.
    expect(page.locator(".restoring .result-by")).to_have_text(re.compile(r"^3\d\d × 5\d\d$"))
    name, image = downloaded(page)
    assert name == "print straightened.jpg", "nothing else was done to it"
    assert image.width < image.height and image.getexif().get(0x0112, 1) == 1
    made = restored(page).first
    expect(made.locator("b")).to_have_text("Straightened")
    expect(made.get_by_role("button")).to_have_attribute("title", re.compile("^Straightened: "))
    page.keyboard.press("Control+z")
    expect(page.locator(".toast")).to_contain_text("Undone: straightened “print.jpg”")


def scratched() -> np.ndarray:
    """The faded photo with a white line across, uint8 400x600x3."""
    photo = faded()
    photo[197:202] = 250
    return photo


def blues(page: Page) -> int:
    """How many pixels of the page are marked as a scratch."""
    drawn(page)
    shot = page.locator(".restoring .picture > canvas[tabindex]").screenshot()
    red, green, blue = np.moveaxis(np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")).astype(int), 2, 0)
    return int(((blue > red + 25) & (blue > green)).sum())


def test_scratches_are_shown_corrected_and_sent(visitor):
    page = restore_in(visitor, as_file(scratched(), "scratched.jpg"))
    only(page, "scratches")
    plain = blues(page)
    step(page, "scratches").locator(".step-open").click()
    page.get_by_role("button", name="Show scratches").click()
    brush = page.get_by_role("button", name="Brush")
    expect(brush).to_be_visible(timeout=LONG)
    found = blues(page)
    brush.click()
    box = page.locator(".restoring .picture").bounding_box()
    middle = box["x"] + box["width"] / 2
    page.mouse.move(middle, box["y"] + 120)
    page.mouse.down()
    page.mouse.move(middle + 120, box["y"] + 120, steps=6)
    page.mouse.up()
    page.mouse.move(middle, box["y"] - 20)
    painted = blues(page)
    assert painted > found + 500
    page.keyboard.press("Control+z")
    assert abs(blues(page) - found) < 50
    page.keyboard.press("Control+Shift+z")
    assert abs(blues(page) - painted) < 50
    with pages.posted(page, "/restorations") as asked:
        restore(page)
    assert asked[0]["marks"] and asked[0]["steps"][0]["id"] == "scratches"
    plain_line, legend = seen(page, LEFT), page.locator(".restoring .invented-legend")
    expect(legend).to_be_hidden()
    for key, tinted in (("m", True), ("m", False), ("m", True)):
        page.keyboard.press(key)
        made_up = page.get_by_role("button", name="Show what was made up")
        expect(made_up).to_have_attribute("aria-pressed", str(tinted).lower())
        expect(made_up).to_have_attribute("aria-busy", "false", timeout=LONG)
        expect(legend).to_be_visible(visible=tinted)
        drawn(page)
        red, green, _ = seen(page, LEFT) - plain_line
        assert red - green > 20 if tinted else abs(red - green) < 2
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Show scratches")).to_have_attribute("aria-pressed", "false")
    assert abs(blues(page) - plain) < 50
    page.get_by_role("button", name="Show scratches").click()
    page.get_by_role("button", name="Reset to what was found").click()
    assert abs(blues(page) - found) < 50
