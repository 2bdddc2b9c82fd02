"""For those who see little, use no mouse, or want no movement: WCAG 2.2, levels A and AA, on tabs and in dialogs."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import axe
from tests.browser import pages
from tests.browser.visitors import DESKTOP, PHONE

OTHERS = ("coffee.jpg", "chelsea.jpg", "rocket.jpg")
"""Photos beside the one that is open."""
TABS = ("Edit", "Replace", "Restore", "Gallery")

FAINT = """
() => {
  const parse = (colour) => {
    const [red, green, blue, alpha = 1] = colour.match(/[\\d.]+/g).map(Number);
    return { rgb: [red, green, blue], alpha };
  };
  const linear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const light = ([red, green, blue]) =>
    0.2126 * linear(red / 255) + 0.7152 * linear(green / 255) + 0.0722 * linear(blue / 255);
  const contrast = (one, other) => {
    const [darker, lighter] = [light(one), light(other)].sort((a, b) => a - b);
    return (lighter + 0.05) / (darker + 0.05);
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const { rgb, alpha } = parse(getComputedStyle(at).backgroundColor);
      if (alpha === 1) return rgb;
    }
    return [0, 0, 0];
  };
  const isSeen = (each) => each.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  return [...document.querySelectorAll('button, input, select, textarea')].flatMap((each) => {
    const style = getComputedStyle(each);
    const edge = parse(style.borderTopColor);
    const hasEdge = parseFloat(style.borderTopWidth) && style.borderTopStyle !== 'none' && edge.alpha;
    if (!hasEdge || each.disabled || each.closest('[inert]') || !isSeen(each)) return [];
    const outside = ground(each.parentElement);
    const found = Math.max(contrast(edge.rgb, outside), contrast(ground(each), outside));
    return found < 3 ? [`an edge of ${found.toFixed(2)} to 1: ${each.outerHTML.slice(0, 120)}`] : [];
  });
}
"""
"""Controls with a frame that hardly differs from what they stand on."""

MOVING = """
() => [...document.querySelectorAll('*')].filter((each) => ['', '::before', '::after'].some((part) => {
  const { transitionDuration, animationName, animationDuration } = getComputedStyle(each, part || null);
  const times = [transitionDuration, animationName === 'none' ? '0s' : animationDuration].join().split(',');
  return times.some((time) => parseFloat(time) > 0.01);
})).map((each) => each.outerHTML.slice(0, 100))
"""
"""What would move."""


def tab(page: Page, name: str) -> None:
    page.locator("#tabs > .tab-wrapper").get_by_role("tab", name=name).click()
    ready = ".gallery.ready" if name == "Gallery" else ".workspace.ready:visible"
    expect(page.locator(ready).first).to_be_visible()


def fine(page: Page, where: str) -> list[str]:
    """What is wrong, each with where that is."""
    return [f"{where}: {each}" for each in (*axe.violations(page), *page.evaluate(FAINT))]


def filled(page: Page) -> None:
    """Add the app's own photos; the portrait is open."""
    pages.upload(page, pages.ASTRONAUT)
    opened = page.locator(".editor.ready .photo-name")
    expect(opened).to_have_text(pages.ASTRONAUT.name)
    for name in OTHERS:
        assert page.evaluate("async (path) => (await fetch(path, { method: 'POST' })).ok", f"envo/examples/{name}")
    page.reload()
    # Beside the layers of all these, shaders are compiled on the processor.
    expect(opened).to_have_text(pages.ASTRONAUT.name, timeout=120_000)
    expect(page.locator("[data-layer=person]")).to_be_visible(timeout=120_000)
    pages.drawn(page)


def looked_at(page: Page) -> None:
    """Wait until the gallery knows all photos."""
    expect(page.locator(".photo-tile[data-photo]")).to_have_count(1 + len(OTHERS))
    expect(page.locator(".photo-state:visible")).to_have_count(0, timeout=120_000)


def in_menus(page: Page, part: Locator, menus: dict[str, str]) -> list[str]:
    """What is wrong in menus, which open by buttons of a part of the page."""
    found = []
    for button, menu in menus.items():
        part.get_by_role("button", name=button, exact=True).click()
        expect(page.locator(f".{menu}:popover-open")).to_be_visible()
        found += fine(page, f"the menu of {button}")
        page.keyboard.press("Escape")
    return found


@pytest.mark.parametrize("shape", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_on_any_tab_empty_or_full_nor_in_dialogs(new_visitor, shape):
    page = new_visitor(shape).editor()
    found = []
    for name in TABS:
        tab(page, name)
        found += fine(page, f"{name}, empty")
    tab(page, "Edit")
    filled(page)
    pages.choose(page, "person")
    for name in TABS:
        tab(page, name)
        if name == "Edit":
            menus = {"Export and presets": "downloads", "More of this layer": "layer-menu"}
            found += in_menus(page, page.locator(".editor"), menus)
            page.keyboard.press("Control+Shift+c")
            expect(page.locator(".copy-choice")).to_be_visible()
            found += fine(page, "what is to be copied of an edit")
            page.keyboard.press("Escape")
            pages.show_tool(page, "Colour")
            found += fine(page, "Colour, with the mixer and the wheels")
            for sheet in ("Mask", "Lens", "Crop"):
                pages.show_tool(page, sheet)
                found += fine(page, f"the tool {sheet}")
            page.keyboard.press("Enter")
            pages.show_tool(page, "Light")
        if name == "Replace":
            page.locator(".masking .picture[aria-busy=true]").wait_for(state="detached")
        if name == "Restore":
            page.locator(".restoring .step").first.wait_for()
        if name == "Gallery":
            looked_at(page)
        found += fine(page, name)
    found += in_menus(page, page.locator(".gallery-head"), {"Add photos": "add-ways", "Download": "take-away"})
    page.locator(".photo-tile[data-photo] .photo-tick").first.click(force=True)
    expect(page.locator(".gallery-about .tag-row").first).to_be_attached()
    found += fine(page, "a photo chosen")
    found += in_menus(page, page.locator(".about-actions"), {"Edits": "edits-menu"})
    page.locator(".about-actions").get_by_role("button", name="Download").click()
    page.locator(".take-away [data-kind=export]").click()
    dialog = page.locator("dialog.export")
    expect(dialog.locator(".export-stage img")).to_be_visible()
    found += fine(page, "how photos are exported")
    for folded in dialog.locator("details:not([open]) summary:visible").all()[::-1]:
        folded.click()
    dialog.get_by_role("radio", name="Text", exact=True).click()
    found += fine(page, "how photos are exported, all of it")
    dialog.get_by_role("button", name="Cancel").click()
    page.keyboard.press("Escape")
    page.locator(".photo-wall").focus()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page.locator(".lightbox-frame > img")).to_be_visible()
    found += fine(page, "a photo at large")
    page.keyboard.press("Escape")
    page.get_by_role("radio", name="People").click()
    expect(page.locator(".people-scroll:visible").first).to_be_visible()
    found += fine(page, "People")
    assert not found, "\n".join(found)


def focused(page: Page) -> Locator:
    return page.locator(":focus")


def stops(page: Page, within: str) -> int:
    """How often Tab stops inside an element, from before it to behind it."""
    return page.evaluate(
        """(within) => [...document.querySelector(within).querySelectorAll('button, input, a, [tabindex]')]
          .filter((each) => each.tabIndex >= 0 && !each.disabled && each.checkVisibility()).length""",
        within,
    )


def test_all_is_done_by_keys_with_one_stop_for_each_list(visitor):
    page = visitor.editor()
    filled(page)
    for name in TABS:
        tab(page, name)
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
    tab(page, "Edit")

    # Past the head and the strip.
    page.reload()
    expect(page.locator(".editor.ready .photo-name")).to_have_text("astronaut.jpg")
    page.keyboard.press("Tab")
    expect(focused(page)).to_have_text("Skip to the photo")
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.matches('.editor .stage')")

    # The strip: one stop, the open photo's; arrows go along it.
    assert stops(page, ".editor .strip") == 1
    page.locator(".editor .strip button:not([tabindex='-1'])").focus()
    expect(focused(page)).to_have_accessible_name("Open astronaut.jpg")
    page.keyboard.press("ArrowUp")
    expect(focused(page)).to_have_accessible_name("Open coffee.jpg")
    page.keyboard.press("End")
    expect(focused(page)).to_have_accessible_name("Open astronaut.jpg")
    for _ in OTHERS:
        page.keyboard.press("ArrowUp")
    expect(focused(page)).to_have_accessible_name("Open rocket.jpg")
    page.keyboard.press("Enter")
    expect(page.locator(".editor .photo-name")).to_have_text("rocket.jpg")
    assert stops(page, ".editor .strip") == 1
    assert stops(page, ".editor .bar .stars") == 1

    # A new name.
    name = page.locator(".editor .photo-name")
    name.focus()
    page.keyboard.press("F2")
    page.keyboard.type("Saturn.jpg")
    page.keyboard.press("Enter")
    expect(name).to_have_text("Saturn.jpg")
    expect(name).to_be_focused()
    expect(page.get_by_role("button", name="Open Saturn.jpg")).to_be_attached()

    # The wall is one stop; a photo at large holds the focus, and gives it back.
    tab(page, "Gallery")
    looked_at(page)
    assert stops(page, ".photo-wall") + page.locator(".photo-wall").evaluate("(wall) => wall.tabIndex + 1") == 1
    page.locator(".photo-wall").focus()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    for _ in range(40):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "() => document.activeElement === document.body || Boolean(document.activeElement.closest('.lightbox'))"
        )
    page.locator(".lightbox").focus()  # a field that is typed in would take the next key
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".photo-wall")).to_be_focused()

    # Keys that are one letter can be switched off.
    page.keyboard.press("?")
    switch = page.locator(".menu:popover-open").get_by_label("Keys without Ctrl")
    switch.uncheck()
    page.keyboard.press("Escape")
    page.locator(".photo-wall").focus()
    page.keyboard.press("5")
    page.keyboard.press("p")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".photo-rating:not(:empty)")).to_have_count(0)
    page.locator(".gallery-head").get_by_role("button", name="Keyboard shortcuts").click()
    switch.check()
    page.keyboard.press("Escape")
    page.locator(".photo-wall").focus()
    page.keyboard.press("5")
    expect(page.locator(".photo-rating:not(:empty)")).to_have_count(1)


def test_nothing_moves_for_who_wants_no_movement(visitor):
    page = visitor.editor()
    tab(page, "Gallery")
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(MOVING) == []
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(MOVING) != [], "else this sees nothing"
