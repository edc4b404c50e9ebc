"""``python -m convbias_pipeline.report.archive RESULTS FOLDER`` packs a finished run and its code into one ZIP file.

The archive can be deposited as it is. It holds the code with the lock, the results without the shards of the networks,
a Workflow Run RO-Crate, a manifest for CODECHECK and the checksums of all files.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import yaml

from convbias_pipeline.report.reference import of_run
from convbias_pipeline.store.files import atomic_write
from convbias_pipeline.store.provenance import ARCHIVED, ROOT, git

# What a run leaves behind and the archive keeps, below ``results``; the shards can be computed again.
KEPT = ("tables/*.parquet", "figures/*", "claims.*", "times.csv", "environment.csv", "datasets/digits.txt", "records/*")
SUMS, CRATE, MANIFEST = "SHA256SUMS", "ro-crate-metadata.json", "codecheck.yml"
WORKFLOW = "workflow/Snakefile"
SNAKEMAKE = "https://w3id.org/workflowhub/workflow-ro-crate#snakemake"
LICENSE = "https://spdx.org/licenses/MIT"
PROFILES = {  # of the crate, each with its name and version
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ("Workflow RO-Crate", "1.0"),
}
FORMATS = {
    ".csv": "text/csv",
    ".html": "text/html",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".py": "text/x-python",
    ".txt": "text/plain",
    ".yaml": "application/yaml",
}


def pack(root: Path, results: Path, folder: Path) -> Path:
    """Write the archive of a run into a folder, and return its path. Its name has the commit.

    Raises:
        ValueError: the run is not finished, or the code is in no git checkout.
    """
    of_run(results)
    commit = git(root, "rev-parse", "HEAD")
    if not commit:
        raise ValueError(f"{root} is no git checkout, so its code cannot be told from other files. Use `git clone`.")
    content = {name: (root / name).read_bytes() for name in tracked(root)}
    content[ARCHIVED] = f"node: {commit}\n".encode()
    kept = sorted(path for pattern in KEPT for path in results.glob(pattern) if path.is_file())
    content |= {f"results/{path.relative_to(results).as_posix()}": path.read_bytes() for path in kept}
    ended = datetime.fromtimestamp((results / "environment.csv").stat().st_mtime, UTC)
    sums = {name: sha256(data).hexdigest() for name, data in content.items()}
    content[MANIFEST] = yaml.safe_dump(manifest(sums), sort_keys=False, width=120).encode()
    sums[MANIFEST] = sha256(content[MANIFEST]).hexdigest()
    sizes = {name: len(data) for name, data in content.items()}
    content[CRATE] = json.dumps(crate(sums, sizes, commit, ended), indent=1).encode()
    sums[CRATE] = sha256(content[CRATE]).hexdigest()
    content[SUMS] = "".join(f"{value}  {name}\n" for name, value in sorted(sums.items())).encode()
    name = f"convbias-{commit[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    with atomic_write(folder / f"{name}.crate.zip") as temp_path, ZipFile(temp_path, "w", ZIP_DEFLATED) as file:
        for path, data in sorted(content.items()):
            file.writestr(path, data)
    return folder / f"{name}.crate.zip"


def tracked(root: Path) -> list[str]:
    """The files of a checkout that git tracks."""
    names = (git(root, "ls-files", "-z") or "").split("\0")
    return [name for name in names if name and (root / name).is_file()]


def manifest(sums: Mapping[str, str]) -> dict[str, Any]:
    """The tables, figures and claims of a run for a CODECHECK. The codechecker adds the paper and the report."""
    outputs = [name for name in sums if is_output(name) and not name.startswith("results/records/")]
    return {
        "version": "https://codecheck.org.uk/spec/config/1.0/",
        "manifest": [{"file": name, "comment": f"SHA-256 {sums[name]}"} for name in outputs],
    }


def is_output(name: str) -> bool:
    """Whether a file of an archive is a result of the run."""
    return name.startswith("results/") and name != "results/.gitkeep"


def crate(sums: Mapping[str, str], sizes: Mapping[str, int], commit: str, ended: datetime) -> dict[str, Any]:
    """The metadata of a Workflow Run RO-Crate.

    Args:
        sums: the SHA-256 checksum of each file of the archive.
        sizes: the size of each file in bytes.
        commit: the commit of the code.
        ended: the time at which the run ended.
    """
    outputs = [name for name in sums if is_output(name)]
    settings = [
        name for name in sums if name == "config.yaml" or (name.startswith("config/") and name.endswith(".yaml"))
    ]
    files = [_file(name, sums[name], sizes[name]) for name in sums if name != WORKFLOW]
    workflow = _file(WORKFLOW, sums[WORKFLOW], sizes[WORKFLOW]) | {
        "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
        "name": "convbias",
        "programmingLanguage": {"@id": SNAKEMAKE},
        "license": {"@id": LICENSE},
        "version": commit,
    }
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"convbias: a run of commit {commit[:12]}",
        "description": "Code, tables, figures and verdicts on claims of a run of the Snakemake pipeline convbias.",
        "datePublished": ended.isoformat(),
        "license": {"@id": LICENSE},
        "conformsTo": _ids(PROFILES),
        "hasPart": _ids(sums),
        "mainEntity": {"@id": WORKFLOW},
        "mentions": {"@id": "#run"},
    }
    run = {
        "@id": "#run",
        "@type": "CreateAction",
        "name": "Run of the workflow",
        "instrument": {"@id": WORKFLOW},
        "object": _ids(settings),
        "result": _ids(outputs),
        "endTime": ended.isoformat(),
        "actionStatus": "http://schema.org/CompletedActionStatus",
    }
    descriptor = {
        "@id": CRATE,
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": _ids(["https://w3id.org/ro/crate/1.1", "https://w3id.org/workflowhub/workflow-ro-crate/1.0"]),
    }
    context = [
        {
            "@id": SNAKEMAKE,
            "@type": "ComputerLanguage",
            "name": "Snakemake",
            "url": {"@id": "https://snakemake.github.io"},
        },
        {"@id": LICENSE, "@type": "CreativeWork", "name": "MIT License", "description": "The MIT License"},
        *(
            {"@id": url, "@type": "CreativeWork", "name": name, "version": version}
            for url, (name, version) in PROFILES.items()
        ),
    ]
    return {
        "@context": ["https://w3id.org/ro/crate/1.1/context", "https://w3id.org/ro/terms/workflow-run/context"],
        "@graph": [descriptor, root, workflow, run, *context, *files],
    }


def _file(name: str, checksum: str, size: int) -> dict[str, Any]:
    encoding = FORMATS.get(Path(name).suffix, "application/octet-stream")
    entity = {"@id": name, "@type": "File", "name": name, "sha256": checksum}
    return {**entity, "contentSize": str(size), "encodingFormat": encoding}


def _ids(names: Iterable[str]) -> list[dict[str, str]]:
    return [{"@id": name} for name in names]


if __name__ == "__main__":
    try:
        print(pack(ROOT, Path(sys.argv[1]), Path(sys.argv[2])))
    except ValueError as problem:
        sys.exit(str(problem))
