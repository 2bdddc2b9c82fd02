"""Visitors of these tests use one browser after another, and see nothing of each other."""

from playwright.sync_api import expect

from tests.browser import pages

LEAVE = """async () => {
    document.cookie = 'left=behind; max-age=1000';
    localStorage.left = sessionStorage.left = 'behind';
    await (await caches.open('left')).put('/left', new Response('behind'));
    await new Promise((done, fail) => {
        const opened = indexedDB.open('left');
        opened.onsuccess = () => { opened.result.close(); done(); };
        opened.onerror = fail;
    });
    await (await navigator.storage.getDirectory()).getFileHandle('left', { create: true });
}"""
FOUND = """async () => {
    const files = [];
    for await (const name of (await navigator.storage.getDirectory()).keys()) files.push(name);
    return {
        cookies: document.cookie,
        kept: { ...localStorage, ...sessionStorage },
        caches: await caches.keys(),
        databases: (await indexedDB.databases()).map(({ name }) => name),
        files,
        permission: (await navigator.permissions.query({ name: 'geolocation' })).state,
        script: window.script ?? null,
        online: navigator.onLine,
        routed: await (await fetch('envo/photos')).text(),
    };
}"""


def test_whoever_comes_next_sees_nothing_of_who_was_there_before(new_visitor):
    before = new_visitor()
    fresh = before.editor()
    clean = fresh.evaluate(FOUND)
    fresh.close()
    before.scripts.append("window.script = 'here'")
    before.expected = ("Failed to load", "ERR_INTERNET_DISCONNECTED")
    page = before.editor()
    pages.upload(page, pages.COFFEE)
    expect(page.locator(".editor .photo-name")).to_have_text("coffee.jpg")
    pages.drawn(page)
    page.evaluate(LEAVE)
    before.context.grant_permissions(["geolocation"])
    before.context.set_extra_http_headers({"authorization": "Bearer of-the-first"})
    before.context.route("**/envo/photos", lambda route: route.fulfill(body="routed"))
    left = page.evaluate(FOUND)
    assert all(left[each] != clean[each] for each in clean if each != "online"), left
    before.context.set_offline(True)
    photo = pages.photo_id(page)
    context = before.context
    before.close()

    after = new_visitor()
    assert after.context is context
    sent = []
    after.context.on("request", lambda request: sent.append(request.all_headers()))
    page = after.editor()
    assert page.evaluate(FOUND) == clean
    assert sent and "cookie" not in sent[0] and not any("authorization" in headers for headers in sent)
    assert page.request.get(f"{after.url}envo/photos/{photo}").status == 404
    assert len(context.pages) == 2, "its own window, and the blank one that keeps the browser open"


def test_visitors_at_the_same_time_have_browsers_of_their_own(new_visitor):
    one, other = new_visitor(), new_visitor()
    assert one.context is not other.context
    cookies = [visitor.editor().context.cookies() for visitor in (one, other)]
    assert len(cookies[0]) == len(cookies[1]) == 1 and cookies[0][0]["value"] != cookies[1][0]["value"]
