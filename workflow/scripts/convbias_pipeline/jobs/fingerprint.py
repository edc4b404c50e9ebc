"""A hash of the code that a job runs. It changes with the code, but not with its layout."""

import ast
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path

import convbias
from convbias_pipeline.jobs.versions import COMPUTING, installed
from convbias_pipeline.store import files

DISTRIBUTION = {"sklearn": "scikit-learn"}  # libraries that are imported under another name


FOLLOWED = ("collection", "shards")  # modules of the plumbing whose code is hashed: a table is quickly collected again
LOADERS = ("import_module", "__import__")


def fingerprint(script: Path, plugins: Iterable[str] = (), versions: Mapping[str, str] | None = None) -> str:
    """The fingerprint of a script and of all modules beside it that it imports, directly or indirectly.

    Comments, docstrings and layout have no effect. Packages of imported modules count, since Python runs their
    ``__init__.py``. Plugins are not imported but loaded by name, so those of the job are given, such as
    ``linear.tasks.cls``. Of this package, the modules that collect tables count. Reading and writing rows has a version
    instead, ``ROWS_VERSION``: otherwise every edit would train all networks again.

    ``versions`` are those of the libraries that the job sees, by default those that this Python sees.

    Raises:
        ValueError: the versions lack libraries that the code imports; the message names each of them.
    """
    scripts = Path(convbias.__file__).parents[1]
    queue = [script, *(file for plugin in plugins for file in _files(f"convbias.{plugin}", scripts))]
    seen: dict[Path, str] = {}
    libraries: set[str] = set()
    while queue:
        file = queue.pop()
        if file in seen:
            continue
        seen[file], modules = _meaning(file, scripts)
        for module in modules:
            top = module.partition(".")[0]
            if (library := DISTRIBUTION.get(top, top)) in COMPUTING:
                libraries.add(library)
            queue += _files(module, scripts)
    code = sorted(
        (file.name if file == script else str(file.relative_to(scripts)), text) for file, text in seen.items()
    )
    known = installed() if versions is None else versions
    if missing := sorted(libraries - known.keys()):
        raise ValueError(
            f"{script.name} needs {', '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not installed. "
            "Run in the environment of `make env`, or let each job have its own: --sdm conda."
        )
    used = [(name, known[name]) for name in sorted(libraries)]
    return sha256(repr((code, used, files.ROWS_VERSION)).encode()).hexdigest()[:16]


@cache
def _files(module: str, scripts: Path) -> tuple[Path, ...]:
    """The files beside the scripts that Python runs if it imports a module: the packages that it is in, and its own."""
    names = module.split(".")
    if names[0] == "convbias_pipeline" and names[-1] not in FOLLOWED:
        return ()
    places = [scripts.joinpath(*names[: 1 + depth]) for depth in range(len(names))]
    candidates = [*(place / "__init__.py" for place in places), scripts.joinpath(*names[:-1], f"{names[-1]}.py")]
    return tuple(file for file in candidates if file.is_file())


@cache
def _meaning(file: Path, scripts: Path) -> tuple[str, tuple[str, ...]]:
    """The syntax tree of a file without its docstrings, with the files that it reads; and the names that it imports.

    A module reads the files that have its name, such as ``page.html`` of ``page.py``, those that a text in it names,
    and all others in its folder if it uses ``__file__``. A text in it that is the name of a plugin, such as ``cls``,
    counts as an import if the module imports the package of the plugin.
    """
    tree = ast.parse(file.read_text())
    package = file.parent.relative_to(scripts).parts if file.is_relative_to(scripts) else ()
    imports, texts = list[str](), set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imports += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = _absolute("." * node.level + (node.module or ""), package)
            imports += [module, *(f"{module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in LOADERS:
            names = [name.value for name in node.args[:1] if isinstance(name, ast.Constant)]
            imports += [_absolute(name, package) for name in names if isinstance(name, str)]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.add(node.value)
        elif isinstance(node, ast.Name) and node.id == "__file__":
            texts.add(node.id)
    for folder in [name for name in imports if name.startswith("convbias.") and name.count(".") == 2]:
        imports += [f"{folder}.{text}" for text in texts if text.isidentifier()]  # convbias.linear.tasks.cls
    read = [
        (str(other.relative_to(scripts)), other.read_bytes()) for other in _data(scripts) if _reads(file, texts, other)
    ]
    return repr((ast.dump(tree), read)), tuple(imports)


def _reads(file: Path, texts: set[str], other: Path) -> bool:
    """Whether a module reads another file."""
    if other.parent == file.parent:
        own = other.name.startswith(f"{file.stem}.") and not other.name.startswith(f"{file.stem}.py")
        backup = other.name.endswith(("~", ".orig", ".bak", ".swp"))
        return (own or "__file__" in texts or other.name in texts) and not backup
    return any(text == other.name or text.endswith(f"/{other.name}") for text in texts)


@cache
def _data(scripts: Path) -> list[Path]:
    """All files in the folder of the scripts, except Python's own."""
    return [path for path in sorted(scripts.rglob("*")) if path.suffix not in (".py", ".pyc") and path.is_file()]


def _absolute(module: str, package: tuple[str, ...]) -> str:
    """The full name of a module; each dot at its beginning after the first is one package higher."""
    name = module.lstrip(".")
    level = len(module) - len(name)
    return ".".join([*(package[: len(package) + 1 - level] if level else ()), *([name] if name else [])])
