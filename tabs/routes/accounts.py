"""The HTTP routes of accounts of the library's own: signing up, in and out, and changing the password."""

from collections.abc import Callable
from typing import Annotated, TypeVar

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from pydantic import Field
from starlette.exceptions import HTTPException

from envo.accounts import Account, Accounts, WrongPassword, folded
from envo.settings import MAX_PASSWORD
from tabs.routes.session import Moving
from tabs.web import http
from tabs.web.tries import Tries, address
from tabs.web.visitors import Visitors
from tabs.work.wish import Wish

GUESSES_FROM = 10
"""Wrong passwords from one address within a minute."""
GUESSES_AT = 20
"""Wrong passwords for one name within a quarter of an hour, from wherever they come."""
SIGN_UPS_FROM = 30
"""Accounts made, or tried to be, from one address within an hour: it tells which names there are."""
HASHED_AT_A_TIME = 2
"""Passwords that are looked at at a time; each takes 64 MB."""
MOST_SENT = 4 * MAX_PASSWORD
"""Characters of what is sent as a name or a password; what is shorter and still too long is told what may be."""
T = TypeVar("T")


class SignWish(Wish):
    """Who somebody says to be."""

    name: str = Field(max_length=MOST_SENT)
    password: str = Field(max_length=MOST_SENT, repr=False)


class PasswordWish(Wish):
    """Another password in the place of that of now."""

    password: str = Field(max_length=MOST_SENT, repr=False)
    fresh: str = Field(max_length=MOST_SENT, repr=False)


class Guesses:
    """Has passwords looked at, few at a time, and no more of them once too many were wrong."""

    def __init__(self) -> None:
        """Begin with no guesses."""
        self.line = anyio.CapacityLimiter(HASHED_AT_A_TIME)
        self._from_address, self._at_name = Tries(GUESSES_FROM, 60), Tries(GUESSES_AT, 15 * 60)

    async def looked_at(self, request: Request, name: str, look: Callable[[], T]) -> T:
        """Look at a password for a name. Raises TooMany, and what `look` raises."""
        counted = [(self._from_address, address(request)), (self._at_name, folded(name))]
        for tries, key in counted:
            tries.begin(key)
        try:
            return await run_sync(look, limiter=self.line)
        except WrongPassword:
            counted = []
            raise
        finally:
            for tries, key in counted:
                tries.succeeded(key)


def add_routes(api: APIRouter, accounts: Accounts, guesses: Guesses, moving: Moving, visitors: Visitors) -> None:
    """Add all of them to the routes of the app."""
    sign_ups = Tries(SIGN_UPS_FROM, 3600)

    async def come(request: Request, response: Response, token: str) -> dict[str, str]:
        """Answer with a session to somebody who takes along what they had as a visitor."""
        if account := await run_sync(accounts.of, token):
            await moving.take_along(request, response, account.owner)
        return await begin(request, response, token)

    async def begin(request: Request, response: Response, token: str) -> dict[str, str]:
        """Answer with a session; one that the browser had before ends, so that nobody else knows it."""
        account = await run_sync(accounts.of, token)
        if account is None:
            raise WrongPassword  # it was reset in this moment
        for former in visitors.tokens(request).values():
            await run_sync(accounts.sign_out, former)
        for cookie in visitors.session_cookies(request, token):
            response.headers.append("set-cookie", cookie)
        return {"account": account.name}

    async def known(request: Request) -> Account:
        account = await visitors.signed_in(request)
        if account is None:
            raise HTTPException(401, "You are not signed in any more; please sign in first.")
        return account

    @api.post("/account/sign-up")
    async def sign_up(request: Request, response: Response, wish: Annotated[SignWish, http.body(SignWish)]):
        """Make an account, which takes what the visitor has along."""
        sign_ups.begin(address(request))
        token = await run_sync(accounts.add, wish.name, wish.password, limiter=guesses.line)
        return await come(request, response, token)

    @api.post("/account/sign-in")
    async def sign_in(request: Request, response: Response, wish: Annotated[SignWish, http.body(SignWish)]):
        """Begin a session of an account, which takes what the visitor has along."""
        token = await guesses.looked_at(request, wish.name, lambda: accounts.sign_in(wish.name, wish.password))
        return await come(request, response, token)

    @api.post("/account/sign-out", status_code=204)
    async def sign_out(request: Request, response: Response) -> None:
        for token in visitors.tokens(request).values():
            await run_sync(accounts.sign_out, token)
        for cookie in visitors.session_cookies(request, None):
            response.headers.append("set-cookie", cookie)

    @api.post("/account/password")
    async def change(request: Request, response: Response, wish: Annotated[PasswordWish, http.body(PasswordWish)]):
        """Change the password; other browsers are signed out."""
        account = await known(request)
        token = await guesses.looked_at(
            request, account.name, lambda: accounts.change(account.owner, wish.password, wish.fresh)
        )
        return await begin(request, response, token)
