"""What `docker compose up` starts: parts that know each other by their right names, by variables that the app knows."""

import re
from pathlib import PurePosixPath

import pytest
import yaml

from envo import dialects
from tests.conftest import ROOT

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
APPS = {name: service for name, service in SERVICES.items() if service["image"] == "envo"}
CADDYFILE, DOCKERFILE, DOC, RUNNING = (
    (ROOT / name).read_text() for name in ("Caddyfile", "Dockerfile", "docs/deployment.md", "docs/running.md")
)
OF_AWS = {"AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"}
OF_OTHERS = {*OF_AWS, "FORWARDED_ALLOW_IPS"}
"""Variables that libraries read which the app uses, and not the app itself."""


def mounted(service: dict) -> dict[str, str]:
    """What lies where in a container: names of volumes, or paths, by the paths there."""
    return {each.split(":")[1]: each.split(":")[0] for each in service.get("volumes", ())}


def test_two_replicas_share_the_library_and_each_has_a_home_of_its_own():
    assert len(APPS) == 2
    one, other = APPS.values()
    assert one["environment"] == other["environment"]
    told = one["environment"]
    dialects.dialect(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", told["ENVO_DATABASE_URL"]))
    assert "@database/" in told["ENVO_DATABASE_URL"] and "storage:" in told["AWS_ENDPOINT_URL"]
    assert told["ENVO_STORAGE"].startswith("s3://envo/") and "here/envo" in SERVICES["bucket"]["command"][0]
    home = re.search(r"ENVO_HOME=(\S+)", DOCKERFILE)[1]
    cache = re.search(r"ENVO_CACHE=(\S+)", DOCKERFILE)[1]
    assert mounted(one)[home] != mounted(other)[home] and mounted(one)[cache] == mounted(other)[cache]
    assert re.search(rf"^VOLUME {home} {cache}$", DOCKERFILE, re.M)


@pytest.mark.parametrize("name", [*APPS, "proxy"])
def test_each_variable_is_one_that_is_known(name):
    code = " ".join(path.read_text() for path in (ROOT / "app.py", *ROOT.glob("envo/*.py"), *ROOT.glob("models/*.py")))
    read = re.findall(r"\{\$(\w+):" if name == "proxy" else r'(?:environ|_is_on)\W+(?:get\W+)?(\w+)"', CADDYFILE + code)
    assert set(SERVICES[name]["environment"]) - OF_OTHERS <= set(read)
    for variable in re.findall(r"\$\{(\w+)", str(SERVICES)):
        assert f"`{variable}`" in DOC or f"`{variable}`" in RUNNING, f"{variable} is told nowhere"


def test_the_proxy_finds_the_replicas_and_is_all_that_is_reached_from_outside():
    port = re.search(r"GRADIO_SERVER_PORT=(\d+)", DOCKERFILE)[1]
    assert re.search(r"\{\$ENVO_REPLICAS:([^}]*)\}", CADDYFILE)[1].split() == [f"{name}:{port}" for name in APPS]
    assert mounted(SERVICES["proxy"])["/etc/caddy/Caddyfile"] == "./Caddyfile"
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    of_whom = {name: set(service["networks"]) for name, service in SERVICES.items()}
    assert all("inside" in of_whom[name] and "outside" in of_whom[name] for name in APPS)
    assert of_whom["proxy"] == {"outside"}
    assert all(of_whom[name] == {"inside"} for name in ("database", "storage", "bucket"))


def test_who_waits_for_another_waits_until_it_can_do_its_work():
    assert "/readyz" in re.search(r"^HEALTHCHECK .*\n.*", DOCKERFILE, re.M)[0]
    for name, service in SERVICES.items():
        for other, how in service.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert other in APPS or "healthcheck" in SERVICES[other], (name, other)
            else:
                assert how["condition"] == "service_completed_successfully" and "restart" not in SERVICES[other]


def test_what_is_kept_lies_in_volumes_and_the_image_has_all_that_the_app_needs():
    for service in SERVICES.values():
        for where, what in mounted(service).items():
            assert PurePosixPath(where).is_absolute()
            assert what in COMPOSE["volumes"] or (ROOT / what).is_file(), what
    assert {what for each in SERVICES.values() for what in mounted(each).values()} >= set(COMPOSE["volumes"])
    ignored = {line.strip("/") for line in (ROOT / ".dockerignore").read_text().split()}
    assert not ignored & {"app.py", "envo", "models", "tabs", "static", "examples", "docs", "README.md"}
    copied = re.findall(r"^COPY (.+) \.", DOCKERFILE, re.M)
    assert copied[-1] == "."
    assert all(list(ROOT.glob(each)) for line in copied[:-1] for each in line.split())
