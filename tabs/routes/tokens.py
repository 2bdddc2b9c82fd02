"""The HTTP routes of tokens, by which an owner's scripts use the library: made and removed on the page alone."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from envo.library import Library
from envo.settings import MAX_NAME
from envo.tokens import Token
from tabs.web import http
from tabs.work.wish import Wish


class TokenWish(Wish):
    """A token to make."""

    name: str = Field(max_length=MAX_NAME)
    write: bool = False


def add_routes(api: APIRouter, library: Library, owner: type[str]) -> None:
    """Add all of them to the routes of the app."""

    @api.get("/tokens")
    def tokens(who: owner):
        return {"tokens": [_token(each) for each in library.tokens.all(who)]}

    @api.post("/tokens")
    def make(who: owner, wish: Annotated[TokenWish, http.body(TokenWish)]):
        """A new token; `secret` is what scripts send, and is told this once."""
        token, secret = library.tokens.add(who, wish.name, wish.write)
        return _token(token) | {"secret": secret}

    @api.delete("/tokens/{token_id}", status_code=204)
    def remove(who: owner, token_id: str) -> None:
        library.tokens.remove(who, token_id)


def _token(token: Token) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "write": token.may_write,
        "created": token.created_at,
        "used": token.used_at,
    }
