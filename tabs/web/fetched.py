"""Files that agents name by their addresses: fetched from public ones alone, whatever these lead to."""

import ipaddress
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import PurePosixPath

import anyio
import httpx

from envo import names, settings
from envo.errors import UserError
from tabs.work.service import File

SECONDS = 30.0
"""Within which a file has to be there."""
STEPS = 4
"""Addresses that are asked, one leading to the next."""
_EMBEDDING = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))
"""Networks of IPv6 whose addresses stand for ones of IPv4 (RFC 6052, 8215, 3056, 4380), which may be anything."""
NOT_PUBLIC = "Envo fetches from public addresses alone, http or https; send the file itself."


async def fetch(address: str) -> File:
    """Fetch a file. Raises UserError for what may not, or cannot, be fetched, and for what is too large."""
    with anyio.move_on_after(SECONDS):
        try:
            for _ in range(STEPS):
                url = httpx.URL(address)
                async with _asked(url) as answer:
                    if answer.has_redirect_location:
                        address = str(url.join(answer.headers["location"]))
                        continue
                    if answer.status_code != 200:
                        raise UserError(f"The file could not be fetched: {url.host} answers {answer.status_code}.")
                    return File(await _body(answer), names.safe_name(PurePosixPath(url.path).name or "file"))
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise UserError("The file could not be fetched; is the address right?") from error
        raise UserError("The file could not be fetched: its address leads to ever other ones.")
    raise UserError(f"The file could not be fetched within {SECONDS:.0f} seconds.")


@asynccontextmanager
async def _asked(url: httpx.URL) -> AsyncIterator[httpx.Response]:
    """Ask the host at the very address that was looked at: names may lead elsewhere the next time."""
    if url.scheme not in ("http", "https") or not url.host or url.userinfo:
        raise UserError(NOT_PUBLIC)
    port = url.port or {"http": 80, "https": 443}[url.scheme]
    found = {entry[4][0] for entry in await anyio.getaddrinfo(url.host, port, type=socket.SOCK_STREAM)}
    if not found or not all(map(is_public, found)):
        raise UserError(NOT_PUBLIC)
    async with httpx.AsyncClient(trust_env=False, timeout=SECONDS) as client:
        request = client.build_request(
            "GET",
            url.copy_with(host=min(found)),
            headers={"Host": url.netloc.decode(), "Accept-Encoding": "identity"},
            extensions={"sni_hostname": url.host},
        )
        answer = await client.send(request, stream=True)
        try:
            yield answer
        finally:
            await answer.aclose()


async def _body(answer: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in answer.aiter_raw():
        body += chunk
        if len(body) > settings.MAX_FILE_BYTES:
            raise UserError(f"The file is larger than {settings.MAX_FILE_BYTES // 2**20} MB; send a smaller one.")
    return bytes(body)


def is_public(text: str) -> bool:
    """Tell whether an IP address is one of the public Internet, and stands for no other."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if address.version == 6 and (address.ipv4_mapped or any(address in network for network in _EMBEDDING)):
        return False
    return address.is_global and not address.is_multicast
