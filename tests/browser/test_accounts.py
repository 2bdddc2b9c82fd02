"""Signing up, out and in, as a visitor does it: by the keyboard, in a browser that others use after them."""

import re
import zipfile
from collections.abc import Iterator
from importlib.metadata import version

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser import pages
from tests.browser.visitors import DESKTOP, PHONE
from tests.conftest import Server, start_server

NAME, WORD = "Ann <b>Bold</b>", "correct horse battery"


@pytest.fixture(scope="module")
def with_accounts(tmp_path_factory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("accounts")
    running = start_server(folder / "home", folder / "log", ENVO_AUTH="accounts")
    yield running
    running.stop()


def corner(page: Page, name: str = "Sign in") -> None:
    """Open the dialog by the keyboard."""
    page.get_by_role("button", name=name, exact=True).focus()
    page.keyboard.press("Enter")


def test_a_visitor_signs_up_out_and_in_by_the_keyboard_and_keeps_the_photo(new_visitor, with_accounts, plain):
    visitor = new_visitor(url=with_accounts.url)
    visitor.expected = ("Failed to load",)  # of the wrong password
    page = visitor.editor()
    pages.upload(page, plain)
    expect(page.locator(".editor .photo-name")).to_have_text("plain.png")

    corner(page)
    dialog = page.get_by_role("dialog")
    page.get_by_role("radio", name="Sign in").focus()
    page.keyboard.press("ArrowRight")
    expect(dialog.get_by_text("The photo that you have here comes along.")).to_be_visible()
    dialog.get_by_label("Name").focus()
    page.keyboard.type(NAME)
    page.keyboard.press("Tab")
    page.keyboard.type(WORD)
    page.keyboard.press("Enter")
    signed_in = page.get_by_role("button", name=f"Signed in as {NAME}")
    expect(signed_in).to_be_enabled()
    expect(signed_in).to_have_text(NAME)
    expect(page.locator(".editor .photo-name")).to_have_text("plain.png")

    photo = pages.photo_id(page)
    assert photo in page.evaluate("() => JSON.stringify({ ...localStorage, ...sessionStorage })")
    corner(page, f"Signed in as {NAME}")
    page.get_by_role("button", name="Sign out").press("Enter")
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_enabled()
    page.wait_for_selector(".editor.ready")
    expect(page.locator(".editor .drop")).to_be_visible()
    assert photo not in page.evaluate("() => JSON.stringify({ ...localStorage, ...sessionStorage })")

    corner(page)
    dialog.get_by_label("Name").fill(NAME.upper())
    dialog.get_by_label("Password").fill("some other words")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_have_text("This name and this password do not belong together.")
    dialog.get_by_label("Password").fill(WORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Open plain.png")).to_be_visible()


def test_on_a_phone_the_corner_can_be_reached(new_visitor, with_accounts):
    page = new_visitor(PHONE, with_accounts.url).editor()
    button = page.get_by_role("button", name="Sign in", exact=True)
    box = button.bounding_box()
    assert box["width"] >= 40 and box["height"] >= 40 and box["x"] + box["width"] <= 390
    button.tap()
    expect(page.get_by_role("dialog").get_by_label("Name")).to_be_focused()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()


def test_a_visitor_downloads_everything_and_deletes_it_after_one_question(new_visitor, with_accounts, plain):
    visitor = new_visitor(url=with_accounts.url)
    # The page may still wait for news of the photo's mattes when all is deleted, until it begins anew.
    visitor.expected = ("404",)
    page = visitor.editor()
    promise = "Without an account, what you bring is kept here for 30 days after your last visit."
    expect(page.locator(".editor .keeping")).to_have_text(promise)
    pages.upload(page, plain)
    expect(page.locator(".editor .photo-name")).to_have_text("plain.png")
    corner(page)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("status")).to_have_text(re.compile(rf"^1 photo, \d+ kB\. {promise}$"))
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Download everything").click()
    with zipfile.ZipFile(download.value.path()) as packed:
        assert packed.read("photos/plain.png") == plain["buffer"]
    dialog.get_by_role("button", name="Delete everything").click()
    expect(dialog).to_contain_text("For good, without a way back: 1 photo, edits, masks, results, tags")
    dialog.get_by_role("button", name="Cancel").click()
    expect(page.locator(".editor .photo-name")).to_have_text("plain.png")
    corner(page)
    dialog.get_by_role("button", name="Delete everything").click()
    dialog.get_by_role("button", name="Delete everything", exact=True).click()
    expect(page.locator(".editor .drop")).to_be_visible()
    assert page.evaluate("fetch('envo/photos?trash=true').then((answer) => answer.json())")["count"] == 0


@pytest.mark.parametrize("shape", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_everybody_is_told_which_engines_there_are_and_what_is_kept_how_long(new_visitor, server, shape):
    page = new_visitor(shape).editor()
    page.get_by_role("button", name="Your photos stay yours").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="About this app").click()
    about = dialog.get_by_role("region", name="About this app")
    expect(about.get_by_text("30 days after your last visit")).to_be_visible()
    expect(about.locator("dl > div", has_text="Noise")).to_contain_text("Envo noise")
    lacking = about.locator("dl > div", has_text="Replace").locator(".away").first
    expect(lacking).to_contain_text("not here")
    expect(lacking.locator("small")).to_contain_text("Fetch it from the Hugging Face hub")
    expect(about.locator("dl > div", has_text="gradio")).to_contain_text(version("gradio"))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    dialog.get_by_role("button", name="Back").click()
    expect(dialog.get_by_role("button", name="About this app")).to_be_visible()


@pytest.mark.parametrize("shape", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_visitor_makes_a_token_by_which_a_program_reads_and_takes_it_back(new_visitor, server, shape):
    page = new_visitor(shape).editor()
    page.get_by_role("button", name="Your photos stay yours").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Tokens").click()
    expect(dialog.get_by_role("status")).to_have_text("There are none yet.")
    name = dialog.get_by_role("textbox", name="Name")
    expect(name).to_be_focused()
    name.fill("Backup of the <b>attic</b>")
    page.keyboard.press("Enter")
    shown = dialog.get_by_role("textbox", name="The token Backup")
    headers = {"Authorization": f"Bearer {shown.input_value()}"}
    photos = f"{server.url}api/v1/library/photos"
    assert httpx.get(photos, headers=headers).status_code == 200
    assert httpx.delete(f"{photos}/any", headers=headers).status_code == 403
    row = dialog.get_by_role("list", name="Your tokens").get_by_role("listitem")
    expect(row).to_contain_text("Backup of the <b>attic</b>reads, made")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    dialog.get_by_role("button", name="Back", exact=True).click()
    dialog.get_by_role("button", name="Tokens").click()
    expect(row).to_contain_text("last used")
    expect(shown).to_have_count(0)
    row.get_by_role("button", name="Remove Backup").click()
    expect(row).to_have_count(0)
    assert httpx.get(photos, headers=headers).status_code == 401
