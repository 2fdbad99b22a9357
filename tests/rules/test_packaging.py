"""What `pip install` gives: one command that works in any folder, with pages, theme and sample inside."""

import os
import re
import socket
import subprocess
import sys
import sysconfig
import time
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from streamlit import config

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ("core", "pages", "data", ".streamlit")

pytestmark = pytest.mark.timeout(240)


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built with the hatchling of this environment, so without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check")
    built = run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT, cwd=folder)
    assert built.returncode == 0, built.stderr
    return next(folder.glob("passfail-*.whl"))


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`passfail` in an environment of its own that borrows only the libraries of this one."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder)
    python = folder / "bin" / "python"
    own = next(folder.glob("lib/python3.*/site-packages"))
    # Lines of a .pth file are plain folders: the .pth of an editable install in there is not followed.
    (own / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python)
    installed = run(*pip, "install", "--no-deps", "--no-index", wheel, cwd=folder)
    assert installed.returncode == 0, installed.stderr
    return folder / "bin" / "passfail"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def demo(command: Path, tmp_path: Path) -> Iterator[int]:
    """The port of `passfail serve --demo`, started in an empty folder."""
    port = free_port()
    log = tmp_path / "server.log"
    environment = {**os.environ, "PASSFAIL_DB": str(tmp_path / "demo.duckdb")}
    with log.open("wb") as output:
        server = subprocess.Popen(
            [command, "serve", "--demo", "--no-browser", "--port", str(port)],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        deadline = time.monotonic() + 60
        while not is_healthy(port):
            assert server.poll() is None, log.read_text("utf-8")
            assert time.monotonic() < deadline, log.read_text("utf-8")
            time.sleep(0.2)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=30)


def is_healthy(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5) as answer:
            return answer.status == 200
    except (URLError, ConnectionError, TimeoutError):
        return False


def test_the_wheel_holds_the_application_and_nothing_else(wheel: Path) -> None:
    expected = {"passfail/__init__.py", "passfail/app.py", "passfail/serve.py"} | {
        f"passfail/{path.relative_to(ROOT).as_posix()}"
        for folder in SHIPPED
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == expected
    assert not [name for name in held if ".duckdb" in name or name.endswith("secrets.toml")]


def test_the_command_helps_from_any_folder(command: Path, tmp_path: Path) -> None:
    helped = run(command, "--help", cwd=tmp_path)
    assert helped.returncode == 0, helped.stderr
    assert "serve" in helped.stdout
    assert list(tmp_path.iterdir()) == []


def test_the_demo_serves_its_page(demo: int) -> None:
    with urlopen(f"http://127.0.0.1:{demo}/", timeout=10) as page:
        assert b"<html" in page.read()


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads the sockets of Linux")
def test_the_demo_can_be_reached_from_this_machine_only(demo: int) -> None:
    listening = {
        fields[1].split(":")[0]
        for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
        if table.exists()
        for fields in (line.split() for line in table.read_text("ascii").splitlines()[1:])
        if fields[3] == "0A" and int(fields[1].split(":")[1], 16) == demo
    }
    assert listening == {"0100007F"}, "127.0.0.1, as the kernel writes it"


def test_every_streamlit_option_we_set_exists() -> None:
    with (ROOT / ".streamlit" / "config.toml").open("rb") as file:
        sections = tomllib.load(file)
    names = [
        f"{section}.{key}.{inner}" if isinstance(value, dict) else f"{section}.{key}"
        for section, options in sections.items()
        for key, value in options.items()
        for inner in (value if isinstance(value, dict) else [""])
    ]
    for name in names:
        config.get_option(name)  # raises when there is no such option


def test_the_constraints_name_versions_and_no_places() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    strange = [line for line in lines if not re.fullmatch(r"#.*|[\w.-]+==[\w.]+", line)]
    assert strange == []


def test_every_dependency_has_its_tested_version() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    tested = (ROOT / "constraints.txt").read_text("utf-8").lower()
    names = [re.split(r"[\[<>=]", wish)[0].lower() for wish in wanted]
    assert [name for name in names if f"\n{name}==" not in tested] == []
