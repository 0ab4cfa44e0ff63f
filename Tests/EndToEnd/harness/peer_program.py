"""The HTTP server and client in Go, from its standard library alone."""

import os
import subprocess
from pathlib import Path

_SOURCES = Path(__file__).resolve().parents[1] / "go"


def build(directory: Path) -> Path:
    program = directory / "peer"
    settings = {"GO111MODULE": "off", "GOPROXY": "off", "CGO_ENABLED": "0", "GOFLAGS": ""}
    caches = {"GOCACHE": str(directory / "go-cache"), "GOPATH": str(directory / "go-path")}
    subprocess.run(
        ["go", "build", "-o", str(program), *sorted(str(source) for source in _SOURCES.glob("*.go"))],
        env={**os.environ, **settings, **caches},
        check=True,
    )
    return program
