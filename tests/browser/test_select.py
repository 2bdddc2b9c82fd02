"""Selecting by clicking, in the Replace tab: what pointer, fingers and keys do, and what comes out."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from tests.browser import pages
from tests.browser.visitors import PHONE, Visitor
from tests.conftest import EXAMPLES

CUP = (0.45, 0.42)
"""A place in the cup of the coffee photo, as fractions of its width and height."""
TABLE = (0.93, 0.1)
SUIT, FLAG = (0.36, 0.66), (0.06, 0.2)
"""Places on the astronaut's suit and on the flag behind her."""
COFFEE_SIZE, ASTRONAUT_SIZE = (600, 400), (512, 512)


def open_tab(page: Page, name: str) -> None:
    page.locator("#tabs > .tab-wrapper").get_by_role("tab", name=name, exact=True).click()


def step(page: Page, name: str) -> None:
    """Open a step of the Replace tab."""
    page.locator(".masking .rail").get_by_role("tab", name=name, exact=True).click()


def select_in(visitor: Visitor, *files: Path | dict) -> Page:
    """Open the last of some new photos for selecting."""
    page = visitor.opened("replace", *files)
    ready(page, pages.name_of(files[-1]))
    return page


def ready(page: Page, name: str) -> None:
    """Wait until a photo can be clicked on."""
    page.wait_for_selector(".masking.ready", state="attached")
    expect(page.locator(".masking .photo-name")).to_have_text(name)
    settled(page)


def settled(page: Page, seconds: float = 90) -> None:
    """Wait until the photo and the mask are drawn."""
    expect(page.locator(".masking .picture > .stage-wait")).to_be_hidden(timeout=90_000)
    expect(page.locator(".masking .picture")).to_have_attribute("aria-busy", "false", timeout=1000 * seconds)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def spot(page: Page, size: tuple[int, int], place: tuple[float, float]) -> tuple[float, float]:
    """Where in the window a place of the fitted photo of this size is."""
    box = page.locator(".masking .picture").bounding_box()
    margin = 0 if page.viewport_size["width"] <= 720 else 32
    scale = min((box["width"] - margin) / size[0], (box["height"] - margin) / size[1])
    x = box["x"] + box["width"] / 2 + (place[0] - 0.5) * size[0] * scale
    y = box["y"] + box["height"] / 2 + (place[1] - 0.5) * size[1] * scale
    return x, y


def click(page: Page, size: tuple[int, int], place: tuple[float, float], **options) -> None:
    page.mouse.click(*spot(page, size, place), **options)
    settled(page)


def drag(page: Page, size: tuple[int, int], *places: tuple[float, float]) -> None:
    page.mouse.move(*spot(page, size, places[0]))
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*spot(page, size, place), steps=6)
    page.mouse.up()
    settled(page)


def tool(page: Page, name: str) -> None:
    page.locator(f".masking [data-tool={name}]").last.click()


def mask(page: Page) -> np.ndarray:
    """The mask as the visitor keeps it, uint8 HxW."""
    step(page, "Select")
    with page.expect_download() as download:
        page.get_by_role("button", name="Keep mask").click()
    image = Image.open(download.value.path())
    assert image.mode == "L"
    return np.asarray(image)


def at(alpha: np.ndarray, place: tuple[float, float]) -> int:
    return int(alpha[int(place[1] * alpha.shape[0]), int(place[0] * alpha.shape[1])])


def canvas(page: Page) -> np.ndarray:
    """What is seen over the photo, uint8 HxWx3."""
    page.mouse.move(640, 20)
    shot = page.locator(".masking .picture").screenshot()
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"))


def upload_mask(page: Page, alpha: np.ndarray, name: str = "mine.png") -> None:
    file = io.BytesIO()
    Image.fromarray(alpha).save(file, "PNG")
    step(page, "Select")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload a mask").click()
    chooser.value.set_files({"name": name, "mimeType": "image/png", "buffer": file.getvalue()})
    expect(page.locator(".thing b", has_text=name)).to_be_visible(timeout=60_000)
    settled(page)


PLAIN_SIZE = (600, 400)
DISC, SQUARE = (170 / 600, 0.5), (450 / 600, 0.5)


def test_a_click_selects_and_the_page_says_who_answered(visitor):
    page = select_in(visitor, EXAMPLES / "coffee.jpg")
    with pages.posted(page, "/select") as asked:
        click(page, COFFEE_SIZE, CUP)
    assert len(asked) == 1
    assert len(json.dumps(asked[0])) < 300  # points, and no pixels
    alpha = mask(page)
    assert at(alpha, CUP) > 127 and at(alpha, TABLE) < 128
    assert 0.005 < (alpha > 127).mean() < 0.8
    expect(page.locator(".engine-said")).to_contain_text("quick answered in")


def test_clicks_add_and_take_away_by_tool_by_button_and_by_key(visitor):
    page = select_in(visitor, EXAMPLES / "coffee.jpg")
    with pages.posted(page, "/select") as asked:
        click(page, COFFEE_SIZE, CUP)
        click(page, COFFEE_SIZE, TABLE)
        click(page, COFFEE_SIZE, (0.9, 0.2), button="right")
        page.keyboard.down("Alt")
        click(page, COFFEE_SIZE, (0.95, 0.05))
        page.keyboard.up("Alt")
        page.keyboard.press("s")
        click(page, COFFEE_SIZE, (0.85, 0.05))
        click(page, COFFEE_SIZE, CUP, button="right")
    assert [point[2] for point in asked[-1]["points"]] == [True, True, False, False, False, True]
    alpha = mask(page)
    assert at(alpha, CUP) > 127
    assert at(alpha, (0.85, 0.05)) < 128


def test_a_box_selects_what_is_in_it_and_another_one_another_thing(visitor, plain):
    page = select_in(visitor, plain)
    with pages.posted(page, "/select") as asked:
        drag(page, PLAIN_SIZE, (0.1, 0.2), (0.46, 0.8))
    assert asked[0]["points"] == [] and asked[0]["box"] == pytest.approx([60, 80, 276, 320], abs=1)
    alpha = mask(page)
    assert at(alpha, DISC) > 127 and at(alpha, SQUARE) < 128
    drag(page, PLAIN_SIZE, (0.9, 0.75), (0.6, 0.25))  # from any corner
    expect(page.locator(".thing")).to_have_count(2)
    alpha = mask(page)
    assert at(alpha, DISC) > 127 and at(alpha, SQUARE) > 127 and at(alpha, (0.02, 0.02)) < 128


def test_brush_and_eraser_paint_over_what_the_engine_says(visitor, plain):
    page = select_in(visitor, plain)
    click(page, PLAIN_SIZE, DISC)
    tool(page, "brush")
    for _ in range(4):
        page.keyboard.press("]")
    drag(page, PLAIN_SIZE, (0.7, 0.2), (0.8, 0.2))
    tool(page, "eraser")
    drag(page, PLAIN_SIZE, (0.25, 0.5), (0.32, 0.5))
    alpha = mask(page)
    assert at(alpha, (0.75, 0.2)) == 255
    assert at(alpha, DISC) == 0
    # Another click is answered anew; what was painted stays.
    tool(page, "add")
    click(page, PLAIN_SIZE, SQUARE)
    alpha = mask(page)
    assert at(alpha, (0.75, 0.2)) == 255 and at(alpha, DISC) == 0


def test_undo_goes_back_to_the_start_and_redo_forward_again(visitor, plain):
    page = select_in(visitor, plain)
    start = canvas(page)
    click(page, PLAIN_SIZE, DISC)
    click(page, PLAIN_SIZE, SQUARE)
    tool(page, "brush")
    drag(page, PLAIN_SIZE, (0.5, 0.1), (0.6, 0.1))
    page.locator("[data-step=grow]").click()
    settled(page)
    page.keyboard.press("i")
    settled(page)
    alpha = mask(page)
    undo, redo = (page.locator(".masking").get_by_role("button", name=name) for name in ("Undo", "Redo"))
    with pages.posted(page, "/select") as asked:
        for _ in range(5):
            expect(undo).to_be_enabled()
            page.keyboard.press("Control+z")
            settled(page)
        assert np.array_equal(canvas(page), start)
        expect(undo).to_be_disabled()
        expect(page.get_by_role("button", name="Keep mask")).to_be_disabled()
        for _ in range(5):
            page.keyboard.press("Control+Shift+z")
            settled(page)
    assert not asked  # all answers are known
    expect(redo).to_be_disabled()
    assert np.array_equal(mask(page), alpha)
    page.locator(".masking").get_by_role("button", name="Clear the selection").click()
    settled(page)
    assert np.array_equal(canvas(page), start)
    page.keyboard.press("Control+z")
    settled(page)
    assert np.array_equal(mask(page), alpha)


def test_a_mask_comes_back_as_it_was_uploaded(visitor, plain):
    page = select_in(visitor, plain)
    # Every value, along every edge. Noise all over would do the same, but has outlines to draw for half a minute.
    alpha = np.add.outer(np.arange(400), np.arange(600)).astype(np.uint8)
    alpha[180:220, 280:320] = np.random.default_rng(2).integers(0, 256, (40, 40))
    upload_mask(page, alpha)
    assert np.array_equal(mask(page), alpha)
    page.keyboard.press("i")
    settled(page)
    assert np.array_equal(mask(page), 255 - alpha)


def test_grow_shrink_feather_fill_and_keep_largest(visitor, plain):
    page = select_in(visitor, plain)
    alpha = np.zeros((400, 600), np.uint8)
    alpha[100:300, 100:300] = 255
    alpha[180:220, 180:220] = 0  # a hole
    alpha[50:70, 500:520] = 255  # a smaller piece
    upload_mask(page, alpha)

    def after(step: str) -> np.ndarray:
        page.locator(f"[data-step={step}]").click()
        settled(page)
        changed = mask(page)
        page.keyboard.press("Control+z")
        settled(page)
        return changed

    page.locator(".mask-groups [data-adjustment=amount] .value").fill("6")
    page.locator(".mask-groups [data-adjustment=amount] .value").press("Enter")
    grown, shrunk, feathered = after("grow"), after("shrink"), after("feather")
    assert grown[95, 200] > 127 and grown[90, 200] < 128
    assert shrunk[103, 200] < 128 and shrunk[110, 200] > 127
    assert 20 < feathered[98, 200] < 235 and 20 < feathered[102, 200] < 235
    filled, largest = after("fill"), after("largest")
    assert filled[200, 200] == 255 and filled[60, 510] == 255
    assert largest[60, 510] == 0 and largest[200, 200] == 0 and largest[120, 120] == 255
    assert np.array_equal(mask(page), alpha)


def test_a_zoomed_click_is_sent_in_pixels_of_the_photo(visitor):
    photo = Image.open(EXAMPLES / "coffee.jpg").convert("RGB").resize((3000, 2000))
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=90)
    page = select_in(visitor, {"name": "large.jpg", "mimeType": "", "buffer": file.getvalue()})
    x, y = spot(page, (3000, 2000), (0.3, 0.6))
    with pages.posted(page, "/select") as asked:
        page.mouse.click(x, y)
        settled(page)
        page.mouse.move(x, y)
        for _ in range(4):
            page.mouse.wheel(0, -300)  # zooms about the pointer
        expect(page.locator(".masking .zoom").nth(1)).not_to_have_text("26%")
        page.mouse.click(x, y)
        settled(page)
        # Moved by the space bar, the photo comes along with the pointer.
        page.keyboard.down("Space")
        page.mouse.down()
        page.mouse.move(x + 90, y - 50, steps=3)
        page.mouse.up()
        page.keyboard.up("Space")
        page.mouse.click(x + 90, y - 50)
        settled(page)
        # And by the middle button.
        page.mouse.down(button="middle")
        page.mouse.move(x, y, steps=3)
        page.mouse.up(button="middle")
        page.mouse.click(x, y)
        settled(page)
    points = np.array(asked[-1]["points"], float)[:, :2]
    assert len(points) == 4
    assert np.abs(points - [900, 1200]).max() < 4
    assert np.abs(points[1:] - points[1]).max() < 1


def test_the_candidates_of_a_click_can_be_stepped_through(visitor):
    page = select_in(visitor, EXAMPLES / "coffee.jpg")
    with page.expect_response("**/select") as answered:
        click(page, COFFEE_SIZE, CUP)
    shares = [each["share"] for each in answered.value.json()["candidates"]]
    choices = page.locator(".masking .candidates button")
    expect(choices).to_have_count(3)
    expect(choices.first).to_contain_text("%")
    names = [choices.nth(number).get_attribute("aria-label").split(",")[0] for number in range(3)]
    assert names == ["Part", "Thing", "More"]
    likeliest = next(i for i in range(3) if choices.nth(i).get_attribute("aria-pressed") == "true")
    found = {likeliest: mask(page)}
    for step in (1, 2):
        number = (likeliest + step) % 3
        page.keyboard.press("c")
        settled(page)
        expect(choices.nth(number)).to_have_attribute("aria-pressed", "true")
        found[number] = mask(page)
    sizes = [found[number].mean() for number in range(3)]
    assert sizes[0] < sizes[1] < sizes[2], "the smallest stands first"
    choices.nth(likeliest).click()
    settled(page)
    assert np.array_equal(mask(page), found[likeliest])
    page.mouse.move(640, 20)
    now = "document.querySelector('.masking .picture canvas[tabindex]').toDataURL()"
    chosen = page.evaluate(now)
    choices.nth((likeliest + 1) % 3).hover()
    page.wait_for_function(f"chosen => {now} !== chosen", arg=chosen)
    page.mouse.move(640, 20)
    page.wait_for_function(f"chosen => {now} === chosen", arg=chosen)
    assert np.array_equal(mask(page), found[likeliest]), "what is pointed at is only shown"
    # The arrow keys go from one to the next, and show it, too.
    choices.nth(0).focus()
    for number in (1, 2):
        page.keyboard.press("ArrowRight")
        expect(choices.nth(number)).to_be_focused()
    page.wait_for_function(f"chosen => {now} !== chosen", arg=chosen)
    expect(choices.nth(likeliest)).to_have_attribute("aria-pressed", "true")
    choices.nth(2).evaluate("(button) => button.blur()")
    page.wait_for_function(f"chosen => {now} === chosen", arg=chosen)
    choices.nth(2).click()
    settled(page)
    with pages.posted(page, "/select") as asked:
        click(page, COFFEE_SIZE, TABLE, button="right")
    assert asked[0]["choice"] == shares.index(max(shares)), "goes on from the largest"
    expect(page.locator(".masking .candidates")).to_be_hidden()


def test_resting_on_a_thing_shows_what_a_click_takes_before_it(visitor):
    page = select_in(visitor, EXAMPLES / "coffee.jpg")
    surface = page.locator(".masking canvas[data-tool]")
    empty = canvas(page)
    with pages.posted(page, "/select") as asked, pages.posted(page, "/select/glance") as foreseen:
        page.mouse.move(*spot(page, COFFEE_SIZE, CUP))
        expect(surface).to_have_attribute("data-foreseen", "true")
        over, away = (tuple(int(at) for at in spot(page, COFFEE_SIZE, place)) for place in (CUP, TABLE))
        shot = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB")).astype(int)
        before = empty.astype(int)
        left, top = (int(at) for at in _corner(page))
        assert np.abs(shot[over[::-1]] - before[over[1] - top, over[0] - left]).sum() > 20, "tinted"
        assert np.abs(shot[away[::-1]] - before[away[1] - top, away[0] - left]).sum() < 9
        expect(page.locator(".masking").get_by_role("button", name="Undo")).to_be_disabled()
        expect(page.locator(".masking .picture")).to_have_attribute("aria-busy", "false")
        # It goes where the mouse goes.
        page.mouse.move(*spot(page, COFFEE_SIZE, TABLE))
        expect(surface).to_have_attribute("data-foreseen", "false")
        expect(surface).to_have_attribute("data-foreseen", "true")
        page.mouse.move(*spot(page, COFFEE_SIZE, CUP))
        expect(surface).to_have_attribute("data-foreseen", "false")
        expect(surface).to_have_attribute("data-foreseen", "true")
        # A click takes it as it is shown, a little beside, too, and asks for nothing more.
        x, y = spot(page, COFFEE_SIZE, CUP)
        page.mouse.click(x + 3, y + 2)
        settled(page)
        expect(surface).to_have_attribute("data-foreseen", "false")
    assert len(foreseen) == 3 and not asked
    expect(page.locator(".masking .candidates button")).to_have_count(3)
    expect(page.locator(".thing small")).to_have_text("1 click")
    taken = mask(page)
    assert at(taken, CUP) > 127 and at(taken, TABLE) < 128
    # The next one goes on from it, and undo leads back to nothing.
    click(page, COFFEE_SIZE, TABLE, button="right")
    page.keyboard.press("Control+z")
    settled(page)
    assert np.array_equal(mask(page), taken)
    page.keyboard.press("Control+z")
    settled(page)
    assert np.array_equal(canvas(page), empty)
    # Who paints sees nothing of the kind.
    tool(page, "brush")
    with pages.posted(page, "/select/glance") as foreseen:
        page.mouse.move(*spot(page, COFFEE_SIZE, CUP))
        drag(page, COFFEE_SIZE, CUP, TABLE)
    assert not foreseen


def test_what_was_found_in_a_portrait_is_a_ready_choice(visitor):
    page = visitor.editor()
    pages.open_astronaut(page)
    open_tab(page, "Replace")
    ready(page, "astronaut.jpg")
    hair, person = page.locator(".masking [data-kind=hair]"), page.locator(".masking [data-kind=person]")
    hair.click()
    settled(page)
    expect(hair).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".thing.on b")).to_have_text("Hair")
    url = f"{page.url.split('#')[0]}envo/photos/{pages.photo_id(page)}/mattes/"
    files = {kind: page.request.get(url + kind).body() for kind in ("hair", "person")}
    known = {kind: np.asarray(Image.open(io.BytesIO(file))) for kind, file in files.items()}
    assert np.array_equal(mask(page), known["hair"])
    person.click()
    settled(page)
    assert np.array_equal(mask(page), np.maximum(known["hair"], known["person"]))
    hair.click()
    settled(page)
    assert np.array_equal(mask(page), known["person"])
    # A click goes on from it.
    with pages.posted(page, "/select") as asked:
        click(page, ASTRONAUT_SIZE, SUIT, button="right")
    assert asked[0]["start"] and asked[0]["points"][0][2] is False
    assert at(mask(page), SUIT) < 128


def test_several_objects_are_collected_and_each_can_be_changed_and_deleted(visitor, plain):
    page = select_in(visitor, plain)
    more = page.get_by_role("button", name="+ new")
    expect(more).to_be_disabled()
    tool(page, "brush")
    drag(page, PLAIN_SIZE, DISC, (DISC[0] + 0.05, DISC[1]))
    more.click()
    drag(page, PLAIN_SIZE, SQUARE, (SQUARE[0] + 0.05, SQUARE[1]))
    things = page.locator(".thing")
    expect(things).to_have_count(2)
    expect(things.nth(1)).to_have_attribute("aria-selected", "true")
    alpha = mask(page)
    assert at(alpha, DISC) > 127 and at(alpha, SQUARE) > 127
    things.nth(0).locator("b").click()
    tool(page, "eraser")
    drag(page, PLAIN_SIZE, DISC, (DISC[0] + 0.02, DISC[1]))
    drag(page, PLAIN_SIZE, SQUARE, (SQUARE[0] + 0.02, SQUARE[1]))  # it is not the square that is chosen
    alpha = mask(page)
    assert at(alpha, DISC) == 0 and at(alpha, SQUARE) > 127
    things.nth(1).get_by_role("button", name="Delete this object").click()
    settled(page)
    expect(things).to_have_count(1)
    assert at(mask(page), SQUARE) == 0


def test_a_mask_becomes_a_layer_of_edit_that_changes_only_what_is_in_it(visitor, plain):
    page = select_in(visitor, plain)
    upload_mask(page, np.repeat(np.uint8([[255, 0]]), 300, 1).repeat(400, 0))
    page.get_by_label("Name of the layer").fill("Ball")
    page.get_by_role("button", name="Use as a layer in Edit").click()
    layer = page.locator("[data-layer^=own-]")
    expect(layer).to_contain_text("Ball")
    expect(layer).to_have_attribute("aria-checked", "true")
    pages.drawn(page)
    page.mouse.move(640, 20)
    pages.drawn(page)
    before = pages.picture(page).astype(int)
    pages.set_slider(page, "exposure", "-3")
    after = pages.picture(page).astype(int)
    height, width = before.shape[:2]
    scale = min((width - 32) / 600, (height - 32) / 400)
    disc, square = ((round(height / 2), round(width / 2 + (x * 600 - 300) * scale)) for x, _ in (DISC, SQUARE))
    assert after[disc].sum() < before[disc].sum() / 2
    assert np.array_equal(after[square], before[square])
    open_tab(page, "Replace")
    expect(page.locator(".ready .chip", has_text="Ball")).to_be_visible()


def test_cut_out_gives_the_photo_at_full_size_with_transparency(visitor):
    page = select_in(visitor, EXAMPLES / "coffee.jpg")
    click(page, COFFEE_SIZE, CUP)
    alpha = mask(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Cut out as PNG").click()
    assert download.value.suggested_filename == "coffee-cutout.png"
    cutout = np.asarray(Image.open(download.value.path()))
    photo = np.asarray(Image.open(EXAMPLES / "coffee.jpg").convert("RGB"))
    assert cutout.shape == (*photo.shape[:2], 4)
    assert np.abs(cutout[..., 3].astype(int) - alpha).max() <= 1
    inside = alpha == 255
    assert np.abs(cutout[..., :3].astype(int) - photo)[inside].mean() < 2


def test_a_click_outside_the_photo_does_nothing(visitor, plain):
    page = select_in(visitor, plain)
    box = page.locator(".masking .picture").bounding_box()
    with pages.posted(page, "/select") as asked:
        page.mouse.click(box["x"] + 5, box["y"] + 5)
        tool(page, "brush")
        for _ in range(10):
            page.keyboard.press("[")  # a brush that is narrower than the margin about the photo
        page.mouse.move(box["x"] + 100, box["y"] + 4)
        page.mouse.down()
        page.mouse.move(box["x"] + 200, box["y"] + 4, steps=3)
        page.mouse.up()
        settled(page)
    assert not asked
    expect(page.locator(".masking").get_by_role("button", name="Undo")).to_be_disabled()


@pytest.mark.timeout(500)
def test_many_fast_clicks_make_few_questions_and_the_last_one_has_them_all(visitor, plain):
    page = select_in(visitor, plain)
    x, y = spot(page, PLAIN_SIZE, DISC)
    with pages.posted(page, "/select") as asked:
        page.evaluate(
            """([x, y]) => {
                const surface = document.querySelector('.masking canvas[data-tool]');
                surface.setPointerCapture = () => {}; // there is no pointer to capture
                for (let i = 0; i < 40; i += 1) {
                    const place = { clientX: x + 4 * (i % 10), clientY: y + 4 * Math.floor(i / 10) };
                    for (const kind of ['pointerdown', 'pointerup']) {
                        surface.dispatchEvent(new PointerEvent(kind, { ...place, pointerType: 'mouse' }));
                    }
                }
            }""",
            [x, y],
        )
        settled(page, 400)  # each click goes on from the answer to the ones before
    assert len(asked) <= 3
    assert len(asked[-1]["points"]) == 40
    expect(page.locator(".thing small")).to_have_text("40 clicks")
    assert at(mask(page), DISC) > 127


def test_an_answer_that_comes_after_undo_is_not_shown(visitor, plain):
    page = select_in(visitor, plain)
    start = canvas(page)
    held = []
    page.route("**/select", lambda route: held.append(route))
    with page.expect_request("**/select"):
        page.mouse.click(*spot(page, PLAIN_SIZE, DISC))
    expect(page.locator(".masking .pulse")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(page.locator(".masking .pulse")).to_be_hidden()
    with page.expect_response("**/select"):
        held.pop().continue_()
    settled(page)
    assert np.array_equal(canvas(page), start)
    expect(page.locator(".thing small")).to_have_text("click on the photo")


def test_a_photo_of_one_pixel_can_be_selected(visitor):
    file = io.BytesIO()
    Image.new("RGB", (1, 1), pages.RED).save(file, "PNG")
    page = select_in(visitor, {"name": "dot.png", "mimeType": "", "buffer": file.getvalue()})
    click(page, (1, 1), (0.5, 0.5))
    expect(page.locator(".thing small")).to_have_text("1 click")
    page.keyboard.press("n")
    tool(page, "brush")
    click(page, (1, 1), (0.5, 0.5))
    assert mask(page).tolist() == [[255]]


def test_a_photo_of_sixty_megapixels_is_clicked_in_its_own_pixels(visitor):
    photo = Image.new("RGB", (9000, 6700), (150, 150, 150))
    ImageDraw.Draw(photo).circle((6000, 3000), 1500, pages.RED)
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=90)
    page = select_in(visitor, {"name": "vast.jpg", "mimeType": "", "buffer": file.getvalue()})
    place = (6000 / 9000, 3000 / 6700)
    with pages.posted(page, "/select") as asked:
        click(page, (9000, 6700), place)
    assert asked[0]["points"][0][:2] == pytest.approx([6000, 3000], abs=10)
    alpha = mask(page)
    assert alpha.shape == (1525, 2048)
    assert at(alpha, place) > 127 and at(alpha, (0.05, 0.9)) < 128


def test_without_a_hub_the_page_says_who_answers_and_how_to_get_more(visitor):
    page = select_in(visitor, EXAMPLES / "coffee.jpg")
    expect(page.locator(".engine-said")).to_contain_text("quick is ready")
    expect(page.locator(".engine-note")).to_contain_text("Segment Anything")
    expect(page.locator(".engine-note")).to_contain_text("facebook/sam-vit-base")
    page.get_by_role("button", name="What answers a click").click()
    sam = page.locator("[data-engine=sam-vit-base]")
    expect(sam).to_be_disabled()
    page.locator("[data-engine=quick]").click()
    with pages.posted(page, "/select") as asked:
        click(page, COFFEE_SIZE, CUP)
    assert asked[0]["engine"] == "quick"


def test_both_tabs_follow_the_photo_that_is_open_and_work_only_while_they_are_seen(visitor):
    page = visitor.editor()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    pages.upload(page, EXAMPLES / "coffee.jpg")
    expect(page.locator(".photo-name")).to_have_text("coffee.jpg")
    pages.upload(page, EXAMPLES / "chelsea.jpg")
    expect(page.locator(".photo-name")).to_have_text("chelsea.jpg")
    pages.drawn(page)
    assert not any("/select" in url for url in asked)
    open_tab(page, "Replace")
    ready(page, "chelsea.jpg")
    first = pages.photo_id(page)
    asked.clear()
    page.locator(".masking .strip [aria-label='Open coffee.jpg']").click()
    ready(page, "coffee.jpg")
    assert pages.photo_id(page) != first
    assert sum("/rendition" in url for url in asked) == 1 and not any(url.endswith("/edit") for url in asked)
    click(page, COFFEE_SIZE, CUP)
    kept = mask(page)
    # Nothing of it is seen while another photo opens, which here it never does.
    page.keyboard.press("1")
    expect(page.locator(".masking .zoom.on")).to_have_count(0)
    held = []
    page.route("**/rendition*", lambda route: held.append(route))
    page.locator(".masking .strip [aria-label='Open chelsea.jpg']").click()
    expect(page.locator(".masking .picture > .stage-wait")).to_be_visible()
    expect(page.locator(".masking .zoom.on")).to_have_text("Fit")
    expect(page.locator(".masking .thing")).to_have_count(1)
    assert page.evaluate(
        """() => [...document.querySelectorAll('.masking .thing canvas')].every((canvas) => {
            const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
            return data.every((value) => value === 0);
        })"""
    )
    for route in held:
        route.continue_()
    page.unroute("**/rendition*")
    page.locator(".masking .strip [aria-label='Open coffee.jpg']").click()
    ready(page, "coffee.jpg")
    open_tab(page, "Edit")
    expect(page.locator(".editor .photo-name")).to_have_text("coffee.jpg")
    pages.drawn(page)
    asked.clear()
    page.locator(".editor .strip [aria-label='Open chelsea.jpg']").click()
    expect(page.locator(".editor .photo-name")).to_have_text("chelsea.jpg")
    page.keyboard.press("i")  # is for the tab that is seen
    pages.drawn(page)
    assert not any("/select" in url for url in asked)
    page.locator(".editor .strip [aria-label='Open coffee.jpg']").click()
    open_tab(page, "Replace")
    ready(page, "coffee.jpg")
    assert np.array_equal(mask(page), kept)  # what was selected is still there


def test_the_mask_can_be_shown_in_other_ways_and_that_is_remembered(visitor, plain):
    page = select_in(visitor, plain)
    click(page, PLAIN_SIZE, DISC)
    place = [round(a - b) for a, b in zip(spot(page, PLAIN_SIZE, (0.04, 0.5)), _corner(page), strict=True)]
    before = canvas(page)[place[1], place[0]].astype(int)
    page.locator("[data-colour=rest]").click()
    page.get_by_role("button", name="Outline").click()
    settled(page)
    assert canvas(page)[place[1], place[0]].astype(int).sum() < before.sum() / 2
    page.reload()
    open_tab(page, "Replace")
    ready(page, "plain.png")
    expect(page.locator("[data-colour=rest]")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name="Outline")).to_have_attribute("aria-pressed", "false")


def _corner(page: Page) -> tuple[float, float]:
    box = page.locator(".masking .picture").bounding_box()
    return box["x"], box["y"]


def test_an_empty_library_invites_here_too(visitor):
    page = visitor.editor()
    open_tab(page, "Replace")
    expect(page.locator(".masking .drop")).to_be_visible()
    page.locator(".masking .example[title='coffee.jpg']").click()
    ready(page, "coffee.jpg")
    expect(page.locator(".masking .drop")).to_be_hidden()


def test_a_server_that_is_away_is_told_and_asked_again(visitor, plain):
    visitor.expected = ("ERR_FAILED", "Failed to load resource")
    page = select_in(visitor, plain)
    page.route("**/select", lambda route: route.abort())
    page.mouse.click(*spot(page, PLAIN_SIZE, DISC))
    expect(page.locator(".toast.error")).to_be_visible()
    page.unroute("**/select")
    page.get_by_role("button", name="Try again").click()
    settled(page)
    assert at(mask(page), DISC) > 127


def test_on_a_phone_everything_can_be_reached_by_touch(new_visitor):
    visitor = new_visitor(PHONE)
    page = select_in(visitor, EXAMPLES / "coffee.jpg")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    with pages.posted(page, "/select") as asked, pages.posted(page, "/select/glance") as foreseen:
        page.touchscreen.tap(*spot(page, COFFEE_SIZE, CUP))
        settled(page)
    assert asked[0]["points"][0][:2] == pytest.approx([600 * CUP[0], 400 * CUP[1]], abs=2)
    assert not foreseen, "a finger does not rest before it touches"
    page.get_by_role("button", name="What answers a click").tap()
    expect(page.locator(".engine-said")).to_be_in_viewport()
    expect(page.locator(".engine-said")).to_contain_text("quick")
    page.keyboard.press("Escape")
    for name in ("Found", "Objects", "Change", "Show", "Use"):
        page.locator(".masking").get_by_role("tab", name=name).tap()
        small = page.evaluate(
            """() => [...document.querySelectorAll('.masking :is(button, input)')]
                .filter((each) => each.checkVisibility() && !each.closest('[popover]'))
                .map((each) => [each.className || each.ariaLabel, each.getBoundingClientRect()])
                .filter(([, box]) => box.width && Math.min(box.width, box.height) < 40)
                .map(([name]) => name)"""
        )
        assert not small
    page.locator(".masking").get_by_role("tab", name="Use").tap()
    assert at(mask(page), CUP) > 127


def test_two_fingers_zoom_and_are_no_clicks(new_visitor):
    visitor = new_visitor(PHONE)
    page = select_in(visitor, EXAMPLES / "coffee.jpg")
    x, y = spot(page, COFFEE_SIZE, (0.5, 0.5))
    before = page.locator(".masking .zoom").nth(1).text_content()
    touch = page.context.new_cdp_session(page)
    for name in ("add", "brush"):
        page.locator(f".masking .tool[data-tool={name}]").tap()
        with pages.posted(page, "/select") as asked:
            touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y, "id": 0}]})
            for spread in (20, 40, 60):
                points = [{"x": x, "y": y, "id": 0}, {"x": x + spread, "y": y, "id": 1}]
                kind = "touchStart" if spread == 20 else "touchMove"
                touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
            touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
            settled(page)
        assert not asked
        expect(page.locator(".masking").get_by_role("button", name="Undo")).to_be_disabled()
    expect(page.locator(".masking .zoom").nth(1)).not_to_have_text(before)
