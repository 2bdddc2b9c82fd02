"""What the page of another site, or of another port of the same host, gets of a library, in real Chromium."""

import re
import ssl
import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tabs.web import logins
from tests import chromium, proxy
from tests.conftest import start_server

LAUNCH_WITH_LOGIN = "from app import launch; launch(auth=('ann', 'a'))"
HOST = "envo.test"
"""A name that no browser takes for its own machine, so that it sends no Sec-Fetch-Site there without HTTPS."""
TRIES = """
async ([app, photo]) => {
  const seen = [];
  const note = (what, promise) => promise.then((got) => { if (got) seen.push(`${what}: ${got}`); }, () => {});
  const read = (path, options) => fetch(app + path, { credentials: 'include', ...options })
    .then(async (answer) => answer.type === 'opaque' ? '' : (answer.ok && await answer.text()));
  const picture = (path) => new Promise((resolve) => {
    const image = new Image();
    image.onload = () => resolve(`${image.width} pixels wide`);
    image.onerror = () => resolve('');
    image.src = app + path;
  });
  const script = (path) => new Promise((resolve) => {
    const element = document.createElement('script');
    element.onload = () => resolve('loaded');
    element.onerror = () => resolve('');
    element.src = app + path;
    document.body.append(element);
  });
  const reads = ['envo/photos', 'envo/session', `envo/photos/${photo}/original`, `envo/photos/${photo}/edit`,
    'config', 'gradio_api/token', 'gradio_api/user'];
  for (const path of reads) await note(path, read(path));
  for (const part of ['original', 'thumbnail', 'rendition']) {
    await note(`img ${part}`, picture(`envo/photos/${photo}/${part}`));
  }
  await note('script', script('envo/photos'));
  const write = { method: 'POST', mode: 'no-cors', headers: { 'content-type': 'text/plain' } };
  await note('add', read('envo/photos?name=theirs.jpg', { ...write, body: 'x' }));
  await note('example', read('envo/examples/rocket.jpg', write));
  await note('take', read('envo/gallery/takeaway', { ...write, body: '{"all": true}' }));
  const change = { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: '{"name": "theirs.jpg"}' };
  await note('rename', read(`envo/photos/${photo}`, change));
  await note('delete', read(`envo/photos/${photo}`, { method: 'DELETE' }));
  return seen;
}
"""


@pytest.fixture(scope="module")
def browser(playwright):
    """A browser that takes some names for this machine."""
    flags = [*chromium.FLAGS, f"--host-resolver-rules=MAP {HOST} 127.0.0.1, MAP *.{HOST} 127.0.0.1"]
    started = playwright.chromium.launch(executable_path=chromium.find(), args=flags)
    yield started
    started.close()


@pytest.fixture(scope="module")
def with_login(tmp_path_factory):
    folder = tmp_path_factory.mktemp("login")
    running = start_server(folder / "home", folder / "log", ("-c", LAUNCH_WITH_LOGIN))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """Port of another server, with a page of its own."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "index.html").write_text("<body>another site</body>")
    (folder / "frame.html").write_text('<iframe id="app" style="width: 1200px; height: 700px"></iframe>')
    handler = partial(SimpleHTTPRequestHandler, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as files:
        threading.Thread(target=files.serve_forever).start()
        yield files.server_port
        files.shutdown()


def come(page: Page, app: str) -> None:
    """Be given a cookie by the app's page, and stay on a text of the app's, which has nothing to load."""
    page.goto(app, wait_until="commit")
    page.goto(f"{app}robots.txt")


def add_example(page: Page) -> str:
    """Add a photo to the library, without layers, which take long; its id."""
    return page.evaluate(
        """async () => {
            const body = await (await fetch('envo/examples/coffee.jpg')).blob();
            const added = await fetch('envo/photos?name=coffee.jpg&layers=false', { method: 'POST', body });
            return (await added.json()).photo.id;
        }"""
    )


def library(page: Page) -> str:
    """What the app's own page is told of the library."""
    return page.evaluate("fetch('envo/photos').then((answer) => answer.text())")


@pytest.mark.parametrize("is_login", [False, True], ids=["anonymous", "login"])
@pytest.mark.parametrize(
    "home, other",
    [
        ("127.0.0.1", "localhost"),  # another site
        ("127.0.0.1", "127.0.0.1"),  # another port
        ("a.localhost", "b.localhost"),  # a sibling
        (HOST, HOST),  # another port, of which Chromium tells nothing but Origin
        (f"a.{HOST}", f"b.{HOST}"),
    ],
)
def test_another_page_reads_and_changes_nothing(browser: Browser, server, with_login, elsewhere, home, other, is_login):
    app = (with_login if is_login else server).url.replace("127.0.0.1", home)
    context = browser.new_context()
    own, theirs = context.new_page(), context.new_page()
    come(own, app)
    if is_login:
        own.evaluate("fetch('login', { method: 'POST', body: new URLSearchParams('username=ann&password=a') })")
    photo = add_example(own)
    before = library(own)
    assert photo in before
    theirs.goto(f"http://{other}:{elsewhere}/")
    assert theirs.evaluate(TRIES, [app, photo]) == []
    assert library(own) == before
    context.close()


def test_the_apps_own_page_gets_what_another_tries_for(browser: Browser, server):
    context = browser.new_context()
    page = context.new_page()
    come(page, server.url)
    photo = add_example(page)
    got = {told.partition(":")[0] for told in page.evaluate(TRIES, [server.url, photo])}
    assert got >= {"envo/photos", f"envo/photos/{photo}/original", "img original", "img rendition", "rename"}
    assert photo not in library(page), "deleted"
    context.close()


def framed(page: Page, elsewhere: int, app: str) -> FrameLocator:
    """Show the app in a frame of another site's page."""
    page.goto(f"http://localhost:{elsewhere}/frame.html")
    page.evaluate("app => { document.getElementById('app').src = app }", app)
    return page.frame_locator("iframe")


@pytest.fixture(scope="module")
def tls(tmp_path_factory) -> ssl.SSLContext:
    """A certificate that nobody vouches for."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(1), now + timedelta(9))
    file = tmp_path_factory.mktemp("tls") / "certificate.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(secret + made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def add_coffee(inside: FrameLocator) -> None:
    inside.locator(".example[title='coffee.jpg']").click()
    expect(inside.locator(".photo-name")).to_have_text("coffee.jpg")
    expect(inside.locator(".strip .tile img")).to_have_js_property("naturalWidth", 320)


def test_a_frame_over_https_keeps_its_library_and_no_other_sites_frame_sees_it(browser, server, elsewhere, tls):
    context = browser.new_context(ignore_https_errors=True)
    page = context.new_page()
    with proxy.before(server.url, "", strip=True, tls=tls) as secure:
        inside = framed(page, elsewhere, secure.url)
        add_coffee(inside)
        (cookie,) = context.cookies()
        assert cookie["partitionKey"] and cookie["secure"] and cookie["httpOnly"] and cookie["sameSite"] == "None"
        expect(framed(page, elsewhere, secure.url).locator(".strip .tile")).to_have_count(1)
        alone = context.new_page()
        alone.goto(secure.url)
        expect(alone.locator(".editor.ready .drop")).to_be_visible()
        expect(alone.locator(".tile")).to_have_count(0)
        context.close()


def test_where_a_frame_keeps_no_cookie_no_address_says_who_may_change_what_is_there(browser, server, elsewhere):
    context = browser.new_context()
    page = context.new_page()
    told = []
    page.on("response", lambda answer: told.append(answer.json()) if answer.url.endswith("/session") else None)
    with proxy.before(server.url, "", strip=True) as plain:
        add_coffee(framed(page, elsewhere, plain.url))
        addresses = "\n".join(plain.addresses)
        (session,) = told
        assert session["ticket"] not in addresses and f"view={session['view']}" in addresses
        photo = re.search(r"photos/([\w-]+)/thumbnail", addresses)[1]
        api = f"{plain.url}envo/photos/{photo}"
        seen = {"view": session["view"]}
        assert httpx.get(api, params=seen).json()["name"] == "coffee.jpg"
        for method in ("PATCH", "DELETE", "POST"):
            address = f"{api}/copy" if method == "POST" else api
            assert httpx.request(method, address, params=seen).status_code == 401
        assert httpx.get(api, params={"ticket": session["ticket"]}).status_code == 401
        context.close()


def test_where_a_frame_keeps_no_login_its_page_says_so(browser: Browser, with_login, elsewhere):
    context = browser.new_context()
    page = context.new_page()
    inside = framed(page, elsewhere, with_login.url)
    notice = inside.get_by_role("alert")
    expect(notice).to_contain_text("this browser keeps no login")
    with context.expect_page() as opened:
        notice.get_by_role("link").click()
    alone = opened.value
    expect(alone.get_by_role("button", name="Login")).to_be_visible()
    expect(alone.get_by_role("alert")).to_be_hidden()
    alone.locator("input[type=password]").fill("a")
    alone.locator("input:not([type=password]), textarea").first.fill("ann")
    alone.get_by_role("button", name="Login").click()
    expect(alone.locator(".editor.ready")).to_be_attached()
    context.close()


def test_too_many_guesses_are_told_on_the_page(browser: Browser, with_login):
    page = browser.new_context().new_page()
    page.goto(with_login.url)
    guess = "fetch('login', { method: 'POST', body: new URLSearchParams('username=ann&password=' + Math.random()) })"
    page.get_by_role("button", name="Login").wait_for()
    statuses = [page.evaluate(f"{guess}.then((answer) => answer.status)") for _ in range(logins.GUESSES + 1)]
    assert statuses == [400] * logins.GUESSES + [429]
    expect(page.get_by_role("alert")).to_contain_text("too many attempts")
    page.context.close()
