"""Python environments made of links to the packages of this one, and a stand-in for conda that makes such ones."""

import json
import os
import re
import subprocess
import sys
import sysconfig
import venv
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions, requires
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
DISTRIBUTION = {"pytorch": "torch"}  # what conda's package is called on PyPI, where that is not its name
# Each script with the environment of its rule
RULES = [
    (script, env)
    for file in sorted((ROOT / "workflow/rules").glob("*.smk"))
    for env, script in re.findall(r"envs/(\w+)\.yaml.*?scripts/(\w+)\.py", file.read_text(encoding="utf-8"), re.DOTALL)
]
IMPORTS = "CONVBIAS_TEST_IMPORTS"  # the folder in which each job keeps what it imported
# Each environment loads this as Python starts
HOOK = f"""
import atexit, json, os, pathlib, sys

if ".snakemake/scripts/" in sys.argv[0]:
    @atexit.register
    def keep():
        modules = sorted(set(name.partition(".")[0] for name in sys.modules))
        file = sys.argv[0].split(".")[-2] + "." + str(os.getpid())
        (pathlib.Path(os.environ["{IMPORTS}"]) / file).write_text(json.dumps(modules), encoding="utf-8")
"""
CONDA = f"""#!{sys.executable}
import sys

sys.path.insert(0, {str(Path(__file__).parent)!r})
from environments import answer_as_conda

answer_as_conda(sys.argv)
"""


def pins(env):
    """An environment's packages with their versions, as the lock calls them; but Python."""
    return pins_in(ROOT / f"envs/{env}.yaml")


def pins_in(file):
    pairs = (pin.split("=") for pin in yaml.safe_load(file.read_text(encoding="utf-8"))["dependencies"])
    return {canonical(DISTRIBUTION.get(name, name)): version for name, version in pairs if name != "python"}


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def closure(packages):
    """Packages with all that they require in turn, on whatever platform."""
    found, wanted = set(), [*packages]
    while wanted:
        if (name := canonical(wanted.pop())) in found:
            continue
        found.add(name)
        try:
            wanted += [re.match(r"[\w.-]+", line)[0] for line in requires(name) or () if "extra ==" not in line]
        except PackageNotFoundError:  # it is for another platform
            continue
    return found


def others(packages):
    """The modules that are installed here, but belong neither to some packages nor to what those require."""
    there = closure(packages)
    modules = {name: {*map(canonical, owners)} for name, owners in packages_distributions().items()}
    return {name for name, owners in modules.items() if not owners & there}


def make_environment(folder, packages, hook=""):
    """A virtual environment with some packages and all that they require; returns its Python."""
    venv.create(folder, symlinks=True)
    place = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)}))
    for name in closure(packages):
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue
        for part in {file.parts[0] for file in found.files} - {"..", "__pycache__"}:
            if not (place / part).exists():  # two packages can share a folder
                (place / part).symlink_to(found.locate_file(part))
    (place / "sitecustomize.py").write_text(hook, encoding="utf-8")
    return Path(folder, "bin/python")


def make_conda(folder):
    """A conda that makes its environments in this way; returns the folder of the command."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin/conda").write_text(CONDA, encoding="utf-8")
    (folder / "bin/conda").chmod(0o755)
    (folder / "bin/activate").write_text('export PATH="$1/bin:$PATH"\n', encoding="utf-8")
    return folder / "bin"


def answer_as_conda(argv):
    """Do what Snakemake asks of conda."""
    if "create" in argv:
        file, prefix = (argv[argv.index(option) + 1] for option in ("--file", "--prefix"))
        make_environment(prefix, pins_in(Path(file)), HOOK)
    elif "--version" in argv:
        print("conda 25.1.0")
    elif "info" in argv:
        print(json.dumps({"conda_prefix": str(Path(argv[0]).parents[1]), "platform": "linux-64"}))
    elif "config" in argv:
        print(json.dumps({"get": {"channel_priority": "strict"}}))
    elif "clean" not in argv:
        sys.exit(f"unknown command {argv}")


def environment_of(repository, env):
    """The Python of an environment that conda made for a run."""
    text = (ROOT / f"envs/{env}.yaml").read_text(encoding="utf-8")
    (file,) = [
        file for file in (repository / ".snakemake/conda").glob("*.yaml") if file.read_text(encoding="utf-8") == text
    ]
    return file.with_suffix("") / "bin/python"


def imports_of_plugins(python, folders):
    """The packages that the modules in some folders of the core import."""
    core = ROOT / "workflow/scripts/convbias"
    files = [file for pattern in folders for place in core.glob(pattern) for file in sorted(place.glob("*.py"))]
    assert files
    modules = [
        ".".join(file.relative_to(core.parent).with_suffix("").parts).removesuffix(".__init__") for file in files
    ]
    lines = [f"import json, sys, {', '.join(modules)}", "print(json.dumps(sorted(sys.modules)))"]
    environment = {**os.environ, "PYTHONPATH": str(core.parent)}
    done = subprocess.run(
        [python, "-c", "\n".join(lines)], env=environment, capture_output=True, encoding="utf-8", check=True
    )
    return packages(json.loads(done.stdout))


def imported(folder):
    """The packages that the jobs of each script imported."""
    found = {}
    for record in folder.glob("*.[0-9]*"):
        found.setdefault(record.name.partition(".")[0], set()).update(
            packages(json.loads(record.read_text(encoding="utf-8")))
        )
    return found


def packages(modules):
    """The packages that modules belong to."""
    owners = packages_distributions()
    tops = {name.partition(".")[0] for name in modules}
    return {canonical(owner) for top in tops for owner in owners.get(top, ())}
