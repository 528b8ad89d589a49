"""Does with Dockerfile and compose.yaml what Docker would, on a machine that has none: builds, and runs what is ours.

Each step of the Dockerfile is done as it stands there, on a folder that holds what its base image holds: a Debian made
by debootstrap, with the same Python below /usr/local. Then `upgrade`, `app` and `worker` run as compose.yaml says: as
the user of the image, on a root that can't be written, without capabilities, with a PostgreSQL of this machine's.

As root, from the checkout: `unshare --mount --net --pid --fork --kill-child .venv/bin/python deploy/try/image.py BASE
SCRATCH`, with what pip would fetch in the folder that PIP_FIND_LINKS names. Nothing outside SCRATCH is changed.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
POSTGRESQL = Path("/usr/lib/postgresql/15/bin")
FILLED_IN = {
    "ESTIMATOR_HOST": "estimate.clinic.example",
    "ESTIMATOR_TIME_ZONE": "America/Los_Angeles",
    "DATABASE_PASSWORD": "four-blue-herons",
    "ESTIMATOR_METRICS_TOKEN": "a-token-of-this-trial",
}
PATIENCE = 120
WHEELS = "/wheels"


def run(*command: str | Path, **more: Any) -> str:
    """Run a command to its end, and return what it printed; it has to succeed."""
    ran = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, text=True, check=True, **more)
    return ran.stdout.strip()


def instructions() -> Iterator[tuple[str, str]]:
    """Yield each instruction of the Dockerfile with what follows it."""
    text = re.sub(r"^#.*\n", "", (ROOT / "deploy" / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip():
            name, _, rest = line.strip().partition(" ")
            yield name, rest.strip()


class Image:
    """A stage while it is built: its root, where it works, and what it says of how it is run."""

    def __init__(self, base: Path, folder: Path) -> None:
        self.root, self.at, self.user, self.command = folder / "root", "/", "0", [""]
        self.health = ""
        self.environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        for name in ("root", "upper", "work"):
            (folder / name).mkdir(parents=True)
        layers = f"lowerdir={base},upperdir={folder / 'upper'},workdir={folder / 'work'}"
        run("mount", "-t", "overlay", "overlay", "-o", layers, self.root)
        run("mount", "-t", "proc", "proc", self.root / "proc")
        run("mount", "--rbind", "/dev", self.root / "dev")

    def build(self, name: str, said: str, context: Path, stages: Mapping[str, "Image"]) -> None:
        """Do one instruction."""
        match name:
            case "WORKDIR":
                self.at = said
                (self.root / said.lstrip("/")).mkdir(parents=True, exist_ok=True)
            case "COPY":
                self._copy(said.split(), context, stages)
            case "RUN":
                given = {**self.environment, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": WHEELS}
                run("chroot", self.root, "sh", "-ec", f"cd {self.at}; {said}", env=given)
            case "ENV":
                for word in shlex.split(said):
                    key, _, value = word.partition("=")
                    self.environment[key] = value.replace("$PATH", self.environment["PATH"])
            case "USER":
                self.user = said
            case "HEALTHCHECK":
                self.health = said.partition("CMD ")[2]
            case "CMD":
                self.command = json.loads(said)
            case "EXPOSE":
                pass
            case _:
                raise ValueError(name)

    def _copy(self, words: list[str], context: Path, stages: Mapping[str, "Image"]) -> None:
        source = context
        if words[0].startswith("--from="):
            source = stages[words.pop(0).removeprefix("--from=")].root
        what, where = words
        target = self.root / Path(self.at, where).as_posix().lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        path = source / what.lstrip("/")
        run("cp", "-a", "-T", path, target)

    def running(self, service: Mapping[str, Any], command: list[str]) -> list[str]:
        """Return the command that runs one in a container of a service: closed as the service asks."""
        inside, said = str(self.root), [f"mount --bind {self.root} {self.root}"]
        if service.get("read_only"):
            said.append(f"mount -o remount,bind,ro {inside}")
        for each in service.get("tmpfs", ()):
            path, _, options = each.partition(":")
            said.append(f"mount -t tmpfs -o mode=1777,{options or 'rw'} tmpfs {inside}{path}")
        said += [f"mount -t proc proc {inside}/proc", f"cd {inside}"]
        given = [f"{key}={value}" for key, value in {**self.environment, **environment_of(service)}.items()]
        users = (self.root / "etc" / "passwd").read_text("utf-8").splitlines()
        group = next(line.split(":")[3] for line in users if line.split(":")[2] == self.user)
        drop = ["setpriv", f"--reuid={self.user}", f"--regid={group}", "--clear-groups"]
        drop += ["--bounding-set=-all", "--inh-caps=-all"] if service.get("cap_drop") == ["ALL"] else []
        drop += ["--no-new-privs"] if "no-new-privileges:true" in service.get("security_opt", ()) else []
        words = ["chroot", inside, *drop, "env", "-i", *given, *command]
        return ["unshare", "--mount", "sh", "-ec", " && ".join([*said, 'exec "$@"']), "sh", *words]


def environment_of(service: Mapping[str, Any]) -> dict[str, str]:
    """Return the environment of a service, with what .env says filled in."""

    def filled(found: re.Match[str]) -> str:
        return FILLED_IN.get(found[1], found[2] or "")

    said = service.get("environment", {})
    return {key: re.sub(r"\$\{(\w+)(?::[?-]([^}]*))?\}", filled, value) for key, value in said.items()}


def built(base: Path, scratch: Path) -> Image:
    """Build every stage, and return the last."""
    context = scratch / "context"
    context.mkdir()
    ignored = (ROOT / "deploy" / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    # All but what the file lets in.
    named = [line[1:] for line in ignored if line.startswith("!")]
    archive = subprocess.run(["git", "archive", "HEAD", "--", *named], cwd=ROOT, capture_output=True, check=True)
    subprocess.run(["tar", "-x", "-C", context], input=archive.stdout, check=True)
    stages: dict[str, Image] = {}
    for name, said in instructions():
        if name == "FROM":
            stage = said.partition(" AS ")[2] or "last"
            stages[stage] = image = Image(base, scratch / stage)
            (image.root / WHEELS.lstrip("/")).mkdir()
            run("mount", "--bind", os.environ["PIP_FIND_LINKS"], f"{image.root}{WHEELS}")
        else:
            image.build(name, said, context, stages)
    run("umount", f"{image.root}{WHEELS}")
    (image.root / "etc" / "hosts").write_text("127.0.0.1 localhost database app\n", "utf-8")
    return image


def database(folder: Path) -> None:
    """Start a PostgreSQL as compose.yaml describes it."""
    folder.mkdir()
    run("chown", "postgres", folder)
    as_postgres = ["runuser", "-u", "postgres", "--"]
    run(*as_postgres, POSTGRESQL / "initdb", "-D", folder / "data", "--auth-host=scram-sha-256", "-E", "UTF8")
    options = f"-c listen_addresses=127.0.0.1 -k {folder}"
    run(*as_postgres, POSTGRESQL / "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log", "-o", options, "start")
    words = f"CREATE ROLE estimator LOGIN PASSWORD '{FILLED_IN['DATABASE_PASSWORD']}'"
    run(*as_postgres, "psql", "-h", folder, "-c", words, "-c", "CREATE DATABASE estimator OWNER estimator")


def tried(image: Image, services: Mapping[str, Any], scratch: Path) -> None:
    """Run what compose.yaml runs, in its order, and look at each promise."""

    def within(*command: str, service: str = "app") -> list[str]:
        return image.running(services[service], list(command))

    def is_well() -> bool:
        return subprocess.run(within(*json.loads(image.health)), capture_output=True).returncode == 0

    def says(path: str) -> str:
        """Return what an address answers to who has the token; nothing where it isn't 200."""
        token = f"Authorization: Bearer {FILLED_IN['ESTIMATOR_METRICS_TOKEN']}"
        ran = subprocess.run(
            ["curl", "-s", "-f", "-m", "5", "-H", "Host: localhost", "-H", token, f"http://127.0.0.1:8000{path}"],
            capture_output=True,
        )
        return ran.stdout.decode()

    def expect(what: str, *, is_so: bool) -> None:
        sys.stdout.write(f"   {what}: {'as it should be' if is_so else 'NOT SO'}\n")
        sys.stdout.flush()
        if not is_so:
            sys.stdout.write((scratch / "app.log").read_text("utf-8")[-3000:])
            sys.exit(1)

    (scratch / "app.log").touch()
    expect("no page yet, and the health check says so", is_so=not is_well())
    run(*within(*services["upgrade"]["command"], service="upgrade"))
    log = (scratch / "app.log").open("ab")
    app = subprocess.Popen(within(*image.command), stdout=log, stderr=log)
    worker = subprocess.Popen(within(*services["worker"]["command"], service="worker"), stdout=log, stderr=log)
    last = time.monotonic() + PATIENCE
    while not says("/readyz") and time.monotonic() < last:
        time.sleep(1)
    expect("tables made; pages and worker are ready", is_so=bool(says("/readyz")))
    expect("the health check says that the pages live", is_so=is_well())
    expect("figures are given to who has the token", is_so="estimator_worker_age_seconds" in says("/metrics"))
    statuses = [(Path("/proc") / each / "status").read_text("utf-8") for each in ours(str(app.pid))]
    told = {tuple(re.findall(r"^(?:Uid|CapEff|CapBnd|NoNewPrivs):\s*(\S+)", said, re.MULTILINE)) for said in statuses}
    expect("two processes answer, below one that starts them", is_so=len(statuses) == 3)
    expect(f"as {told}", is_so=told == {(image.user, "0" * 16, "0" * 16, "1")})
    closed = "for at in / /etc /opt/estimator /home /var/tmp; do ! touch $at/x 2>/dev/null || exit 1; done"
    opened = "for at in /tmp /run/estimator; do touch $at/x || exit 1; done"
    expect(
        "nothing but /tmp and /run/estimator can be written",
        is_so=subprocess.run(within("sh", "-c", f"{closed}; {opened}")).returncode == 0,
    )
    run(*within("estimator", "accounts", "add", "ana", "--role", "admin", "--password-stdin"), input="four blue herons")
    readme = (ROOT / "deploy" / "README.md").read_text("utf-8")
    [backup] = re.findall(r"exec -T app sh -c '([^']+)' > backup.gz", readme)
    made = subprocess.run(within("sh", "-c", backup), capture_output=True)
    expect(f"a backup of {len(made.stdout):,} bytes", is_so=made.stdout[:2] == b"\x1f\x8b" and made.returncode == 0)
    app.terminate()
    app.wait(30)
    expect("the pages end when they are told to, and the health check says so", is_so=not is_well())
    worker.terminate()
    expect("the worker ends when it is told to", is_so=worker.wait(30) is not None)


def ours(pid: str) -> list[str]:
    """Return a process and all below it."""
    below = subprocess.run(["pgrep", "-P", pid], capture_output=True, text=True).stdout.split()
    return [pid, *(each for child in below for each in ours(child))]


def main(base: Path, scratch: Path) -> None:
    """Build the image and try it."""
    run("mount", "--make-rprivate", "/")
    run("mount", "-t", "proc", "proc", "/proc")
    run("ip", "link", "set", "lo", "up")
    scratch.mkdir()
    image = built(base, scratch)
    size = run("du", "-sm", scratch / "last" / "upper").split()[0]
    sys.stdout.write(f"   built: {size} MB above the base image, health check {image.health}\n")
    database(scratch / "database")
    services = YAML(typ="safe").load((ROOT / "deploy" / "compose.yaml").read_text("utf-8"))["services"]
    tried(image, services, scratch)
    run("runuser", "-u", "postgres", "--", POSTGRESQL / "pg_ctl", "-D", scratch / "database" / "data", "stop")
    sys.stdout.write("The image holds: built, closed, healthy, backed up.\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
