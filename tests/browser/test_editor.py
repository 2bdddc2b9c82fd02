"""The Edit tab, as a visitor uses it."""

import io
import re
import shutil

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect

from envo import edits
from models import weights
from tests.browser import pages
from tests.browser.pages import CORNER, FACE
from tests.browser.visitors import PHONE
from tests.conftest import EXAMPLES, start_server


def test_a_portrait_comes_apart_and_only_its_background_darkens(visitor):
    page = visitor.editor()
    pages.open_astronaut(page)
    corner, face = pages.pixel(page, CORNER), pages.pixel(page, FACE)

    pages.choose(page, "background")
    pages.set_slider(page, "exposure", "-2")
    assert np.all(pages.light(pages.pixel(page, CORNER)) < pages.light(corner) / 2)
    assert np.all(np.abs(pages.pixel(page, FACE) - face) <= 1)
    pages.saved(page)
    before = pages.picture(page)

    page.reload()
    expect(page.locator("[data-layer=person]")).to_be_visible(timeout=60_000)
    pages.drawn(page)
    assert np.abs(pages.picture(page).astype(int) - before).max() <= 1
    pages.choose(page, "background")
    expect(pages.value(page, "exposure")).to_have_value("−2.00")


def test_fifty_moves_of_a_slider_make_one_write_with_the_last_value(visitor):
    page = visitor.editor()
    pages.open_astronaut(page)
    with pages.posted(page, "/edit") as writes:
        page.evaluate(
            """() => {
                const range = document.querySelector('[data-adjustment=contrast] input[type=range]');
                for (let value = 1; value <= 50; value += 1) {
                    range.value = value;
                    range.dispatchEvent(new Event('input', { bubbles: true }));
                }
                range.dispatchEvent(new Event('change', { bubbles: true }));
            }"""
        )
        pages.saved(page)
        # Whatever else was to come is sent before the window is gone.
        page.close(run_before_unload=True)
    assert [write["document"]["layers"][0]["adjustments"] for write in writes] == [{"contrast": 50}]


def test_a_change_survives_closing_the_window_at_once(visitor):
    page = visitor.editor()
    pages.open_astronaut(page)
    pages.set_slider(page, "saturation", "-60")
    page.close(run_before_unload=True)

    page = visitor.editor()
    expect(page.locator("[data-adjustment=saturation] .value")).to_have_value("−60")


def test_the_older_of_two_windows_is_told_and_overwrites_nothing(visitor):
    old = visitor.editor()
    pages.open_astronaut(old)
    new = visitor.editor()
    expect(new.locator("[data-layer=person]")).to_be_visible(timeout=60_000)
    pages.set_slider(new, "exposure", "1")
    pages.saved(new)
    expect(old.locator(".notice")).to_contain_text("changed in another window")

    with pages.posted(old, "/edit") as writes:
        pages.set_slider(old, "exposure", "-3")
        old.get_by_role("button", name="Keep mine as a copy").click()
        expect(old.locator(".photo-name")).to_have_text("astronaut (copy).jpg")
        expect(old.locator("[data-adjustment=exposure] .value")).to_have_value("−3.00")
    assert not writes
    new.reload()
    expect(new.locator("[data-adjustment=exposure] .value")).to_have_value("1.00")


def test_a_refused_write_is_told_where_windows_cannot_hear_each_other(new_visitor):
    visitor = new_visitor()
    visitor.scripts.append("window.BroadcastChannel = class extends EventTarget { postMessage() {} };")
    visitor.expected = ("409",)
    old = visitor.editor()
    pages.open_astronaut(old)
    new = visitor.editor()
    pages.set_slider(new, "exposure", "1")
    pages.saved(new)
    pages.set_slider(old, "exposure", "-3")
    expect(old.locator(".notice")).to_contain_text("changed in another window")
    old.get_by_role("button", name="Show that version").click()
    expect(old.locator("[data-adjustment=exposure] .value")).to_have_value("1.00")


def test_a_lost_graphics_context_comes_back_with_the_edit(visitor):
    page = visitor.editor()
    pages.open_astronaut(page)
    pages.choose(page, "background")
    pages.set_slider(page, "exposure", "-2")
    plain = pages.picture(page)
    pages.choose(page, "image")
    pages.set_slider(page, "clarity", "80")
    before = pages.picture(page)
    assert np.abs(before.astype(int) - plain).mean() > 0.3
    page.evaluate(
        """() => {
            window.canvas = document.querySelector('.picture canvas');
            window.loss = canvas.getContext('webgl2').getExtension('WEBGL_lose_context');
            window.lost = new Promise((done) => canvas.addEventListener('webglcontextlost', done, { once: true }));
            window.restored = new Promise((done) => canvas.addEventListener('rendererrestored', done, { once: true }));
            loss.loseContext();
        }"""
    )
    page.evaluate("() => lost")
    page.evaluate("() => { loss.restoreContext(); return restored; }")
    pages.drawn(page)
    assert np.abs(pages.picture(page).astype(int) - before).max() <= 1


def test_undo_goes_back_to_the_start_and_redo_forward_again(visitor):
    page = visitor.editor()
    pages.open_astronaut(page)
    start = pages.picture(page)
    pages.set_slider(page, "exposure", "1.5")
    pages.set_slider(page, "contrast", "30")
    pages.choose(page, "person")
    pages.set_slider(page, "sepia", "80")
    page.get_by_role("button", name="Invert").click()
    pages.drawn(page)
    end = pages.picture(page)
    for _ in range(4):
        page.keyboard.press("Control+z")
    pages.drawn(page)
    assert np.array_equal(pages.picture(page), start)
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    for _ in range(4):
        page.keyboard.press("Control+Shift+z")
    pages.drawn(page)
    assert np.array_equal(pages.picture(page), end)


def test_sliders_take_typed_values_and_reset_by_double_click_and_by_group(visitor):
    page = visitor.editor()
    pages.open_astronaut(page)
    pages.set_slider(page, "contrast", "999")
    expect(pages.value(page, "contrast")).to_have_value("100")
    pages.set_slider(page, "contrast", "no number")
    expect(pages.value(page, "contrast")).to_have_value("100")
    pages.set_slider(page, "gamma", "1,5")
    expect(pages.value(page, "gamma")).to_have_value("1.50")
    page.locator("[data-adjustment=gamma] label").dblclick()
    expect(pages.value(page, "gamma")).to_have_value("1.00")
    pages.set_slider(page, "vibrance", "40")
    pages.show_tool(page, "Light")
    page.get_by_role("button", name="Reset Light").click()
    expect(pages.value(page, "contrast")).to_have_value("0")
    expect(pages.value(page, "vibrance")).to_have_value("40")


def test_before_shows_while_a_key_is_held_and_beside_after_in_the_split(visitor):
    page = visitor.editor()
    pages.open_astronaut(page)
    start = pages.picture(page)
    pages.set_slider(page, "exposure", "-3")
    page.mouse.click(640, 20)
    page.keyboard.down("b")
    pages.drawn(page)
    assert np.array_equal(pages.picture(page)[:-60], start[:-60])  # below, it says that this is before
    page.keyboard.up("b")
    pages.drawn(page)
    after = pages.picture(page)
    assert not np.array_equal(after, start)
    box = page.locator(".editor .picture canvas").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()  # so does a press on the picture
    expect(page.locator(".editor .picture > .tag", has_text="Before")).to_be_visible()
    page.mouse.up()
    expect(page.locator(".editor .picture > .tag", has_text="Before")).to_be_hidden()
    page.keyboard.press("s")
    pages.drawn(page)
    split = pages.picture(page)
    middle = split.shape[1] // 2
    assert np.array_equal(split[:60, : middle - 20], start[:60, : middle - 20])
    assert np.array_equal(split[:60, middle + 20 :], after[:60, middle + 20 :])


def test_the_mask_shows_red_under_the_pointer(visitor):
    page = visitor.editor()
    pages.open_astronaut(page)
    face = pages.pixel(page, FACE)
    corner = pages.pixel(page, CORNER)
    page.locator("[data-layer=person]").hover()
    pages.drawn(page)
    red = pages.pixel(page, FACE)
    assert red[1] < face[1] - 30 and red[2] < face[2] - 30 and red[0] > 120
    assert np.abs(pages.pixel(page, CORNER) - corner).max() <= 3


def test_wheel_zooms_where_the_pointer_is_and_drag_moves(visitor):
    page = visitor.editor()
    pages.open_astronaut(page)
    box = page.locator(".picture canvas").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    centre = pages.picture(page)[round(box["height"] / 2), round(box["width"] / 2)].astype(int)
    page.mouse.move(x, y)
    for _ in range(4):
        page.mouse.wheel(0, -300)
    page.wait_for_function("() => parseInt(document.querySelectorAll('.editor .zoom')[1].textContent) > 400")
    pages.drawn(page)
    zoomed = pages.picture(page)
    assert np.abs(zoomed[round(box["height"] / 2), round(box["width"] / 2)] - centre).max() < 40
    page.mouse.down()
    page.mouse.move(x + 120, y, steps=4)
    page.mouse.up()
    pages.drawn(page)
    moved = pages.picture(page)
    assert np.array_equal(moved[200:400, 320:620], zoomed[200:400, 200:500])
    page.keyboard.press("0")
    pages.drawn(page)
    expect(page.locator(".zoom").first).to_have_class(re.compile(r"\bon\b"))


def test_a_photo_larger_than_its_rendition_shows_true_pixels_when_zoomed_in(visitor):
    stripes = np.zeros((600, 6000, 3), np.uint8)
    stripes[:, ::2] = 255
    file = io.BytesIO()
    Image.fromarray(stripes).save(file, "PNG")
    page = visitor.editor()
    pages.upload(page, {"name": "stripes.png", "mimeType": "", "buffer": file.getvalue()})
    expect(page.locator(".photo-name")).to_have_text("stripes.png")
    pages.drawn(page)
    with page.expect_response("**/rendition?detail=true"):
        page.keyboard.press("1")
    page.wait_for_function(
        """() => {
            const canvas = document.querySelector('.picture canvas');
            const copy = new OffscreenCanvas(64, 1).getContext('2d');
            return new Promise((done) => requestAnimationFrame(() => {
                copy.drawImage(canvas, -200, -canvas.height / 2);
                const reds = copy.getImageData(0, 0, 64, 1).data.filter((_, i) => i % 4 === 0);
                done(reds.slice(1).every((red, i) => Math.abs(red - reds[i]) > 200));
            }));
        }"""
    )


def test_two_fingers_zoom(new_visitor):
    visitor = new_visitor(PHONE)
    page = visitor.editor()
    pages.open_astronaut(page)
    box = page.locator(".picture canvas").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = pages.picture(page)
    touch = page.context.new_cdp_session(page)
    for kind, spread in (("touchStart", 20), ("touchMove", 60), ("touchMove", 100)):
        points = [{"x": x - spread, "y": y, "id": 0}, {"x": x + spread, "y": y, "id": 1}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    pages.drawn(page)
    zoomed = pages.picture(page).astype(int)
    # Five times as large about the middle: what was 20 pixels left of it is now 100.
    middle_y, middle_x = zoomed.shape[0] // 2, zoomed.shape[1] // 2
    assert np.abs(zoomed[middle_y, middle_x - 100] - before[middle_y, middle_x - 20]).max() < 40
    assert not np.array_equal(zoomed, before)


def test_download_gives_the_edit_at_full_size_with_its_exif(visitor, tmp_path):
    source = Image.open(pages.ASTRONAUT)
    exif = source.getexif()
    exif[0x010F], exif[0x9003] = "Envo Works", "2024:05:06 07:08:09"
    photo = tmp_path / "Ünï cödé 写真.jpg"
    source.save(photo, exif=exif, quality=95)
    page = visitor.editor()
    pages.upload(page, photo)
    expect(page.locator("[data-layer=person]")).to_be_visible(timeout=120_000)
    pages.set_slider(page, "saturation", "-100")
    for kind, ending in (("JPEG", "jpg"), ("PNG", "png"), ("WebP", "webp")):
        download = pages.exported(page, kind)
        assert download.suggested_filename == f"Ünï cödé 写真.{ending}"
        image = Image.open(io.BytesIO(download.path().read_bytes()))
        assert (image.format.upper(), image.size) == (kind.upper(), source.size)
        assert image.getexif()[0x010F] == "Envo Works"
        pixels = np.asarray(image.convert("RGB")).astype(int)
        assert np.ptp(pixels, axis=2).max() <= 3  # grey


def test_what_a_download_has_no_place_for_is_told(visitor, tmp_path):
    exif = Image.Exif()
    exif[0x010F] = "Envo Works"
    exif.get_ifd(0x8769)[0x927C] = bytes(70_000)
    Image.open(pages.COFFEE).save(tmp_path / "a.png", exif=exif)
    page = visitor.editor()
    pages.upload(page, tmp_path / "a.png")
    pages.exported(page, "JPEG")
    expect(page.locator(".toast")).to_contain_text("left out: MakerNote")


def test_a_photo_of_many_faces_is_downloaded(visitor):
    page = visitor.editor()
    kinds = [f"{part}-{face}" for face in range(1, 9) for part in edits.PARTS]
    mattes = [{"kind": kind, "label": kind, "own": False, "face": edits.split_kind(kind)[1]} for kind in kinds]
    made = {"version": "1", "engine": "none", "seconds": 1.0, "quality": None}
    faces = [[face / 10, 0.1, face / 10 + 0.1, 0.3] for face in range(8)]
    found = {"state": "done", "step": "", "fraction": None, "number": 1, "faces": faces, "device": "cpu"}
    page.route("**/mattes?*", lambda route: route.fulfill(json=found | {"mattes": [matte | made for matte in mattes]}))
    thumbnail = page.request.get(f"{page.url.split('#')[0]}envo/examples/coffee.jpg").body()
    page.route("**/mattes/*", lambda route: route.fulfill(body=thumbnail, content_type="image/jpeg"))
    page.route("**/mattes/*/thumbnail*", lambda route: route.fulfill(body=thumbnail, content_type="image/jpeg"))
    pages.upload(page, pages.COFFEE)
    expect(page.locator(".layer-group")).to_have_count(8)
    pages.set_slider(page, "saturation", "-100")
    pixels = np.asarray(Image.open(pages.exported(page, "PNG").path()).convert("RGB")).astype(int)
    assert np.ptp(pixels, axis=2).max() <= 3


def test_a_masks_quality_is_kept(visitor):
    page = visitor.editor()
    pages.open_astronaut(page)
    pages.choose(page, "person")
    pages.layer_menu(page, "Good")
    expect(page.locator("[data-layer=person] .dot")).to_have_attribute("data-quality", "3")
    page.reload()
    expect(page.locator("[data-layer=person] .dot")).to_have_attribute("data-quality", "3", timeout=60_000)
    pages.choose(page, "person")
    page.locator(".layer-line").get_by_role("button", name="More of this layer").click()
    expect(page.get_by_role("menuitemradio", name="Good")).to_have_attribute("aria-checked", "true")


def test_a_photo_of_a_thing_comes_apart_into_the_thing_and_its_background(visitor):
    page = visitor.editor()
    pages.upload(page, pages.COFFEE)
    expect(page.locator("[data-layer=subject]")).to_be_visible(timeout=120_000)
    expect(page.locator(".layer-row .layer-name")).to_have_text(["Image", "Back", "Subject"])
    expect(page.locator(".cutout")).to_be_hidden()


def test_a_photo_of_nothing_says_so(visitor, tmp_path):
    Image.new("RGB", (600, 400), (120, 130, 140)).save(tmp_path / "wall.png")
    page = visitor.editor()
    pages.upload(page, tmp_path / "wall.png")
    expect(page.locator(".layer-note")).to_have_text("Nothing stands out in this photo.", timeout=120_000)
    expect(page.locator("[data-layer]")).to_have_count(1)


def test_weights_that_cannot_be_had_are_told_and_fetched_on_another_try(new_visitor, tmp_path):
    weights_here = weights.path("rvm-mobilenetv3")
    cache = tmp_path / "cache"
    server = start_server(tmp_path / "home", tmp_path / "log", ENVO_CACHE=str(cache), PIP_NO_INDEX="1")
    visitor = new_visitor(url=server.url)
    page = visitor.editor()
    pages.upload(page, pages.ASTRONAUT)
    expect(page.locator(".layer-note")).to_contain_text("could not be fetched", timeout=60_000)
    pages.set_slider(page, "exposure", "1")  # the photo itself can be edited
    pages.saved(page)
    shutil.copy(weights_here, cache / "weights")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("[data-layer=person]")).to_be_visible(timeout=60_000)
    visitor.close()
    server.stop()


def test_without_webgl2_the_page_says_what_to_do(new_visitor):
    visitor = new_visitor()
    visitor.scripts.append("HTMLCanvasElement.prototype.getContext = () => null;")
    page = visitor.window()
    expect(page.locator(".notice")).to_contain_text("WebGL 2")


def test_a_server_that_is_away_loses_no_change(visitor):
    visitor.expected = ("ERR_CONNECTION", "ERR_FAILED", "Failed to load resource")
    page = visitor.editor()
    pages.open_astronaut(page)
    page.route("**/edit", lambda route: route.abort())
    pages.set_slider(page, "hue", "90")
    expect(page.locator(".save-state")).to_have_text("Not saved")
    page.close(run_before_unload=True)
    page = visitor.editor()
    expect(page.locator("[data-adjustment=hue] .value")).to_have_value("90")
    pages.saved(page)


SLOW = """
    const real = window.fetch;
    window.fetch = async (address, options) => {
        const saves = options?.method === 'POST' && /[/]edit$/.test(address);
        const late = saves ? 400 : /[/]rendition/.test(address) ? 800 : 0;
        await new Promise((done) => setTimeout(done, late));
        return real(address, options);
    };
"""
"""Makes saves slow, and photos slower."""


def open_photo(page: Page, name: str) -> None:
    page.locator(f".strip [aria-label='Open {name}']").click()
    expect(page.locator(".photo-name")).to_have_text(name)


def test_an_edit_is_there_when_its_photo_is_opened_again_while_it_is_being_saved(visitor):
    visitor.scripts.append(SLOW)
    page = visitor.editor()
    pages.upload(page, EXAMPLES / "coffee.jpg", EXAMPLES / "chelsea.jpg")
    expect(page.locator(".strip .tile")).to_have_count(2)
    open_photo(page, "coffee.jpg")
    pages.drawn(page)
    pages.set_slider(page, "exposure", "1")
    open_photo(page, "chelsea.jpg")
    open_photo(page, "coffee.jpg")
    pages.drawn(page)
    expect(pages.value(page, "exposure")).to_have_value("1.00")
    pages.set_slider(page, "contrast", "30")
    pages.saved(page)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(pages.value(page, "exposure"), "undo goes on").to_have_value("0.00")
    page.keyboard.press("Control+Shift+z")
    page.keyboard.press("Control+Shift+z")
    pages.saved(page)
    page.reload()
    expect(page.locator("[data-adjustment=contrast] .value")).to_have_value("30")
    expect(pages.value(page, "exposure")).to_have_value("1.00")


def test_an_edit_that_could_not_be_saved_is_there_when_its_photo_is_opened_again(visitor):
    visitor.expected = ("ERR_FAILED", "Failed to load resource")
    page = visitor.editor()
    pages.upload(page, EXAMPLES / "coffee.jpg", EXAMPLES / "chelsea.jpg")
    expect(page.locator(".strip .tile")).to_have_count(2)
    open_photo(page, "coffee.jpg")
    pages.drawn(page)
    page.route("**/edit", lambda route: route.abort() if route.request.method == "POST" else route.fallback())
    pages.set_slider(page, "exposure", "1")
    open_photo(page, "chelsea.jpg")
    expect(page.locator(".toast.error")).to_contain_text("“coffee.jpg” could not be saved yet")
    expect(page.locator(".save-state")).to_have_text("Saved")
    open_photo(page, "coffee.jpg")
    pages.drawn(page)
    expect(pages.value(page, "exposure")).to_have_value("1.00")
    page.unroute("**/edit")
    pages.saved(page)
    page.reload()
    expect(page.locator("[data-adjustment=exposure] .value")).to_have_value("1.00")


def test_a_conflict_in_a_photo_that_was_left_is_told_when_it_is_opened_again(new_visitor):
    visitor = new_visitor()
    visitor.scripts.append("window.BroadcastChannel = class extends EventTarget { postMessage() {} };")
    visitor.expected = ("409",)
    old = visitor.editor()
    pages.upload(old, EXAMPLES / "coffee.jpg", EXAMPLES / "chelsea.jpg")
    expect(old.locator(".strip .tile")).to_have_count(2)
    open_photo(old, "coffee.jpg")
    pages.drawn(old)
    new = visitor.editor(old.url.removeprefix(visitor.url))
    pages.drawn(new)
    pages.set_slider(new, "exposure", "1")
    pages.saved(new)
    pages.set_slider(old, "exposure", "-3")
    open_photo(old, "chelsea.jpg")
    expect(old.locator(".toast.error")).to_contain_text("“coffee.jpg” was changed in another window")
    expect(old.locator(".notice")).to_be_hidden()
    open_photo(old, "coffee.jpg")
    expect(old.locator(".notice")).to_contain_text("changed in another window")
    old.get_by_role("button", name="Keep mine as a copy").click()
    expect(old.locator(".photo-name")).to_have_text("coffee (copy).jpg")
    expect(old.locator("[data-adjustment=exposure] .value")).to_have_value("−3.00")


def test_on_a_phone_everything_can_be_reached_by_touch(new_visitor):
    visitor = new_visitor(PHONE)
    page = visitor.editor()
    pages.open_astronaut(page)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    page.locator("[data-layer=background]").tap()
    page.get_by_role("tab", name="Colour").tap()
    page.get_by_role("button", name="Colour", exact=True).tap()
    page.locator("[data-adjustment=saturation] input[type=range]").tap(position={"x": 10, "y": 20})
    expect(pages.value(page, "saturation")).to_have_value(re.compile("^−"))
    small = page.evaluate(
        """() => [...document.querySelectorAll('.editor :is(button, input)')]
            .filter((each) => each.checkVisibility() && !each.closest('[popover]'))
            .map((each) => [each.className || each.ariaLabel, each.getBoundingClientRect()])
            .filter(([, box]) => box.width && Math.min(box.width, box.height) < 40)
            .map(([name]) => name)"""
    )
    assert not small
