"""Acting on a selection, in the Replace tab: what is asked, what comes of it, and what can be done with that."""

import io
import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from envo import settings
from tests.browser import pages
from tests.browser import test_select as selecting
from tests.browser.visitors import PHONE, Visitor
from tests.conftest import EXAMPLES, start_server

SIZE = selecting.PLAIN_SIZE
LONG = 120_000
"""Milliseconds that an action may take on a busy machine."""


def disc(radius: int = 100) -> np.ndarray:
    """A mask that covers the disc of the plain photo, uint8 HxW."""
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]]
    return np.where((rows - 200) ** 2 + (columns - 170) ** 2 < radius**2, 255, 0).astype(np.uint8)


def select_disc(visitor: Visitor, *files: Path | dict) -> Page:
    """Open the last of some new photos, the plain one, with its disc selected."""
    page = selecting.select_in(visitor, *files)
    selecting.upload_mask(page, disc())
    return page


def choose(page: Page, action: str) -> None:
    selecting.step(page, action)


def run(page: Page) -> None:
    """Act, and wait until the result is shown."""
    page.locator(".run").click()
    expect(page.locator(".result-panel")).to_be_visible(timeout=LONG)
    expect(page.locator(".compare .stage-wait")).to_be_hidden()


def recolour(page: Page) -> None:
    """Have what is selected in one colour, and wait until it is shown: the action that computes least."""
    choose(page, "Background")
    page.get_by_role("radio", name="Selection", exact=True).click()
    page.get_by_role("radio", name="Colour", exact=True).click()
    run(page)


def results(page: Page) -> Locator:
    return page.locator("[data-result]")


def downloaded(page: Page) -> Image.Image:
    """The result that is looked at, as the visitor gets it."""
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    return Image.open(download.value.path())


def set_slider(page: Page, control: str, value: str) -> None:
    box = page.locator(f".form:visible [data-adjustment={control}] .value")
    box.fill(value)
    box.press("Enter")


def original(plain: dict) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(plain["buffer"])).convert("RGB"))


def colours(page: Page, *places: tuple[float, float]) -> list[np.ndarray]:
    """What is seen at places of the fitted plain photo, int."""
    box = page.locator(".masking .picture").bounding_box()
    seen = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB")).astype(int)
    spots = [selecting.spot(page, SIZE, place) for place in places]
    assert all(box["x"] < x < box["x"] + box["width"] for x, _ in spots)
    return [seen[round(y) - 2 : round(y) + 3, round(x) - 2 : round(x) + 3].mean((0, 1)) for x, y in spots]


def is_red(colour: np.ndarray) -> bool:
    return colour[0] > 150 and colour[1] < 100


def test_erasing_takes_away_what_is_selected_and_changes_nothing_else(visitor, plain):
    page = selecting.select_in(visitor, plain)
    choose(page, "Erase")
    expect(page.locator(".run")).to_be_disabled()
    expect(page.locator(".run-note")).to_contain_text("Select what should go")
    selecting.upload_mask(page, disc())
    choose(page, "Erase")
    with pages.posted(page, "/actions") as asked:
        run(page)
    assert [each["action"] for each in asked] == ["erase"] and asked[0]["start"] is None
    expect(page.locator(".result-panel h2")).to_have_text("Erased")
    expect(page.locator(".result-by")).to_have_text("600 × 400")
    page.get_by_role("button", name="How it was made").click()
    expect(page.locator(".made:popover-open")).to_have_text(re.compile(r"Engine\w.*Time\d.* s"))
    page.keyboard.press("Escape")
    expect(page.locator(".result-panel")).to_be_visible()
    expect(results(page)).to_have_count(1)
    image = downloaded(page)
    assert "erase" in json.dumps({name: str(value) for name, value in image.text.items()})
    made, before = np.asarray(image.convert("RGB")).astype(int), original(plain).astype(int)
    outside = disc(110 + asked[0]["grow"]) == 0
    assert np.array_equal(made[outside], before[outside])
    inside = disc(60) > 0
    assert np.abs(made[inside].mean(0) - 150).max() < 25  # the grey around it
    # It opens on what came of it.
    assert not is_red(colours(page, selecting.DISC)[0])


def test_what_was_erased_has_other_fills_to_step_through_of_which_the_chosen_one_is_kept(visitor):
    page = selecting.select_in(visitor, EXAMPLES / "coffee.jpg")
    selecting.upload_mask(page, disc(50))  # the smaller, the sooner it is filled
    choose(page, "Erase")
    run(page)
    fills, stepped = page.get_by_role("group", name="Fills"), page.locator(".fills [role=status]")
    expect(stepped).to_have_text("Try other fills")
    first = results(page).get_attribute("data-result")
    shown = seen(page)
    fills.get_by_role("button", name="Another fill").click()
    expect(stepped).to_have_text(re.compile(r"Fill 2 of [23]"), timeout=LONG)
    expect(results(page)).to_have_count(1)  # they are one result of the photo
    expect(results(page)).not_to_have_attribute("data-result", first)
    page.wait_for_function("(before) => document.querySelector('.result-picture img').src !== before", arg=shown)
    name = page.locator(".report-name")
    expect(name).to_have_text(re.compile("In your library as “coffee erased 2"))
    made = downloaded(page)
    assert "envo-continued" in json.dumps({key: str(value) for key, value in made.text.items()})
    page.get_by_role("button", name="How it was made").click()
    expect(page.locator(".made:popover-open")).to_contain_text("Envo fill, continued")
    page.keyboard.press("Escape")
    # By keys there and back, by undo, and after a reload; what is chosen is in the library, and nothing else of it.
    page.keyboard.press("PageUp")
    expect(stepped).to_have_text(re.compile("Fill 1 of"))
    expect(name).to_have_text(re.compile("In your library as “coffee erased.png"))
    page.keyboard.press("Control+z")
    expect(stepped).to_have_text(re.compile("Fill 2 of"))
    expect(name).to_have_text(re.compile("In your library as “coffee erased 2"))
    page.reload()
    results(page).locator("button").click()
    expect(stepped).to_have_text(re.compile("Fill 2 of"))
    # They go together, and come back.
    chosen = results(page).get_attribute("data-result")
    page.get_by_role("button", name="Delete this result").click()
    expect(results(page)).to_have_count(0)
    page.locator(".toast").get_by_role("button", name="Undo").click()
    page.locator(f"[data-result='{chosen}'] button").click()
    expect(stepped).to_have_text(re.compile("Fill 2 of"))


def seen(page: Page) -> str:
    return page.locator(".result-picture img").get_attribute("src")


def test_the_steps_stand_on_a_rail_and_nothing_of_them_is_below_an_edge(visitor):
    page = selecting.select_in(visitor, EXAMPLES / "coffee.jpg")
    rail = page.locator(".masking .rail")
    expect(rail.get_by_role("tab")).to_have_text(["Select", "Replace", "Erase", "Background"])
    expect(rail.get_by_role("tab", selected=True)).to_have_text("Select")
    room = """(tab) => {
      const word = document.createRange();
      word.selectNodeContents(tab.lastChild);
      return tab.getBoundingClientRect().width - word.getBoundingClientRect().width;
    }"""
    assert all(tab.evaluate(room) > 6 for tab in rail.get_by_role("tab").all()), "words have room around them"
    expect(page.get_by_role("button", name="Cut out as PNG")).to_be_disabled()
    selecting.click(page, selecting.COFFEE_SIZE, selecting.CUP)
    expect(page.locator("[data-group=Found] .panel-note")).not_to_contain_text("…", timeout=LONG)  # all is found
    for height in (800, 720):
        page.set_viewport_size({"width": 1280, "height": height})
        selecting.step(page, "Select")
        for name in ("Cut out as PNG", "Keep mask", "Use as a layer in Edit", "Invert", "Fit to edges", "Outline"):
            expect(page.locator(".masking").get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
        for name in ("Replace", "Erase", "Background"):
            selecting.step(page, name)
            expect(page.locator(".act-head h3")).to_have_text(name)
            expect(page.locator(".run")).to_be_in_viewport(ratio=1)
            expect(page.locator(".masking .tool[data-tool=brush]")).to_be_in_viewport(ratio=1)
            assert not below(page), name
        selecting.step(page, "Select")
        assert not below(page)
    # By keys from step to step; a selection in an action is one, too.
    rail.get_by_role("tab", name="Select").press("End")
    expect(rail.get_by_role("tab", name="Background")).to_be_focused()
    expect(page.locator(".run")).to_be_enabled()
    # Names, licences and times of engines stand behind an "i".
    selecting.step(page, "Erase")
    about = page.locator(".act-body .engine-choice [data-engine=envo-fill]")
    expect(about).to_be_hidden()
    page.get_by_role("button", name=re.compile("^Engine:")).click()
    expect(about).to_be_in_viewport(ratio=1)


def below(page: Page) -> list[str]:
    """What of the panel scrolls, as it has more than it shows."""
    return page.evaluate(
        """() => [...document.querySelectorAll('.masking .panel *')]
            .filter((each) => each.checkVisibility() && /auto|scroll/.test(getComputedStyle(each).overflowY))
            .filter(({ scrollHeight, clientHeight }) => scrollHeight > clientHeight + 1)
            .map(({ className, scrollHeight, clientHeight }) => `${className} ${scrollHeight} in ${clientHeight}`)"""
    )


def test_backgrounds_are_blurred_coloured_and_made_transparent(visitor, plain):
    page = select_disc(visitor, plain)
    choose(page, "Background")
    before = original(plain).astype(int)
    stays, changes = disc(90) > 0, disc(115) == 0
    expect(page.get_by_role("radio", name="Everything else")).to_have_attribute("aria-checked", "true")
    run(page)
    blurred = np.asarray(downloaded(page).convert("RGB")).astype(int)
    assert np.array_equal(blurred[stays], before[stays])
    assert blurred[20:100, 350:550].std() < before[20:100, 350:550].std() / 2
    page.keyboard.press("Escape")
    page.get_by_role("radio", name="Colour", exact=True).click()
    page.get_by_label("Colour, as #rrggbb").fill("#204060")
    run(page)
    coloured = np.asarray(downloaded(page).convert("RGB")).astype(int)
    assert np.array_equal(coloured[stays], before[stays])
    assert np.abs(coloured[changes] - (0x20, 0x40, 0x60)).max() <= 1
    page.get_by_role("button", name="Back", exact=True).click()
    page.get_by_role("radio", name="Transparent").click()
    run(page)
    image = downloaded(page)
    assert image.mode == "RGBA"
    alpha = np.asarray(image)[..., 3]
    assert alpha[stays].min() == 255 and alpha[changes].max() == 0
    expect(page.get_by_role("button", name="Go on from it")).to_be_enabled()
    expect(results(page)).to_have_count(3)
    expect(results(page).nth(1)).to_contain_text("Colour")


def test_another_photo_becomes_the_background(visitor, plain):
    page = select_disc(visitor, EXAMPLES / "coffee.jpg", plain)
    choose(page, "Background")
    page.get_by_role("radio", name="Another photo").click()
    expect(page.locator(".run")).to_be_disabled()
    expect(page.locator(".run-note")).to_contain_text("Choose the photo")
    page.get_by_role("radio", name="coffee.jpg").click()
    run(page)
    made = np.asarray(downloaded(page).convert("RGB")).astype(int)
    assert np.array_equal(made[disc(90) > 0], original(plain)[disc(90) > 0])
    assert np.abs(made - original(plain))[disc(115) == 0].mean() > 20


def test_what_an_engine_lacks_is_said_before_anything_runs(visitor, plain):
    page = select_disc(visitor, plain)
    choose(page, "Replace")
    page.get_by_label("Prompt", exact=True).fill("a bowl of lemons")
    need = page.locator(".need")
    expect(need).to_contain_text("is not on this machine")
    expect(need).to_contain_text(re.compile(r"\d(\.\d)? [MG]B"))
    expect(need).to_contain_text("an image here")
    page.get_by_role("button", name="How to get it").click()
    expect(page.locator(".menu.how")).to_contain_text("huggingface.co")
    page.keyboard.press("Escape")
    expect(page.locator(".run")).to_be_disabled()
    page.get_by_role("button", name=re.compile("^Engine:")).click()
    expect(page.locator(".engine-choice [data-engine]").nth(2)).to_be_attached()
    page.locator(".engine-choice [data-engine=sd15-inpaint]").click()
    expect(need).to_contain_text("1.5")
    choose(page, "Erase")
    expect(need).to_be_hidden()
    expect(page.locator(".run")).to_be_enabled()


@pytest.fixture
def painter(new_visitor, tmp_path):
    """A visitor of a machine on which a small Stable Diffusion lies."""
    from tests.models.test_inpaint_replace import save_15

    cache = tmp_path / "cache"
    save_15(cache / "hub/sd15-inpaint")
    (cache / "weights").symlink_to(settings.cache_dir() / "weights")
    server = start_server(tmp_path / "home", tmp_path / "app.log", ENVO_CACHE=str(cache))
    visitor = new_visitor(url=server.url)
    yield visitor
    visitor.close()
    server.stop()


def test_a_prompt_makes_images_whose_seeds_are_told_and_make_them_again(painter, plain):
    page = select_disc(painter, plain)
    choose(page, "Replace")
    expect(page.locator(".run-note")).to_have_text("Say what should be there.")
    page.get_by_label("Prompt", exact=True).fill("a bowl of lemons")
    page.get_by_label("Negative prompt").fill("text")
    page.locator(".counts").get_by_role("radio", name="2").click()
    page.locator(".advanced summary").click()
    page.get_by_label("Seed").fill("7")
    set_slider(page, "steps", "2")
    run(page)
    expect(results(page)).to_have_count(2)
    told = page.locator(".result-panel")
    for words in ("a bowl of lemons", "text", "Seed7", "Steps2", "Stable Diffusion 1.5"):
        expect(told).to_contain_text(words)
    first = downloaded(page)
    assert "a bowl of lemons" in first.text["parameters"] and "Seed: 7" in first.text["parameters"]
    made, before = np.asarray(first.convert("RGB")).astype(int), original(plain).astype(int)
    outside = disc(110) == 0
    assert np.array_equal(made[outside], before[outside]) and not np.array_equal(made, before)
    results(page).nth(1).get_by_role("button").click()
    expect(told).to_contain_text("Seed8")
    page.get_by_role("button", name="Use its settings").click()
    expect(page.get_by_label("Seed")).to_have_value("8")
    expect(page.locator(".counts").get_by_role("radio", name="1")).to_have_attribute("aria-checked", "true")
    run(page)
    expect(results(page)).to_have_count(3)
    again = downloaded(page)
    results(page).nth(1).get_by_role("button").click()
    assert np.array_equal(np.asarray(again), np.asarray(downloaded(page)))


def test_a_result_opens_on_after_and_before_shows_while_it_is_held_or_beside_a_line(visitor, plain):
    page = select_disc(visitor, plain)
    recolour(page)
    surface, line = page.locator(".compare canvas"), page.locator(".compare .split-handle")
    expect(surface).to_be_focused()
    expect(line).to_be_hidden()
    assert not is_red(colours(page, selecting.DISC)[0])
    page.keyboard.down("b")
    assert is_red(colours(page, selecting.DISC)[0])
    expect(page.locator(".compare .tag:visible")).to_have_text(["Before"])
    page.keyboard.up("b")
    assert not is_red(colours(page, selecting.DISC)[0])
    page.mouse.move(*selecting.spot(page, SIZE, selecting.DISC))
    page.mouse.down()
    assert is_red(colours(page, selecting.DISC)[0])
    page.mouse.move(*selecting.spot(page, SIZE, selecting.SQUARE), steps=3)  # whoever moves it does not compare
    assert not is_red(colours(page, selecting.DISC)[0])
    page.mouse.up()
    page.get_by_role("button", name="Before and after").click()
    expect(line).to_be_focused()
    expect(line).to_have_attribute("aria-valuenow", "50")
    assert is_red(colours(page, selecting.DISC)[0])
    page.keyboard.press("ArrowLeft")
    expect(line).to_have_attribute("aria-valuenow", "48")
    page.keyboard.press("Home")
    expect(line).to_have_attribute("aria-valuenow", "0")
    assert not is_red(colours(page, selecting.DISC)[0])
    box = line.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(selecting.spot(page, SIZE, selecting.SQUARE)[0], box["y"] + 40, steps=4)
    page.mouse.up()
    expect(line).to_have_attribute("aria-valuenow", "75")
    assert is_red(colours(page, selecting.DISC)[0])
    page.keyboard.press("s")
    expect(line).to_be_hidden()
    assert not is_red(colours(page, selecting.DISC)[0])
    page.keyboard.press("Escape")
    expect(page.locator(".compare")).to_be_hidden()
    expect(page.locator(".masking canvas[data-tool]")).to_be_focused()
    results(page).first.get_by_role("button").click()
    expect(page.locator(".compare")).to_be_visible()


def test_a_result_is_a_photo_of_the_library_at_once_as_a_restored_one_is(visitor, plain):
    page = select_disc(visitor, plain)
    choose(page, "Background")
    run(page)
    name, keep = page.locator(".masking .report-name"), page.get_by_role("button", name="Keep as a photo")
    expect(name).to_have_text("In your library as “plain new background.png”.")
    expect(keep).to_be_hidden()
    tiles = page.locator(".masking .strip .tile")
    expect(tiles).to_have_count(2)
    expect(page.locator(".masking .photo-name")).to_have_text("plain.png")
    # Deleting the result deletes the photo, and both come back.
    page.get_by_role("button", name="Delete this result").click()
    expect(tiles).to_have_count(1)
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(tiles).to_have_count(2)
    results(page).first.get_by_role("button").click()
    page.locator(".result-actions").get_by_role("button", name="Edit").click()
    expect(page.locator(".editor .photo-name")).to_have_text("plain new background.png")
    pages.drawn(page)
    expect(page.locator(".editor .strip .tile")).to_have_count(2)
    # The photo alone may be deleted: the result stays, and can be kept again.
    page.evaluate("(id) => fetch(`envo/photos/${id}`, { method: 'DELETE' })", pages.photo_id(page))
    page.locator(".editor .strip [aria-label='Open plain.png']").click()
    selecting.open_tab(page, "Replace")
    selecting.ready(page, "plain.png")
    page.evaluate("() => dispatchEvent(new Event('focus'))")  # as who comes from another window
    expect(name.filter(visible=True)).to_have_text("Not in your library any more.")
    keep.click()
    expect(name).to_have_text(re.compile("^In your library"))
    expect(keep).to_be_hidden()


def test_one_goes_on_from_a_result_and_back(visitor, plain):
    page = select_disc(visitor, plain)
    recolour(page)
    page.get_by_role("button", name="Go on from it").click()
    crumbs = page.locator(".crumbs")
    expect(crumbs).to_contain_text("Original")
    expect(crumbs).to_contain_text("1 New background")
    expect(page.locator(".compare")).to_be_hidden()
    selecting.step(page, "Select")
    expect(page.get_by_role("button", name="Keep mask")).to_be_disabled()  # nothing is selected in it yet
    choose(page, "Erase")
    assert not is_red(colours(page, selecting.DISC)[0])
    with pages.posted(page, "/select") as clicked:
        selecting.click(page, SIZE, selecting.SQUARE)
    first = results(page).first.get_attribute("data-result")
    assert clicked[0]["picture"] == first
    with pages.posted(page, "/actions") as asked:
        run(page)
    assert asked[0]["start"] == first
    expect(page.locator(".chain")).to_contain_text(re.compile("Original.*1 New background.*2 Erased"))
    made = np.asarray(downloaded(page).convert("RGB")).astype(int)
    assert not is_red(made[200, 170]) and np.abs(made[200, 450] - pages.GREEN).max() > 40
    page.keyboard.press("Escape")
    for _ in range(3):  # the result, the click, going on from the first
        page.keyboard.press("Control+z")
        selecting.settled(page)
    expect(crumbs).to_be_hidden()
    assert np.array_equal(selecting.mask(page), disc())
    assert colours(page, selecting.DISC)[0][0] > 80


def test_a_result_is_deleted_and_comes_back(visitor, plain):
    page = select_disc(visitor, plain)
    recolour(page)
    page.get_by_role("button", name="Delete this result").click()
    expect(results(page)).to_have_count(0)
    expect(page.locator(".compare")).to_be_hidden()
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(results(page)).to_have_count(1)
    results(page).first.get_by_role("button").click()
    expect(page.locator(".result-panel h2")).to_have_text("New background")


def test_settings_are_used_again(visitor, plain):
    page = select_disc(visitor, plain)
    choose(page, "Background")
    page.get_by_role("radio", name="Gradient").click()
    page.get_by_label("To, as #rrggbb").fill("#102030")
    set_slider(page, "angle", "90")
    run(page)
    page.keyboard.press("Escape")
    page.get_by_role("radio", name="Blur", exact=True).click()
    choose(page, "Erase")
    results(page).first.get_by_role("button").click()
    page.get_by_role("button", name="Use its settings").click()
    expect(page.locator(".masking .rail").get_by_role("tab", selected=True)).to_have_text("Background")
    expect(page.get_by_label("To, as #rrggbb")).to_have_value("#102030")
    expect(pages.value(page, "angle")).to_have_value("90")


def noise(width: int, height: int) -> dict:
    """A photo of noise, which keeps an action busy for long."""
    rng = np.random.default_rng(3)
    photo = Image.fromarray(rng.integers(90, 160, (750, 1000, 3), np.uint8)).resize((width, height))
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=80)
    return {"name": "vast.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


def select_half(visitor: Visitor, photo: dict) -> Page:
    page = selecting.select_in(visitor, photo)
    mask = np.zeros((1536, 2048), np.uint8)
    mask[300:1200, 400:1600] = 255
    selecting.upload_mask(page, mask)
    return page


def test_actions_wait_for_their_turn_and_are_cancelled(visitor):
    page = select_half(visitor, noise(4000, 3000))
    choose(page, "Background")
    jobs = page.locator(".result.job")
    page.locator(".run").click()
    expect(jobs).to_have_count(1)
    page.locator(".run").click()
    expect(jobs).to_have_count(2)
    jobs.nth(1).get_by_role("button", name="Cancel").click()
    expect(jobs).to_have_count(1)
    page.locator(".job-over").get_by_role("button", name="Cancel").click()
    expect(jobs).to_have_count(0, timeout=LONG)
    expect(page.locator(".job-over")).to_be_hidden()
    assert results(page).count() <= 1, "the first may have been done by then, the second was never begun"
    expect(page.locator(".run")).to_be_enabled()


def test_actions_go_on_while_the_page_is_loaded_anew(visitor):
    page = select_half(visitor, noise(2600, 1950))  # so that some are under way while the page loads
    choose(page, "Background")
    both = page.locator("[data-result], .result.job")
    for number in range(1, 4):
        page.locator(".run").click()
        expect(both).to_have_count(number, timeout=LONG)
    expect(page.locator(".result.job .job-step", has_text="Sending the selection")).to_have_count(0, timeout=LONG)
    page.reload()
    selecting.open_tab(page, "Replace")
    selecting.ready(page, "vast.jpg")
    expect(both).to_have_count(3, timeout=LONG)
    expect(results(page)).to_have_count(3, timeout=LONG)


def test_two_windows_see_the_same_results(visitor, plain):
    page = select_disc(visitor, plain)
    recolour(page)
    other = visitor.editor(f"#photo={pages.photo_id(page)}")
    selecting.open_tab(other, "Replace")
    selecting.ready(other, "plain.png")
    expect(results(other)).to_have_count(1)
    other.locator("[data-result]").get_by_role("button").click()
    other.get_by_role("button", name="Delete this result").click()
    expect(results(other)).to_have_count(0)
    page.evaluate("() => dispatchEvent(new Event('focus'))")
    expect(results(page)).to_have_count(0)
    expect(page.locator(".compare")).to_be_hidden()


def test_what_the_server_refuses_is_told_and_nothing_is_lost(visitor, plain):
    visitor.expected = ("400 (Bad Request)", "ERR_FAILED", "Failed to load resource")
    page = selecting.select_in(visitor, plain)
    selecting.upload_mask(page, np.full((400, 600), 255, np.uint8))
    choose(page, "Erase")
    page.locator(".run").click()
    expect(page.locator(".toast.error")).to_contain_text("leave out a part")
    expect(page.locator(".result.job")).to_have_count(0)
    page.route("**/actions", lambda route: route.abort())
    page.locator(".run").click()
    expect(page.locator(".toast.error").last).to_contain_text("connection")
    page.unroute("**/actions")
    assert selecting.mask(page).min() == 255


def test_the_worked_examples_run_by_a_click(visitor):
    page = visitor.editor()
    selecting.open_tab(page, "Replace")
    cards = page.locator(".welcome .worked-card")
    expect(cards).to_have_count(2)
    cards.first.click()
    expect(page.locator(".result-panel")).to_be_visible(timeout=LONG)
    expect(results(page)).to_have_count(1)


def test_on_a_phone_actions_and_results_can_be_reached_by_touch(new_visitor):
    visitor = new_visitor(PHONE)
    page = selecting.select_in(visitor, EXAMPLES / "coffee.jpg")
    page.touchscreen.tap(*selecting.spot(page, selecting.COFFEE_SIZE, selecting.CUP))
    selecting.settled(page)
    for action in ("Replace", "Erase", "Background"):
        page.locator(".masking .rail").get_by_role("tab", name=action, exact=True).tap()
        expect(page.locator(".run")).to_be_in_viewport()
        assert not small(page)
    for kind in ("Colour", "Gradient", "Transparent", "Another photo", "Blur"):
        page.get_by_role("radio", name=kind, exact=True).tap()
        assert not small(page)
    expect(page.get_by_role("slider", name="Blur", exact=True)).to_be_in_viewport(ratio=1)
    page.locator(".run").tap()
    expect(page.locator(".result-panel")).to_be_visible(timeout=LONG)
    expect(page.locator(".compare .stage-wait")).to_be_hidden()
    assert not small(page)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    # A finger that stays on the picture shows it as it was before.
    touch, (x, y) = page.context.new_cdp_session(page), selecting.spot(page, selecting.COFFEE_SIZE, selecting.CUP)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    expect(page.locator(".compare .tag:visible")).to_have_text(["Before"])
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.locator(".compare .tag:visible")).to_have_text(["Hold to see before"])
    page.get_by_role("button", name="Go on from it").tap()
    expect(page.locator(".crumbs")).to_be_visible()
    assert not small(page)


def small(page: Page, tab: str = ".masking") -> list[str]:
    """What is to be touched and is smaller than 40 pixels."""
    return page.evaluate(
        """(tab) => [...document.querySelectorAll(`${tab} :is(button, input, select, textarea, summary)`)]
            .filter((each) => each.checkVisibility({ visibilityProperty: true }) && !each.closest('[popover]'))
            .map((each) => [each.className || each.ariaLabel || each.textContent, each.getBoundingClientRect()])
            .filter(([, box]) => box.width && Math.min(box.width, box.height) < 39.5)
            .map(([name, box]) => `${name} ${box.width}x${box.height}`)""",
        tab,
    )
