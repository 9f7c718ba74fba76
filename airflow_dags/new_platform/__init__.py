"""Lays out a new platform: its folder, its simulation, its tests; what has to be decided says FILL IN.

`make new-platform NAME=etsy` (python -m airflow_dags.new_platform etsy). The result imports, loads and passes the
conformance suite but for the tests that tell what is left to fill in.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from string import Template

NAME = re.compile(r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$")
TEMPLATES = Path(__file__).resolve().parent / "templates"
# Template folder -> where its files go, below the project's root.
FOLDERS = {
    "platform": "airflow_dags/platforms/{name}",
    "sandbox": "airflow_dags/sandbox/{name}",
    "tests": "tests/platforms/{name}",
}
SUFFIX = ".template"


def lay_out(name: str, root: Path) -> list[Path]:
    """Write the files of platform ``name`` below ``root`` and return them; nothing that exists is touched.

    :raises ValueError: for a name that is not lower snake case
    :raises FileExistsError: where one of the folders is there already
    """
    if not NAME.match(name):
        raise ValueError(f"{name!r} is no platform's name: use lower case letters, digits and _, as etsy or ebay_ads")
    targets = {template: root / folder.format(name=name) for template, folder in FOLDERS.items()}
    if taken := [str(target.relative_to(root)) for target in targets.values() if target.exists()]:
        raise FileExistsError(f"{', '.join(taken)} exists already; nothing was written")
    words = name.split("_")
    values = {
        "name": name,
        "title": " ".join(word.capitalize() for word in words),
        "class_name": "".join(word.capitalize() for word in words),
        "upper": name.upper(),
    }
    written = []
    for template, target in targets.items():
        target.mkdir(parents=True)
        for source in sorted((TEMPLATES / template).glob(f"*{SUFFIX}")):
            path = target / source.name.removesuffix(SUFFIX)
            path.write_text(Template(source.read_text(encoding="utf-8")).substitute(values), encoding="utf-8")
            written.append(path)
    return written


def main(argv: Sequence[str] | None = None) -> int:
    """Lay out the platform that is named, and say what comes next."""
    parser = argparse.ArgumentParser(prog="make new-platform", description=lay_out.__doc__)
    parser.add_argument("name")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[2])
    options = parser.parse_args(argv)
    try:
        written = lay_out(options.name, options.root)
    except (ValueError, FileExistsError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for path in written:
        sys.stdout.write(f"{path.relative_to(options.root)}\n")
    sys.stdout.write(
        f"\nNow fill in what says FILL IN, and run the tests until they pass:\n"
        f"  pytest tests/platforms -k {options.name}\n"
    )
    return 0
