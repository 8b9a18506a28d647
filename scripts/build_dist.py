"""Builds what is given away, into dist/: wheel, sdist, the bundle for MCP clients, the entry for the MCP registry.

    python scripts/build_dist.py                                 NAMESPACE "local": to install by hand
    python scripts/build_dist.py --namespace io.github.OWNER     as an owner of that name publishes it
    python scripts/build_dist.py --download https://…/v1         also name the bundle, as lying in that folder

The version is that of pyproject.toml, settings and tools are those of the code. The same tree gives the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

from sugeup import registry
from sugeup.settings import Settings, key_fields, variable

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"
LOCAL = "local"
SAID = "Who is buying and who is selling on the Korean stock market (투자자별 수급), correct and explained"
_NAMESPACE = re.compile(r"[a-zA-Z0-9.-]+")
_APART = ("krx_id", "krx_pw")
"""Log-in of the exchange's pages: needs an extra that a bundle does not install."""
_LAKE = "Which figures: demo is the bundled sample, real is what you have collected or imported."
_FOLDER = "Folder for all stored data."
_MAIN = '''"""Serves the tools of sugeup over standard input and output; an empty demo lake gets the sample first."""

import os
import sys

for name, value in list(os.environ.items()):
    if value.startswith("${user_config."):  # a field that was left empty, in a client that does not replace it
        del os.environ[name]

from sugeup import settings  # noqa: E402
from sugeup.app import App  # noqa: E402
from sugeup.errors import SugeupError  # noqa: E402
from sugeup.faces.cli import main  # noqa: E402
from sugeup.jobs.sample import FILES, load_sample  # noqa: E402


def prepare() -> None:
    """Load the sample where the last of its files has no rows yet; what cannot be done is told by the first answer."""
    try:
        app = App.open(settings.load())
        if app.archive.name == "demo" and app.archive.read(FILES[-1], columns=["source"]).is_empty():
            load_sample(app.archive)
    except SugeupError as error:
        print(error, file=sys.stderr)


if __name__ == "__main__":
    prepare()
    sys.argv = ["sugeup", "mcp"]
    sys.exit(main())
'''


def project() -> dict[str, Any]:
    """The table [project] of pyproject.toml."""
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return found


def keys() -> dict[str, str]:
    """Settings that hold keys of sources, and what they say of themselves."""
    return {name: str(Settings.model_fields[name].description) for name in key_fields() if name not in _APART}


def server(namespace: str = LOCAL, bundle: Path | None = None, download: str | None = None) -> dict[str, Any]:
    """The entry of the MCP registry (`server.json`).

    `download`: address of the folder in which `bundle` lies for everybody; without it the package alone is named.
    """
    about = project()
    secret = [{"name": variable(one), "description": said, "isSecret": True} for one, said in keys().items()]
    lake = {"name": "SUGEUP_LAKE", "description": _LAKE, "default": "demo", "choices": ["demo", "real"]}
    folder = {"name": "SUGEUP_DATA_DIR", "description": _FOLDER, "format": "filepath"}
    packages: list[dict[str, Any]] = [
        {
            "registryType": "pypi",
            "identifier": about["name"],
            "version": about["version"],
            "runtimeHint": "uvx",
            "transport": {"type": "stdio"},
            "packageArguments": [{"type": "positional", "value": "mcp"}],
            "environmentVariables": [lake, folder, *secret],
        }
    ]
    if bundle is not None and download is not None:
        packages.append(
            {
                "registryType": "mcpb",
                "identifier": f"{download.rstrip('/')}/{bundle.name}",
                "version": about["version"],
                "fileSha256": hashlib.sha256(bundle.read_bytes()).hexdigest(),
                "transport": {"type": "stdio"},
            }
        )
    return {
        "$schema": SCHEMA,
        "name": f"{namespace}/{about['name']}",
        "title": "수급 sugeup",
        "description": SAID,
        "version": about["version"],
        "packages": packages,
    }


def manifest(wheel: str) -> dict[str, Any]:
    """The manifest of the bundle (MCPB 0.3) around a wheel of this name; uv fetches what the wheel needs."""
    about = project()
    fields: dict[str, dict[str, Any]] = {
        "lake": {"type": "string", "title": "Lake (demo or real)", "description": _LAKE, "default": "demo"},
        "data_dir": {"type": "directory", "title": "Data folder", "description": _FOLDER},
    }
    for name, said in keys().items():
        fields[name] = {"type": "string", "title": name.replace("_", " "), "description": said, "sensitive": True}
    given = {"required": False, "default": ""}
    fields = {name: given | field for name, field in fields.items()}
    run = ["run", "--no-project", "--python", about["requires-python"], "--with", f"${{__dirname}}/server/{wheel}"]
    return {
        "manifest_version": "0.3",
        "name": about["name"],
        "display_name": "수급 sugeup",
        "version": about["version"],
        "description": SAID,
        "author": {"name": f"{about['name']} contributors"},
        "license": about["license"],
        "keywords": about["keywords"],
        "server": {
            "type": "python",
            "entry_point": "server/main.py",
            "mcp_config": {
                "command": "uv",
                "args": [*run, "${__dirname}/server/main.py"],
                "env": {variable(name): f"${{user_config.{name}}}" for name in fields},
            },
        },
        "tools": [
            {"name": case.tool, "description": case.summary} for case in registry.usecases().values() if case.tool
        ],
        "prompts_generated": True,
        "compatibility": {
            "platforms": ["darwin", "linux", "win32"],
            "runtimes": {"python": about["requires-python"]},
        },
        "user_config": fields,
    }


def bundle(wheel: Path, folder: Path) -> Path:
    """The bundle around a wheel: manifest, licence, wheel, and what starts it."""
    about = project()
    written = json.dumps(manifest(wheel.name), ensure_ascii=False, indent=2) + "\n"
    content = {
        "manifest.json": written.encode(),
        "LICENSE": (ROOT / "LICENSE").read_bytes(),
        "server/main.py": _MAIN.encode(),
        f"server/{wheel.name}": wheel.read_bytes(),
    }
    path = folder / f"{about['name']}-{about['version']}.mcpb"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, body in content.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr, entry.compress_type = 0o644 << 16, zipfile.ZIP_DEFLATED
            packed.writestr(entry, body)
    return path


def builder() -> list[str] | None:
    """The command that builds wheel and sdist into the folder that follows it; None where there is none."""
    if importlib.util.find_spec("hatchling") is not None:
        return [sys.executable, "-m", "hatchling", "build", "--directory"]
    if importlib.util.find_spec("uv") is not None:
        return [sys.executable, "-m", "uv", "build", "--quiet", "--out-dir"]
    found = shutil.which("uv")
    return [found, "build", "--quiet", "--out-dir"] if found else None


def build(folder: Path, namespace: str = LOCAL, download: str | None = None) -> list[Path]:
    """Build everything; the files, each of which replaces one of an earlier run."""
    command = builder()
    if command is None:
        sys.exit("Neither hatchling nor uv is there; `make setup` installs uv.")
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run([*command, str(folder)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    stem = f"{project()['name']}-{project()['version']}"
    wheel, source = folder / f"{stem}-py3-none-any.whl", folder / f"{stem}.tar.gz"
    packed = bundle(wheel, folder)
    entry = folder / "server.json"
    written = json.dumps(server(namespace, packed, download), ensure_ascii=False, indent=2) + "\n"
    entry.write_text(written, encoding="utf-8")
    return [wheel, source, packed, entry]


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="folder to build into")
    parser.add_argument("--namespace", default=LOCAL, help="name of the owner in the MCP registry: io.github.OWNER")
    parser.add_argument("--download", help="https address of the folder in which the bundle will lie")
    given = parser.parse_args()
    if not _NAMESPACE.fullmatch(given.namespace):
        parser.error(f"--namespace {given.namespace!r}: letters, digits, dots and hyphens")
    if given.download is not None and not given.download.startswith("https://"):
        parser.error(f"--download {given.download!r}: an https address")
    for path in build(given.out, given.namespace, given.download):
        print(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}  {path.stat().st_size:,} bytes")
    mark = f"mcp-name: {given.namespace}/{project()['name']}"
    if given.namespace == LOCAL:
        print("server.json names the namespace 'local': to publish it, build with NAMESPACE=io.github.OWNER")
    elif mark not in (ROOT / "README.md").read_text(encoding="utf-8"):
        print(f"README.md lacks the line `{mark}`, by which the registry knows the owner of the package")
    return 0


if __name__ == "__main__":
    sys.exit(main())
