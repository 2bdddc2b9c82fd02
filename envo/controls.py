"""Controls of an action: what can be set, from where to where, as pages show it and Python checks it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from envo.errors import UserError


@dataclass(frozen=True)
class Control:
    """A number that can be set."""

    id: str
    label: str
    about: str
    minimum: float
    maximum: float
    default: float
    step: float = 1
    unit: str = ""
    choices: tuple[str, ...] = ()
    """What its values are called, from the least on, where a number says nothing."""


def described(controls: Sequence[Control]) -> str:
    """Tell in words what can be set, as programs read it."""
    return ", ".join(
        f"{each.id} ({each.minimum:g} to {each.maximum:g}{each.unit and ' ' + each.unit}, {each.default:g})"
        for each in controls
    )


def checked(controls: Sequence[Control], values: Mapping[str, Any]) -> dict[str, float]:
    """Give a value for each control: the one given, else the default. Raises UserError for one out of range."""
    result = {}
    for control in controls:
        value = values.get(control.id, control.default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise UserError(f"{control.label} must be a number.")
        if not control.minimum <= value <= control.maximum:
            raise UserError(f"{control.label} goes from {control.minimum:g} to {control.maximum:g}.")
        result[control.id] = int(value) if isinstance(control.default, int) else float(value)
    return result


def for_page(controls: Sequence[Control]) -> list[dict[str, Any]]:
    """Controls as the browser gets them."""
    return [asdict(control) for control in controls]
