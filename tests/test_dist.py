"""What `make dist` builds is what the registry and the bundles' clients take, and it runs."""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import anyio
import jsonschema
import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from sugeup import registry
from sugeup.settings import Settings, key_fields
from tests.support.bundles import MANIFEST, SERVER
from tests.support.required import unavailable

ROOT = Path(__file__).parents[1]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
WHEEL = f"sugeup-{VERSION}-py3-none-any.whl"


@pytest.fixture(scope="module")
def script() -> Iterator[ModuleType]:
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        yield importlib.import_module("build_dist")
    finally:
        sys.path.remove(str(ROOT / "scripts"))


@pytest.fixture(scope="module")
def stand_in(script: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle around a file that has the wheel's name and nothing of its content."""
    folder = tmp_path_factory.mktemp("bundle")
    (folder / WHEEL).write_bytes(b"a wheel")
    made: Path = script.bundle(folder / WHEEL, folder)
    return made


def manifest(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as packed:
        found: dict[str, Any] = json.loads(packed.read("manifest.json"))
    return found


def test_the_entry_of_the_registry_is_as_its_schema_has_it(script: ModuleType, stand_in: Path) -> None:
    for given in ((), ("io.github.someone", stand_in, "https://files.example/v1/")):
        entry = script.server(*given)
        jsonschema.validate(entry, SERVER)
        assert {VERSION} == {entry["version"], *(one["version"] for one in entry["packages"])}
    assert ["pypi", "mcpb"] == [one["registryType"] for one in entry["packages"]]
    assert hashlib.sha256(stand_in.read_bytes()).hexdigest() == entry["packages"][1]["fileSha256"]
    assert f"https://files.example/v1/sugeup-{VERSION}.mcpb" == entry["packages"][1]["identifier"]


def test_the_manifest_is_as_its_specification_has_it(stand_in: Path) -> None:
    found = manifest(stand_in)
    jsonschema.validate(found, MANIFEST)
    assert VERSION == found["version"]
    assert {case.tool for case in registry.usecases().values() if case.tool} == {one["name"] for one in found["tools"]}


def test_every_key_is_a_secret_in_both(script: ModuleType, stand_in: Path) -> None:
    fields = manifest(stand_in)["user_config"]
    asked = {name for name, field in fields.items() if field.get("sensitive")}
    assert set(key_fields()) - {"krx_id", "krx_pw"} == asked
    variables = script.server()["packages"][0]["environmentVariables"]
    assert {one["name"] for one in variables if one.get("isSecret")} == {f"SUGEUP_{name.upper()}" for name in asked}


def test_every_field_of_the_form_reaches_a_setting_and_needs_no_answer(stand_in: Path) -> None:
    found = manifest(stand_in)
    environment = found["server"]["mcp_config"]["env"]
    for name, field in found["user_config"].items():
        assert name in Settings.model_fields and not field["required"] and "default" in field
        assert f"${{user_config.{name}}}" == environment[f"SUGEUP_{name.upper()}"]


def test_all_that_the_manifest_names_lies_in_the_bundle(stand_in: Path) -> None:
    with zipfile.ZipFile(stand_in) as packed:
        names = set(packed.namelist())
    about = manifest(stand_in)["server"]
    named = re.findall(r"\$\{__dirname\}/(\S+)", " ".join(about["mcp_config"]["args"]))
    assert about["entry_point"] in names and {f"server/{WHEEL}", about["entry_point"]} == set(named) <= names


def test_the_same_wheel_gives_the_same_bundle(script: ModuleType, stand_in: Path, tmp_path: Path) -> None:
    (tmp_path / WHEEL).write_bytes(b"a wheel")
    assert stand_in.read_bytes() == script.bundle(tmp_path / WHEEL, tmp_path).read_bytes()


def test_no_file_names_a_host_but_that_of_its_schema(script: ModuleType, stand_in: Path) -> None:
    told = json.dumps([script.server() | {"$schema": ""}, manifest(stand_in)])
    assert [] == re.findall(r"https?://[^\"\s]+", told)


@pytest.mark.slow
def test_what_starts_the_bundle_answers_from_the_sample_although_nothing_was_set_up(
    stand_in: Path, tmp_path: Path
) -> None:
    """The form was left empty, and the data folder is new."""
    with zipfile.ZipFile(stand_in) as packed:
        packed.extract("server/main.py", tmp_path)
    about = manifest(stand_in)
    written = about["server"]["mcp_config"]["env"]
    filled = {"SUGEUP_LAKE": "demo", "SUGEUP_DATA_DIR": str(tmp_path / "data"), "SUGEUP_KIS_APP_KEY": ""}
    command = StdioServerParameters(
        command=sys.executable, args=[str(tmp_path / "server" / "main.py")], env={**os.environ, **written, **filled}
    )

    async def call() -> Any:
        async with Client(stdio_client(command)) as client:
            named = {tool.name for tool in (await client.list_tools()).tools}
            assert {one["name"] for one in about["tools"]} == named
            return await client.call_tool("get_investor_trading", {"stock_code": "005930", "session": "2026-02-13"})

    assert -4_715_928 == anyio.run(call).structured_content["investor_data"]["foreign"]["net_volume"]


@pytest.mark.slow
def test_everything_is_built_and_holds_the_package(script: ModuleType, tmp_path: Path) -> None:
    if script.builder() is None:
        unavailable("hatchling or uv is needed to build a wheel")
    command = [sys.executable, "scripts/build_dist.py", "--out", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert 0 == done.returncode, done.stderr
    assert {WHEEL, f"sugeup-{VERSION}.tar.gz", f"sugeup-{VERSION}.mcpb", "server.json"} <= {
        path.name for path in tmp_path.iterdir()
    }
    with zipfile.ZipFile(tmp_path / WHEEL) as wheel:
        names = wheel.namelist()
    shipped = {path.relative_to(ROOT / "src").as_posix() for path in (ROOT / "src" / "sugeup").rglob("*.py")}
    assert shipped <= set(names) and "sugeup/faces/index.json" in names
    with tarfile.open(tmp_path / f"sugeup-{VERSION}.tar.gz") as source:
        assert f"sugeup-{VERSION}/pyproject.toml" in source.getnames()
    with zipfile.ZipFile(tmp_path / f"sugeup-{VERSION}.mcpb") as packed:
        assert (tmp_path / WHEEL).read_bytes() == packed.read(f"server/{WHEEL}")


@pytest.mark.slow
@pytest.mark.parametrize("wrong", [["--namespace", "io.github/x"], ["--download", "http://files.example"]])
def test_a_name_or_address_that_nobody_could_use_is_refused(tmp_path: Path, wrong: list[str]) -> None:
    command = [sys.executable, "scripts/build_dist.py", "--out", str(tmp_path), *wrong]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert 2 == done.returncode and wrong[1] in done.stderr and [] == list(tmp_path.iterdir())
