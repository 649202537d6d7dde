"""Files of npm packages: fetched once from the registry that npm is set to, checked by hash, and kept in build/npm/."""

import hashlib
import io
import os
import re
import shutil
import subprocess
import tarfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from nasedu.core import BadValue
from tools.lessons.places import ROOT

KEPT = ROOT / "build" / "npm"
SECONDS = 60


@dataclass(frozen=True)
class Package:
    """One file of an npm package of a fixed version."""

    name: str
    version: str
    sha256: str
    """Of the package's archive."""
    file: str
    """Its path in the archive."""

    @property
    def archive(self) -> str:
        return f"{self.name}-{self.version}.tgz"


MATHJAX = Package(
    "mathjax", "3.2.2", "1b9c0a1c44df864e915690558e72adb9cc5203360daefd385084ced3b6c64c09", "package/es5/tex-svg.js"
)
AXE = Package(
    "axe-core", "4.14.1", "e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745", "package/axe.min.js"
)
"""Finds what keeps people out of a page; only the tests need it."""


def fetched(package: Package, kept: Path = KEPT) -> Path:
    """Return the file of a package; fetch its archive if it is not kept yet.

    Raises:
        BadValue: there is no archive and no registry answers, or the archive has another hash.
    """
    file = kept / f"{package.name}-{package.version}" / Path(package.file).name
    if file.exists():
        return file
    archive = kept / package.archive
    content = archive.read_bytes() if archive.exists() else _download(package, archive)
    found = hashlib.sha256(content).hexdigest()
    if found != package.sha256:
        raise BadValue(
            f"{package.archive} has the SHA-256 hash {found}, expected {package.sha256}: delete {archive} if it "
            "exists, and fetch it from another registry"
        )
    with tarfile.open(fileobj=io.BytesIO(content)) as members:
        member = members.extractfile(package.file)
        assert member is not None
        text = member.read()
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(f".{os.getpid()}")  # two builds at once do not read half a file
    partial.write_bytes(text)
    partial.replace(file)
    return file


def _download(package: Package, archive: Path) -> bytes:
    try:
        address = f"{_registry()}/{package.name}/-/{package.archive}"
        with urllib.request.urlopen(address, timeout=SECONDS) as answer:
            return bytes(answer.read())
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise BadValue(
            f"{package.name} {package.version} is not in {archive.parent} and cannot be fetched ({error}): run this "
            f"once with a network, or `npm pack {package.name}@{package.version}` elsewhere and copy the file there"
        ) from error


def _registry() -> str:
    """Return the address of the registry that npm is set to; without npm, the one in its settings file."""
    if shutil.which("npm"):
        command = ["npm", "config", "get", "registry"]
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=SECONDS).stdout.strip()
    else:
        settings = Path.home() / ".npmrc"
        text = settings.read_text(encoding="utf-8") if settings.exists() else ""
        said = "".join(re.findall(r"^registry\s*=\s*(\S+)", text, re.M)[:1])
    if not said.startswith("http"):
        raise OSError("npm is not installed, and ~/.npmrc names no registry")
    return said.rstrip("/")
