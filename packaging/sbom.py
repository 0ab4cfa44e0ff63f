#!/usr/bin/python3
"""Writes the bill of materials of the built program: SPDX 2.3 as JSON (https://spdx.github.io/spdx-spec/v2.3/).

Every Swift package that the build resolved, with its version, commit and licence, and the shared libraries that the
program asks the system for. Fails when a package has no licence that it knows: then somebody has to look."""

import argparse
import datetime
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

_TEXTS = {
    "Apache-2.0": ("Apache License", "Version 2.0"),
    "MIT": ("Permission is hereby granted, free of charge", "THE SOFTWARE IS PROVIDED \"AS IS\""),
    "BSD-3-Clause": ("Redistribution and use in source and binary forms", "Neither the name"),
    "BSD-2-Clause": ("Redistribution and use in source and binary forms",),
    "ISC": ("Permission to use, copy, modify, and/or distribute this software",),
}


def licence_of(directory: Path) -> tuple[str, str]:
    """The SPDX name of a package's licence, and the file that says so."""
    for file in sorted(directory.iterdir()):
        if not re.match(r"(LICEN[CS]E|COPYING)(\.(txt|md))?$", file.name, re.IGNORECASE):
            continue
        text = " ".join(file.read_text(errors="replace").split())
        for name, parts in _TEXTS.items():
            if all(part in text for part in parts):
                return name, file.name
    sys.exit(f"error: {directory.name}: no licence that is known; look at it and teach packaging/sbom.py")


def swift_packages(repository: Path) -> list[dict[str, Any]]:
    """What Package.resolved pins and the last build checked out."""
    pins = json.loads((repository / "Package.resolved").read_text())["pins"]
    found = []
    for pin in pins:
        checkout = next(
            (
                path
                for path in (repository / ".build/checkouts").iterdir()
                if path.name.lower() == Path(pin["location"]).name.removesuffix(".git").lower()
            ),
            None,
        )
        if checkout is None:
            sys.exit(f"error: {pin['identity']} is not checked out: run make build first")
        licence, file = licence_of(checkout)
        state = pin["state"]
        found.append(
            {
                "SPDXID": f"SPDXRef-Package-{pin['identity']}",
                "name": pin["identity"],
                "versionInfo": state.get("version", state["revision"]),
                "downloadLocation": f"git+{pin['location']}@{state['revision']}",
                "filesAnalyzed": False,
                "licenseConcluded": licence,
                "licenseDeclared": licence,
                "licenseComments": f"Told by {file}.",
                "copyrightText": "NOASSERTION",
                "externalRefs": [
                    {
                        "referenceCategory": "PACKAGE-MANAGER",
                        "referenceType": "purl",
                        "referenceLocator": _purl(pin["location"], state.get("version", state["revision"])),
                    }
                ],
            }
        )
    return found


def _purl(location: str, version: str) -> str:
    path = re.sub(r"^(https?://|git@)", "", location).removesuffix(".git").replace(":", "/")
    return f"pkg:swift/{path}@{version}"


def shared_libraries(program: Path) -> list[dict[str, Any]]:
    """What the dynamic linker is asked for, by the packages of this system that have it."""
    listed = subprocess.run(["readelf", "--dynamic", program], capture_output=True, text=True, check=True).stdout
    found = []
    for name in re.findall(r"\(NEEDED\).*\[(.+)\]", listed):
        found.append(
            {
                "SPDXID": f"SPDXRef-Library-{re.sub(r'[^A-Za-z0-9.-]', '-', name)}",
                "name": name,
                "versionInfo": _debian_version(name),
                "downloadLocation": "NOASSERTION",
                "filesAnalyzed": False,
                "licenseConcluded": "NOASSERTION",
                "licenseDeclared": "NOASSERTION",
                "copyrightText": "NOASSERTION",
                "comment": "A shared library of the system: not part of the program, loaded when it starts.",
            }
        )
    return found


def _debian_version(library: str) -> str:
    asked = subprocess.run(["dpkg-query", "--search", f"*/{library}"], capture_output=True, text=True, check=False)
    package = asked.stdout.partition(": ")[0].partition(",")[0]
    if asked.returncode != 0 or not package:
        return "NOASSERTION"
    told = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${Package} ${Version}", package],
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout or "NOASSERTION"


def document(repository: Path, program: Path) -> dict[str, Any]:
    digest = hashlib.sha256(program.read_bytes()).hexdigest()
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    packages, libraries = swift_packages(repository), shared_libraries(program)
    own = {
        "SPDXID": "SPDXRef-Package-tcpstated",
        "name": "tcpstated",
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": "Apache-2.0",
        "licenseDeclared": "Apache-2.0",
        "copyrightText": "NOASSERTION",
        "checksums": [{"algorithm": "SHA256", "checksumValue": digest}],
        "primaryPackagePurpose": "APPLICATION",
    }
    needs = [(package, "STATIC_LINK") for package in packages] + [(library, "DYNAMIC_LINK") for library in libraries]
    # Reproducible: the time is that of the sources, if the build says which.
    moment = datetime.datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", 0)) or _now(), datetime.UTC)
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"tcpstated-{version}",
        "documentNamespace": f"https://spdx.org/spdxdocs/tcpstated-{version}-{digest[:16]}",
        "creationInfo": {"created": moment.strftime("%Y-%m-%dT%H:%M:%SZ"), "creators": ["Tool: packaging/sbom.py"]},
        "packages": [own, *packages, *libraries],
        "relationships": [
            {
                "spdxElementId": "SPDXRef-DOCUMENT",
                "relationshipType": "DESCRIBES",
                "relatedSpdxElement": own["SPDXID"],
            },
            *(
                {
                    "spdxElementId": own["SPDXID"],
                    "relationshipType": relationship,
                    "relatedSpdxElement": needed["SPDXID"],
                }
                for needed, relationship in needs
            ),
        ],
    }


def _now() -> int:
    return int(datetime.datetime.now(datetime.UTC).timestamp())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    written = document(Path(__file__).resolve().parents[1], arguments.program)
    arguments.output.write_text(json.dumps(written, indent=2) + "\n")
    licences = sorted({package["licenseDeclared"] for package in written["packages"]} - {"NOASSERTION"})
    print(f"{arguments.output}: {len(written['packages'])} packages; licences: {', '.join(licences)}")


if __name__ == "__main__":
    main()
