"""The environments of --sdm conda, made out of the one that is there: each job sees its own packages and no others."""

import json
import os
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, packages_distributions, requires

import yaml

from running import ROOT

DISTRIBUTION = {"pytorch": "torch"}  # what conda's package is called on PyPI, where that is not its name
# Each script with the environment of its rule
RULES = [
    (script, env)
    for file in sorted((ROOT / "workflow/rules").glob("*.smk"))
    for env, script in re.findall(r"envs/(\w+)\.yaml.*?scripts/(\w+)\.py", file.read_text(), re.DOTALL)
]
# Runs in every Python that starts: hides other packages from a job, and keeps which it imported.
HOOK = """
import atexit, json, os, pathlib, sys

if ".snakemake/scripts/" in sys.argv[0]:
    here, script = pathlib.Path({folder!r}), sys.argv[0].split(".")[-2]
    hidden = set(json.loads((here / "hidden.json").read_text())[script])

    class Hider:
        def find_spec(self, name, path, target=None):
            if name.partition(".")[0] in hidden:
                raise ModuleNotFoundError(name + " is not in the environment of " + script, name=name)

    sys.meta_path.insert(0, Hider())

    @atexit.register
    def keep():
        modules = sorted(set(name.partition(".")[0] for name in sys.modules))
        (here / (script + "." + str(os.getpid()))).write_text(json.dumps(modules))
"""


def pins(env):
    """An environment's packages with their versions, as the lock calls them; but Python."""
    listed = yaml.safe_load((ROOT / f"envs/{env}.yaml").read_text())["dependencies"]
    pairs = (pin.split("=") for pin in listed)
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


def hidden(env):
    """The modules that an environment does not have, though they are installed here."""
    program = "import json, sys, snakemake.script; print(json.dumps([*sys.modules]))"  # every script has these
    bare = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    brought = {name.partition(".")[0] for name in json.loads(bare.stdout)}
    there = {"convbias", *closure(pins(env))}
    modules = {name: {*map(canonical, owners)} for name, owners in packages_distributions().items()}
    return sorted(name for name, owners in modules.items() if name not in brought and not owners & there)


def write_hook(repository, folder):
    """Have the jobs of a copied repository see nothing but their environments, and keep in a folder what they import.

    The hook takes the place of the one that hands jobs over to the fork server, which sees everything.
    """
    of_env = {env: hidden(env) for env in {env for _, env in RULES}}
    (folder / "hidden.json").write_text(json.dumps({script: of_env[env] for script, env in RULES}))
    hook = repository / "workflow/scripts/convbias_pipeline/run/hook/sitecustomize.py"
    hook.write_text(HOOK.format(folder=str(folder)))


def imports_of_plugins(env, folders, folder):
    """The packages that the modules in some folders of the core import, where only those of an environment are seen."""
    core = ROOT / "workflow/scripts/convbias"
    files = [file for pattern in folders for place in core.glob(pattern) for file in sorted(place.glob("*.py"))]
    assert files
    modules = [
        ".".join(file.relative_to(core.parent).with_suffix("").parts).removesuffix(".__init__") for file in files
    ]
    (folder / "hidden.json").write_text(json.dumps({"plugins": hidden(env)}))
    program = f"import sys; sys.argv = ['.snakemake/scripts/tmp.plugins.py']\n{HOOK.format(folder=str(folder))}"
    program += "\n".join(f"import {module}" for module in modules)
    environment = {**os.environ, "PYTHONPATH": str(core.parent)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)
    (packages,) = imported(folder).values()
    for record in folder.glob("plugins.*"):
        record.unlink()
    return packages


def imported(folder):
    """The packages that the jobs of each script imported."""
    owners, found = packages_distributions(), {}
    for record in folder.glob("*.[0-9]*"):
        names = {canonical(owner) for module in json.loads(record.read_text()) for owner in owners.get(module, ())}
        found.setdefault(record.name.partition(".")[0], set()).update(names)
    return found
