"""The Gallery tab: photos brought, tagged, corrected, found, looked at large, mended and taken away."""

import io
import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Download, Locator, Page, Route, expect

from envo import description, settings
from envo.file import PhotoFile
from tests.browser import pages
from tests.browser import test_select as selecting
from tests.browser.test_people import route
from tests.browser.visitors import PHONE
from tests.conftest import EXAMPLES

LONG = 180_000
"""Milliseconds that looking at photos may take on a busy machine."""
NAMES = ("astronaut.jpg", "chelsea.jpg", "coffee.jpg", "rocket.jpg")
TOUCH = 40
"""Pixels that what a finger touches is high and wide at least."""
MANY = 10_000


def bring(page: Page, *files: Path | dict) -> None:
    """Add photos to the library."""
    pages.add(page.request, page.url.partition("#")[0], *files)


def open_gallery(page: Page) -> None:
    selecting.open_tab(page, "Gallery")
    page.wait_for_selector(".gallery.ready")


def looked_at(page: Page) -> None:
    """Wait until all photos are tagged, and shown so."""
    expect(page.locator(".photo-state:visible")).to_have_count(0, timeout=LONG)
    expect(page.locator(".going.tagging")).to_have_count(0, timeout=LONG)


@pytest.fixture
def page(visitor) -> Page:
    """The four examples, tagged, on the wall."""
    page = visitor.editor()
    bring(page, *(EXAMPLES / name for name in NAMES))
    open_gallery(page)
    expect(tiles(page)).to_have_count(4)
    looked_at(page)
    return page


def tiles(page: Page) -> Locator:
    return page.locator(".photo-wall .photo-tile[data-photo]")


def tile(page: Page, name: str) -> Locator:
    return page.locator(f".photo-tile[aria-label^='{name}']")


def names(page: Page) -> list[str]:
    """What is on the wall, in its order."""
    shown = sorted(tiles(page).all(), key=lambda each: int(each.get_attribute("data-index")))
    return [each.get_attribute("aria-label").partition(",")[0] for each in shown]


def shows(page: Page, *wanted: str) -> None:
    """Wait until the wall shows these photos and no others."""
    expect(tiles(page)).to_have_count(len(wanted))
    for name in wanted:
        expect(tile(page, name)).to_be_visible()


def choose(page: Page, *wanted: str) -> None:
    for name in wanted:
        tile(page, name).hover()
        tile(page, name).locator(".photo-tick").click()
        expect(tile(page, name)).to_have_attribute("aria-selected", "true")


def about(page: Page, name: str) -> Locator:
    """Mark a photo; give what the panel says of it."""
    tile(page, name).click()
    panel = page.locator(".gallery-about .about-photo:visible")
    expect(panel.locator(".photo-name")).to_have_text(name)
    return panel


def tag(panel: Locator, word: str) -> Locator:
    return panel.locator(f".tag-row[data-word='{word}']")


def press(row: Locator, button: str) -> None:
    row.hover()
    row.get_by_role("button", name=button).click()


def facet(page: Page, word: str) -> Locator:
    return page.locator(".facet-row", has=page.get_by_text(word, exact=True))


def taken_away(page: Page, kind: str) -> Download:
    with page.expect_download() as download:
        page.locator(f".take-away [data-kind={kind}]").click()
    return download.value


def files_of(download: Download) -> dict[str, bytes]:
    with zipfile.ZipFile(download.path()) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(*paths: Path) -> dict:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for path in paths:
            archive.write(path, path.name)
    return {"name": "shoot.zip", "mimeType": "application/zip", "buffer": file.getvalue()}


def test_an_empty_gallery_invites_and_photos_that_come_are_tagged(visitor):
    page = visitor.editor()
    open_gallery(page)
    expect(page.locator(".gallery-welcome .example img")).to_have_count(4)
    with page.expect_file_chooser() as chooser:
        page.locator(".gallery-welcome .drop").click()
    chooser.value.set_files([str(EXAMPLES / name) for name in ("chelsea.jpg", "coffee.jpg")])
    expect(page.locator(".going.uploading b")).to_have_text("2 photos added", timeout=LONG)
    expect(page.locator(".gallery-welcome:visible")).to_have_count(0)
    shows(page, "chelsea.jpg", "coffee.jpg")
    looked_at(page)
    panel = about(page, "chelsea.jpg")
    row = tag(panel, "cat")
    expect(row).to_be_visible()
    expect(row.locator(".tag-said")).to_have_text(re.compile(r"^\d+%$"))
    expect(row.locator("small")).not_to_be_empty()
    panel.get_by_role("button", name="What looked at it").click()
    expect(panel.locator(".aside:popover-open")).to_contain_text("YOLO")
    page.keyboard.press("Escape")
    expect(facet(page, "animals").locator("small")).to_have_text("1")


def test_a_zip_that_is_dropped_is_unpacked(visitor):
    page = visitor.editor()
    open_gallery(page)
    pages.drop(page, ".gallery", zipped(EXAMPLES / "rocket.jpg", EXAMPLES / "coffee.jpg"))
    expect(page.locator(".going.zip b")).to_have_text("2 photos added from shoot.zip", timeout=LONG)
    shows(page, "rocket.jpg", "coffee.jpg")
    page.locator(".going.zip").get_by_role("button", name="Dismiss").click()
    expect(page.locator(".going.zip")).to_have_count(0)


def test_photos_that_are_there_already_and_look_alikes_are_told(page, visitor):
    visitor.expected = ("400",)
    small = io.BytesIO()
    Image.open(EXAMPLES / "chelsea.jpg").resize((300, 200)).save(small, "JPEG")
    alike = {"name": "small.jpg", "buffer": small.getvalue()}
    again = {"name": "again.jpg", "buffer": (EXAMPLES / "coffee.jpg").read_bytes()}
    pages.drop(page, ".gallery", alike, again, {"name": "text.jpg", "buffer": b"no photo"})
    line = page.locator(".going.uploading")
    expect(line).to_contain_text("1 photo added", timeout=LONG)
    expect(line).to_contain_text("1 already here · 1 looks like others")
    expect(line.locator("summary")).to_have_text("1 could not be read")
    line.locator("summary").click()
    expect(line.locator("li")).to_contain_text("text.jpg")
    line.get_by_role("button", name="Compare").click()
    sides = page.locator(".beside-side")
    expect(sides.locator("img")).to_have_count(2)
    expect(sides.nth(0)).to_contain_text("small.jpg")
    expect(sides.nth(1)).to_contain_text("chelsea.jpg")
    sides.nth(0).get_by_role("button", name="Delete this one").click()
    expect(page.locator(".beside")).to_be_hidden()
    shows(page, *NAMES)
    line.get_by_role("button", name="Show those already here").click()
    expect(tile(page, "coffee.jpg")).to_have_attribute("aria-selected", "true")


def test_corrections_of_tags_survive_a_reload(page):
    panel = about(page, "chelsea.jpg")
    press(tag(panel, "cat"), "cat is right")
    expect(tag(panel, "cat")).to_have_attribute("data-state", "accepted")
    press(tag(panel, "animals"), "Remove animals")
    expect(panel.locator(".removed-tag", has_text="animals")).to_be_visible()
    panel.get_by_label("Add a tag").fill("whiskers, pet of Stéfan")
    panel.get_by_label("Add a tag").press("Enter")
    expect(tag(panel, "pet of Stéfan")).to_be_visible()
    press(tag(panel, "whiskers"), "Rename whiskers")
    panel.get_by_label("Another word for whiskers").fill("long whiskers")
    panel.get_by_label("Another word for whiskers").press("Enter")
    expect(tag(panel, "long whiskers")).to_be_visible()
    panel.get_by_label("Title").fill("Chelsea, at home")
    with page.expect_response(lambda answer: answer.request.method == "PATCH"):
        panel.get_by_label("Title").press("Enter")
    page.reload()
    open_gallery(page)
    panel = about(page, "chelsea.jpg")
    expect(tag(panel, "cat")).to_have_attribute("data-state", "accepted")
    expect(tag(panel, "pet of Stéfan")).to_be_visible()
    expect(tag(panel, "long whiskers")).to_be_visible()
    expect(tag(panel, "whiskers")).to_have_count(0)
    expect(tag(panel, "animals")).to_have_count(0)
    expect(panel.get_by_label("Title")).to_have_value("Chelsea, at home")
    expect(facet(page, "animals")).to_have_count(0)
    panel.locator(".removed-tag", has_text="animals").click()
    expect(tag(panel, "animals")).to_be_visible()
    expect(facet(page, "animals")).to_be_visible()


def test_the_least_sure_tags_come_first_when_asked_and_limits_move(page):
    panel = about(page, "astronaut.jpg")
    said = panel.locator(".tag-list:visible .tag-said")
    panel.get_by_role("radio", name="Least sure").click()
    values = [int(text.strip("%")) for text in said.all_inner_texts()]
    assert len(values) > 1 and values == sorted(values)
    limit = page.locator(".limits [data-adjustment=tagSure] .value")
    limit.fill("99")
    limit.press("Enter")
    expect(facet(page, "person")).to_have_count(0)
    expect(tag(panel, "person")).to_be_hidden()
    panel.locator(".tag-fold summary").click()
    expect(tag(panel, "person")).to_be_visible()
    page.reload()
    open_gallery(page)
    expect(limit).to_have_value("99")


def test_photos_are_found_by_words_tags_stars_and_likeness(page):
    search = page.get_by_label("Search photos")
    search.fill("chels")
    shows(page, "chelsea.jpg")
    search.fill("nothing like that")
    expect(page.get_by_text("No photo is like that.")).to_be_visible()
    page.get_by_role("button", name="Show all photos").click()
    shows(page, *NAMES)
    facet(page, "animals").click()
    shows(page, "chelsea.jpg")
    expect(tile(page, "chelsea.jpg").locator(".photo-sure")).to_have_text(re.compile(r"%$"))
    page.locator(".query-chips .chip", has_text="animals").click()
    shows(page, *NAMES)
    tile(page, "rocket.jpg").click()
    page.keyboard.press("4")
    expect(tile(page, "rocket.jpg").locator(".photo-rating")).to_have_text("★★★★")
    page.locator(".facet-stars").get_by_role("button", name="3 stars").click()
    shows(page, "rocket.jpg")
    page.locator(".query-chips").get_by_role("button", name="all photos").click()
    page.locator(".gallery-head .order").select_option("name")
    expect(page.locator("#photo-tile-0")).to_have_attribute("aria-label", re.compile("^astronaut"))
    assert names(page) == list(NAMES)
    tile(page, "coffee.jpg").click()
    page.get_by_role("button", name="Similar").click()
    expect(page.locator(".query-chips")).to_contain_text("like coffee.jpg")
    expect(page.locator("#photo-tile-0")).to_have_attribute("aria-label", re.compile("^coffee.jpg"))


def test_what_is_not_sure_is_folded_away_likeness_ends_heads_are_in_sight_and_many_are_restored(page):
    panel = about(page, "astronaut.jpg")
    expect(tag(panel.locator(".tag-list").first, "portrait")).to_be_visible()
    expect(tag(panel, "sport")).to_be_hidden()
    panel.locator(".tag-fold summary").click()
    expect(tag(panel.locator(".tag-fold"), "sport")).to_be_visible()

    tile(page, "coffee.jpg").click()
    page.get_by_role("button", name="Similar").click()
    shows(page, "coffee.jpg")
    expect(page.locator(".photo-end")).to_have_text("No other photo is like this.")
    page.locator(".query-chips").get_by_role("button", name="all photos").click()
    expect(page.locator(".photo-end")).to_be_hidden()

    # Somebody at the right of a wide photo, of whom a square out of its middle would show nothing.
    wide = Image.new("RGB", (1536, 512), "grey")
    wide.paste(Image.open(EXAMPLES / "astronaut.jpg"), (1024, 0))
    file = io.BytesIO()
    wide.save(file, "JPEG", quality=92)
    bring(page, {"name": "wide.jpg", "buffer": file.getvalue()})
    page.reload()
    open_gallery(page)
    looked_at(page)
    expect(tile(page, "wide.jpg").locator("img")).to_have_css("object-position", re.compile(r"^(9\d|100)% 50%$"))
    expect(tile(page, "coffee.jpg").locator("img")).to_have_css("object-position", re.compile(r"% 50%$"))

    # What is searched for comes with the surest first, and with every order there is for that.
    page.get_by_label("Search photos").fill("portrait")
    shows(page, "astronaut.jpg", "wide.jpg")
    expect(page.locator(".gallery-head .order")).to_have_value("sure")
    page.get_by_label("Search photos").fill("")
    shows(page, *NAMES, "wide.jpg")
    expect(page.locator(".gallery-head .order")).to_have_value("newest")

    choose(page, "wide.jpg", "chelsea.jpg")
    page.locator(".about-actions").get_by_role("button", name="Restore").click()
    many = page.locator(".batch:visible")
    expect(many.get_by_role("checkbox")).to_have_count(2)
    expect(many.get_by_role("checkbox", checked=True)).to_have_count(2)
    expect(page.locator(".batch-panel:visible")).to_contain_text("Restore 2 photos")
    page.get_by_role("button", name="Back to the photo").click()
    expect(page.locator(".batch")).to_be_hidden()


def test_chosen_photos_are_taken_away_with_what_is_said_of_them(page):
    choose(page, "chelsea.jpg", "coffee.jpg")
    panel = page.locator(".gallery-about .about-photo:visible")
    expect(panel.locator("h2")).to_have_text("2 photos")
    panel.get_by_label("Add a tag").fill("holiday ☀ 假日")
    panel.get_by_label("Add a tag").press("Enter")
    expect(tag(panel, "holiday ☀ 假日").locator(".tag-said")).to_have_text("2")
    panel.get_by_role("button", name="5 stars").click()
    expect(tile(page, "coffee.jpg").locator(".photo-rating")).to_have_text("★★★★★")
    page.locator(".about-actions").get_by_role("button", name="Download").click()
    expect(page.locator(".take-which")).to_have_text("2 photos")
    files = files_of(taken_away(page, "zip"))
    assert sorted(files) == ["chelsea.jpg", "coffee.jpg"]
    said = {name: description.read(PhotoFile(data)) for name, data in files.items()}
    assert all("holiday ☀ 假日" in each.tags and each.rating == 5 for each in said.values())
    assert "cat" in {level for each in said["chelsea.jpg"].tags for level in each.split("|")}
    pixels = [
        Image.open(io.BytesIO(data)).tobytes()
        for data in (files["chelsea.jpg"], (EXAMPLES / "chelsea.jpg").read_bytes())
    ]
    assert pixels[0] == pixels[1]
    page.keyboard.press("Escape")
    expect(page.locator(".photo-tile[aria-selected=true]")).to_have_count(0)
    page.locator(".gallery-head").get_by_role("button", name="Download").click()
    rows = json.loads(taken_away(page, "json").path().read_text())
    assert {row["name"] for row in (rows["photos"] if isinstance(rows, dict) else rows)} == set(NAMES)


def test_the_wall_is_used_by_keys_alone(page):
    order = names(page)
    page.locator(".photo-wall").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".photo-tile.cursor")).to_have_attribute("data-index", "0")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(tile(page, order[1])).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator(".photo-tile[aria-selected=true]")).to_have_count(2)
    page.keyboard.press("3")
    expect(page.locator(".photo-rating:not(:empty)")).to_have_count(2)
    page.keyboard.press("Control+a")
    expect(page.locator(".photo-tile[aria-selected=true]")).to_have_count(4)
    page.keyboard.press("Escape")
    expect(page.locator(".photo-tile[aria-selected=true]")).to_have_count(0)
    page.keyboard.press("t")
    expect(page.locator(".gallery-about .tag-input:focus")).to_be_visible()
    page.keyboard.type("by hand")
    page.keyboard.press("Enter")
    expect(page.locator(".gallery-about .tag-row[data-word='by hand']:visible")).to_have_count(1)
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.get_by_label("Search photos")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator(".menu.shortcuts:popover-open")).to_contain_text("add a tag")
    page.keyboard.press("Escape")
    expect(page.locator(".menu.shortcuts:popover-open")).to_have_count(0)
    page.locator(".photo-wall").focus()
    page.keyboard.press("Home")
    page.keyboard.press("Delete")
    expect(tiles(page)).to_have_count(3)
    expect(tile(page, order[0])).to_have_count(0)
    page.locator(".toast").get_by_role("button", name="Undo").click()
    shows(page, *NAMES)


def test_a_photo_is_looked_at_large_with_what_is_on_it(page):
    tile(page, "astronaut.jpg").dblclick()
    large = page.locator(".lightbox")
    expect(large.locator(".lightbox-frame > img")).to_be_visible()
    tag(large, "person").hover()
    box = large.locator(".thing-box").first
    expect(box).to_contain_text("person")
    whole, part = large.locator(".lightbox-frame").bounding_box(), box.bounding_box()
    assert part["width"] > 0.4 * whole["width"] and part["x"] >= whole["x"] - 4
    expect(large.locator(".face-box")).to_have_count(1)
    page.keyboard.press("f")
    expect(large.locator(".face-box:visible")).to_have_count(0)
    page.keyboard.press("f")
    expect(large.locator(".face-box:visible")).to_have_count(1)
    page.keyboard.press("2")
    expect(large.locator(".lightbox-head .star.on")).to_have_count(2)
    shown = large.locator(".lightbox-name").inner_text()
    page.keyboard.press("ArrowLeft")
    expect(large.locator(".lightbox-name")).not_to_have_text(shown)
    other = large.locator(".lightbox-name").inner_text()
    page.keyboard.press("p")
    expect(page.locator(".lightbox.playing .lightbox-name")).not_to_have_text(other)
    page.keyboard.press("Escape")
    expect(page.locator(".lightbox.playing")).to_have_count(0)
    expect(large).to_be_visible()
    at_last = large.locator(".lightbox-name").inner_text()
    page.keyboard.press("Escape")
    expect(large).to_be_hidden()
    expect(page.locator(".photo-tile.cursor")).to_have_attribute("aria-label", re.compile(f"^{re.escape(at_last)}"))
    tile(page, "coffee.jpg").click()
    page.locator(".about-actions").get_by_role("button", name="Edit", exact=True).click()
    expect(page.locator(".editor .photo-name")).to_have_text("coffee.jpg")


UNHURRIED = """(delay) => {
    const real = window.setTimeout;
    window.setTimeout = (run, milliseconds) => real(run, milliseconds === delay ? 600_000 : milliseconds);
}"""
"""Lets edits not be saved by themselves."""


def test_an_edit_leaves_with_its_photo_at_once(page):
    page.evaluate(UNHURRIED, settings.SAVE_DELAY_MS)
    tile(page, "coffee.jpg").click()
    page.locator(".about-actions").get_by_role("button", name="Edit", exact=True).click()
    expect(page.locator(".editor .photo-name")).to_have_text("coffee.jpg")
    pages.drawn(page)
    pages.set_slider(page, "saturation", "-100")
    selecting.open_tab(page, "Gallery")
    choose(page, "coffee.jpg")
    page.locator(".about-actions").get_by_role("button", name="Download").click()
    page.locator(".take-away").get_by_role("radio", name="As edited").click()
    (edited,) = files_of(taken_away(page, "zip")).values()
    pixels = np.asarray(Image.open(io.BytesIO(edited)).convert("RGB")).astype(int)
    assert np.ptp(pixels, axis=2).max() <= 3, "grey"


def test_many_photos_are_straightened_at_once_where_they_hang_and_nothing_else_is_done(page):
    tilted = Image.open(EXAMPLES / "rocket.jpg").convert("RGB").rotate(-7, Image.Resampling.BICUBIC)
    width, height = tilted.size
    tilted = tilted.crop((width // 6, height // 6, width * 5 // 6, height * 5 // 6))
    # Faded, too, so that its colours would be brought back.
    tilted = tilted.point([round(0.4 * value + shade) for shade in (140, 130, 115) for value in range(256)])
    file = io.BytesIO()
    tilted.save(file, "JPEG", quality=95)
    pages.drop(page, ".gallery", {"name": "tilted.jpg", "buffer": file.getvalue()})
    expect(tile(page, "tilted.jpg")).to_be_visible(timeout=LONG)
    # Upright, but so dark that low light is suggested for it.
    file = io.BytesIO()
    Image.open(EXAMPLES / "coffee.jpg").point(lambda value: value * 0.15).save(file, "JPEG", quality=95)
    pages.drop(page, ".gallery", {"name": "dark.jpg", "buffer": file.getvalue()})
    expect(tile(page, "dark.jpg")).to_be_visible(timeout=LONG)
    choose(page, "tilted.jpg", "dark.jpg")
    page.locator(".about-actions").get_by_role("button", name="Straighten").click()
    line = page.locator(".going.mending")
    expect(line.get_by_role("button", name="Dismiss")).to_be_visible(timeout=LONG)
    expect(line).to_contain_text("1 photo made")
    line.get_by_role("button", name="Show").click()
    shown = page.locator(".photo-tile[aria-selected=true]")
    expect(shown).to_have_attribute("aria-label", re.compile("tilted straightened.jpg"))
    made = Image.open(io.BytesIO(page.request.get(route(page, f"photos/{_id(shown)}/original")).body()))
    assert made.width < tilted.width and made.height < tilted.height
    assert suggested(page, _id(tile(page, "tilted.jpg"))) == {"colour"}
    before, after = (np.asarray(each.convert("RGB")).astype(float) for each in (tilted, made))
    assert np.abs(after.mean((0, 1)) - before.mean((0, 1))).max() < 4, "its colours are as they were"
    assert after.std() < 1.1 * before.std()


def _id(shown: Locator) -> str:
    return shown.get_attribute("data-photo")


def suggested(page: Page, photo: str) -> set[str]:
    """The steps that a look at a photo suggests."""
    seen = -1
    while (now := page.request.get(route(page, f"photos/{photo}/look?seen={seen}")).json())["state"] != "done":
        seen = now["number"]
    return {step for step, look in now["looks"].items() if look["wanted"]}


def test_ten_thousand_photos_are_on_the_wall_without_being_in_the_page(page):
    rows = page.request.get(route(page, "gallery/photos")).json()["photos"]
    asked = []

    def answer(route: Route) -> None:
        offset = int(re.search(r"offset=(\d+)", route.request.url)[1])
        asked.append(offset)
        some = [rows[place % len(rows)] | {"name": f"{place}.jpg"} for place in range(offset, min(offset + 200, MANY))]
        route.fulfill(json={"photos": some, "count": MANY})

    page.route("**/gallery/photos?*", answer)
    page.locator(".gallery-head .order").select_option("name")
    expect(page.locator(".gallery-count")).to_have_text("10,000 photos")
    expect(page.locator("#photo-tile-0")).to_have_attribute("aria-label", re.compile(r"^0\.jpg"))
    page.locator(".photo-wall").focus()
    page.keyboard.press("End")
    expect(page.locator("#photo-tile-9999.cursor")).to_have_attribute("aria-label", re.compile(r"^9999\.jpg"))
    assert tiles(page).count() < 150
    assert max(asked) == 9800 and len(set(asked)) < 5
    page.unroute("**/gallery/photos?*")


def test_a_phone_has_filters_and_panel_as_sheets(new_visitor):
    page = new_visitor(PHONE).editor()
    bring(page, *(EXAMPLES / name for name in NAMES))
    open_gallery(page)
    looked_at(page)
    expect(page.locator(".gallery-filters")).to_be_hidden()
    page.get_by_role("button", name="Find", exact=True).tap()
    expect(page.locator(".gallery-filters")).to_be_visible()
    facet(page, "animals").tap()
    page.get_by_role("button", name="Show photos").tap()
    expect(page.locator(".gallery-filters")).to_be_hidden()
    shows(page, "chelsea.jpg")
    tile(page, "chelsea.jpg").locator(".photo-tick").tap()
    panel = page.locator(".gallery-about .about-photo:visible")
    expect(tag(panel, "cat")).to_be_visible()
    targets = page.locator(".gallery-head button, .gallery-about button:not(.tag-word, .link), .gallery-about input")
    for target in targets.all():
        box = target.bounding_box() if target.is_visible() else None
        small = box and box["height"] < TOUCH - 1 and not target.evaluate("(button) => button.closest('.stars')")
        assert not small, (target.evaluate("(button) => button.outerHTML"), box)
    assert page.evaluate("() => document.documentElement.scrollWidth") == 390
    tag(panel, "cat").get_by_role("button", name="cat is right").tap()
    expect(tag(panel, "cat")).to_have_attribute("data-state", "accepted")
    page.get_by_role("button", name="Choose none").tap()
    page.get_by_role("button", name="About all photos").tap()
    page.locator("summary", has_text="What looks at them").tap()
    expect(page.get_by_role("combobox", name="What finds things")).to_be_visible()
    page.locator(".gallery-about").get_by_role("button", name="Close").tap()
    expect(page.locator(".gallery-panel")).to_be_hidden()
    tile(page, "chelsea.jpg").locator("img").tap()
    expect(page.locator(".lightbox .lightbox-frame > img")).to_be_visible()
    acts = page.get_by_role("group", name="What to do with it")
    for name in ("Edit", "Replace", "Restore", "Download", "Delete"):
        box = acts.get_by_role("button", name=name).bounding_box()
        assert box["height"] >= TOUCH - 1 and box["y"] + box["height"] > page.viewport_size["height"] - 80, (name, box)
    acts.get_by_role("button", name="Download").tap()
    with page.expect_download() as download:
        page.locator(".menu.take-away").get_by_role("button", name="Photos, as a zip").tap()
    with zipfile.ZipFile(download.value.path()) as taken:
        assert taken.namelist() == ["chelsea.jpg"]
    acts.get_by_role("button", name="Delete").tap()
    expect(page.locator(".lightbox")).to_be_hidden()
    page.locator(".toast").get_by_role("button", name="Undo").tap()
    shows(page, "chelsea.jpg")
    tile(page, "chelsea.jpg").locator("img").tap()
    acts.get_by_role("button", name="Restore").tap()
    expect(page.get_by_role("tab", name="Restore")).to_have_attribute("aria-selected", "true")


def test_what_was_deleted_comes_back_later_and_a_new_name_is_shown(page):
    tile(page, "coffee.jpg").click()
    page.locator(".about-actions").get_by_role("button", name="Delete").click()
    shows(page, "astronaut.jpg", "chelsea.jpg", "rocket.jpg")
    page.locator(".photo-wall").focus()
    page.keyboard.press("Escape")
    page.locator(".about-all .trash summary").click()
    page.locator(".about-all").get_by_title("Bring coffee.jpg back").click()
    shows(page, *NAMES)
    panel = about(page, "coffee.jpg")
    panel.locator(".photo-name").click()
    page.keyboard.type("espresso.jpg")
    page.keyboard.press("Enter")
    expect(tile(page, "espresso.jpg")).to_be_visible()


def test_what_is_typed_stays_while_photos_change(page):
    panel = about(page, "chelsea.jpg")
    press(tag(panel, "cat"), "Rename cat")
    field = panel.get_by_label("Another word for cat")
    field.fill("tomc")
    rated = tile(page, "rocket.jpg").get_attribute("data-photo")
    page.request.post(route(page, "gallery/rate"), data={"photos": [rated], "rating": 5})
    expect(tile(page, "rocket.jpg").locator(".photo-rating")).to_have_text("★★★★★")
    expect(field).to_be_focused()
    page.keyboard.type("at")
    page.keyboard.press("Enter")
    expect(tag(panel, "tomcat")).to_be_visible()


def test_photos_whose_way_was_cut_are_sent_again(page, visitor):
    visitor.expected = ("ERR_FAILED", "Failed to load resource")
    page.route("**/photos?name=*", lambda route: route.abort())
    file = io.BytesIO()
    Image.linear_gradient("L").save(file, "PNG")
    pages.drop(page, ".gallery", {"name": "grey.png", "buffer": file.getvalue()})
    line = page.locator(".going.uploading")
    expect(line).to_contain_text("1 could not be added")
    page.unroute("**/photos?name=*")
    line.get_by_role("button", name="Try again").click()
    expect(line).to_contain_text("1 photo added")
    shows(page, *NAMES, "grey.png")
