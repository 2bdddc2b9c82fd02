"""What fingers and the mouse do on the photo of Edit, on a desk and on a phone."""

from playwright.sync_api import Locator, Page

from tests.browser.visitors import PHONE


def is_phone(page: Page) -> bool:
    return page.viewport_size == PHONE["viewport"]


def stroke(page: Page, start: tuple[float, float], *ways: tuple[float, float]) -> None:
    """Drag from a place of the window through others, with a finger on a phone, else with the mouse."""
    if not is_phone(page):
        page.mouse.move(*start)
        page.mouse.down()
        for way in ways:
            page.mouse.move(*way, steps=3)
        page.mouse.up()
        return
    touch = page.context.new_cdp_session(page)
    # A finger that leaves the glass while it moves flings, and the browser takes the next tap for what stops that.
    rests = [(ways[-1][0], ways[-1][1] + 0.1 * step) for step in range(1, 4)] if ways else []
    for kind, (x, y) in zip(
        ["touchStart", *["touchMove"] * (len(ways) + len(rests))], [start, *ways, *rests], strict=True
    ):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def press(page: Page, button: Locator) -> None:
    if is_phone(page):
        button.tap()
    else:
        button.click()


def spot(page: Page, place: tuple[float, float]) -> tuple[float, float]:
    """Where in the window a place of the photo is, which is fitted."""
    box = page.locator(".editor .picture canvas").bounding_box()
    side = min(box["width"], box["height"]) - (0 if is_phone(page) else 32)
    return (
        box["x"] + (box["width"] - side) / 2 + place[0] * side,
        box["y"] + (box["height"] - side) / 2 + place[1] * side,
    )
