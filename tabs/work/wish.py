"""What a page or a program asks for, as JSON: read, or refused in a sentence."""

from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from envo.errors import UserError


class Wish(BaseModel):
    """What a request says that it wants.

    A field that it has not is a fault: what a page asks for is done, or refused, never passed over.
    """

    model_config = ConfigDict(allow_inf_nan=False, extra="forbid", frozen=True)


AnyWish = TypeVar("AnyWish", bound=Wish)


def parsed(kind: type[AnyWish], data: bytes) -> AnyWish:
    """Read JSON. Raises UserError for what is no `kind`."""
    try:
        return kind.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise UserError(not_understood(first["loc"], first["msg"])) from None


def not_understood(where: Sequence[str | int], why: str) -> str:
    """Say what of a request is not understood. where: the names on the way to it."""
    place = ".".join(str(part) for part in where) or "body"
    return f"Envo does not understand this request ({place}: {why})."
