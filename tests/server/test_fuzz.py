"""Requests that a program makes up from what each route says that it takes: none fails, tells too much or strays."""

import contextlib
import inspect
import json
import re
import threading
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, configuration, given, seed
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from starlette.testclient import TestClient

from envo import accounts, settings
from models import inpaint, restore, select
from models.inpaint.frame import Frame
from tabs.work.service import CAPABILITIES
from tabs.work.tagging import Tagger
from tests.conftest import ROOT
from tests.server import routes_only
from tests.server.test_every_route import LAST, bring, everything, listed, named
from tests.server.test_restorations import Invert, Inverter
from tests.server.test_results import Painter
from tests.server.test_selections import Discs

FEW, MANY = 4, 500
"""Requests for each route."""
PARTS = 8
"""Of the routes, that are asked many times by tests of their own, which run side by side."""
PARAMETERS = re.compile(r"\{(\w+)\}")
READ_AS_IT_IS = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


class Grey(inpaint.EraseEngine):
    name, label, frame = "grey", "Grey", Frame(edge=64)

    def available(self) -> bool:
        return True

    def _fill(self, image, hole, report):
        return np.full_like(image, 128)


@pytest.fixture(autouse=True)
def quick(monkeypatch, put_alone) -> None:
    """Nobody waits for news, for passwords or for networks: it is not these that are tried."""
    painter = Painter()
    painter.go = threading.Semaphore(10**9)
    monkeypatch.setenv("ENVO_AUTH", "accounts")
    monkeypatch.setitem(accounts._COST, "time_cost", 1)
    monkeypatch.setitem(accounts._COST, "memory_cost", 64)
    monkeypatch.setattr(settings, "NEWS_SECONDS", 0.01)
    monkeypatch.setattr(Tagger, "wake", lambda self: None)
    monkeypatch.setattr(Invert, "invented", np.full((30, 40), 140, np.uint8))
    put_alone(restore.STEPS, invert=Invert([Inverter()]), straighten=restore.STEPS["straighten"])
    put_alone(inpaint.ERASE, grey=Grey())
    put_alone(inpaint.REPLACE, painter=painter)
    put_alone(select.ENGINES, quick=Discs("quick"))
    monkeypatch.setattr(select, "auto", lambda: select.ENGINES["quick"])


def schema(app) -> dict[str, Any]:
    """The app's OpenAPI document, with the bodies that its routes read by themselves."""
    told = app.openapi()
    for capability in CAPABILITIES.values():
        told["components"]["schemas"].update(capability.definitions)
    for route in app.routes:
        for dependency in getattr(getattr(route, "dependant", None), "dependencies", ()):
            if kind := inspect.getclosurevars(dependency.call).nonlocals.get("kind"):
                body = kind.model_json_schema(ref_template="#/components/schemas/{model}")
                told.setdefault("components", {}).setdefault("schemas", {}).update(body.pop("$defs", {}))
                content = {"application/json": {"schema": body}}
                break
        else:
            # Those that take a file say no more than that they look at the request.
            takes = "POST" in getattr(route, "methods", ()) and getattr(route, "dependant", None)
            if not takes or not route.dependant.request_param_name:
                continue
            content = READ_AS_IT_IS
        for method in route.methods if "/api/" not in route.path else ():
            told["paths"][route.path][method.lower()]["requestBody"] = {"content": content, "required": True}
    return told


def files(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


def as_text(value: Any) -> bytes | str:
    return value if isinstance(value, bytes | str) else json.dumps(value)


def faults(client: TestClient, operation: schemathesis.APIOperation, ids: dict[str, str], count: int) -> list[str]:
    """Ask for what a route says that it takes, and for what it does not; gives what should not have been answered."""
    known = operation.as_strategy(path_parameters={name: ids[name] for name in PARAMETERS.findall(operation.path)})
    ways, told, key = [known, known, operation.as_strategy()], [], routes_only.key(client)
    if not operation.path.startswith(("/healthz", "/readyz")):
        ways.append(operation.as_strategy(GenerationMode.NEGATIVE))

    @seed(1)
    @hypothesis_settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.one_of(ways))
    def ask(case: schemathesis.Case) -> None:
        asked = case.as_transport_kwargs(base_url="http://testserver")
        asked.pop("cookies", None)
        if fields := asked.get("files"):  # a form, in which all is text
            asked["files"] = [(name, (file, as_text(value), *more)) for name, (file, value, *more) in fields]
        with contextlib.suppress(UnicodeEncodeError, httpx.InvalidURL):  # no program can send it
            answer = client.request(**asked)
            is_wrong = answer.status_code >= 500 and answer.status_code != 503
            if is_wrong or any(mark in answer.text for mark in ("Traceback", ids["stranger"], key)):
                told.append(ascii(f"{operation.label}: {answer.status_code} {answer.text[:200]} for {asked}"[:900]))

    ask()
    return told


@pytest.mark.parametrize(
    ("count", "part"),
    [
        (FEW, slice(None)),
        *(
            pytest.param(MANY, slice(first, None, PARTS), marks=[pytest.mark.hours, pytest.mark.timeout(3600)])
            for first in range(PARTS)
        ),
    ],
)
def test_what_a_program_makes_up_is_answered_and_nothing_else(client, tmp_path, tmp_path_factory, caplog, count, part):
    configuration.set_hypothesis_home_dir(tmp_path_factory.mktemp("hypothesis"))  # what it keeps strays, too
    ids = everything(client)
    stranger = TestClient(client.app)
    stranger.get("/")
    ids["stranger"] = bring(stranger, 77)
    beside = files(ROOT)
    known = schemathesis.openapi.from_dict(schema(client.app)).get_all_operations()
    operations = {f"{each.ok().method.upper()} {each.ok().path}": each.ok() for each in known}
    with TestClient(client.app, raise_server_exceptions=False, cookies=client.cookies) as program:
        for route in [each for each in listed(client) if each not in LAST][part]:
            asked = operations[route]
            assert not (told := faults(program, asked, named(asked.path, ids), count)), "\n".join(told[:9])
    assert not [each for each in caplog.records if each.exc_info]
    assert files(tmp_path) <= {"home", "cache"} and files(ROOT) == beside
    assert len(stranger.get("/envo/photos").json()["photos"]) == 1
