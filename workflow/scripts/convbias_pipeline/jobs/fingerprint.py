"""A hash of the code that a job runs. It changes with the code, but not with its layout."""

import ast
import os
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from convbias_pipeline.jobs.versions import COMPUTING, installed
from convbias_pipeline.store import files

# Modules of the plumbing whose code is hashed: a table is quickly collected again, and the page quickly written.
FOLLOWED = ("collection", "shards", "page")
LOADERS = ("import_module", "__import__")


class Sources:
    """The files beside the scripts, each as it was when it was first read, or as a process has loaded it."""

    def __init__(self, scripts: Path, loaded: Mapping[str, bytes] | None = None) -> None:
        self.scripts, self._read = scripts, dict(loaded or {})
        walked = [(os.path.relpath(folder, scripts), names) for folder, _, names in os.walk(scripts)]
        self.files = {os.path.normpath(os.path.join(folder, name)) for folder, names in walked for name in names}
        others = [file for file in sorted(self.files) if not file.endswith((".py", ".pyc"))]
        self.data = {file: os.path.split(file) for file in others}

    def read(self, file: str) -> bytes:
        """The content of a file, given relative to the scripts."""
        if file not in self._read:
            self._read[file] = (self.scripts / file).read_bytes()
        return self._read[file]


class Parsed(NamedTuple):
    """The parts of a module's source that count."""

    meaning: str
    imports: tuple[str, ...]
    texts: frozenset[str]


def fingerprint(
    script: str, plugins: Iterable[str], sources: Sources, versions: Mapping[str, str] | None = None
) -> str:
    """The fingerprint of a script and of all modules beside it that it imports, directly or indirectly.

    Comments, docstrings and layout have no effect. Packages of imported modules count, since Python runs their
    ``__init__.py``. Plugins are not imported but loaded by name, so those of the job are given, such as
    ``linear.tasks.cls``. Of this package, the modules that collect tables count. Reading and writing rows has a version
    instead, ``ROWS_VERSION``: otherwise every edit would train all networks again.

    It consists of the hash of the code, that of the versions of libraries, and the plugins. With these, a job can
    compute it again (``changed``).

    ``versions`` are those of the libraries that the job sees, by default those that this Python sees.

    Raises:
        ValueError: the versions lack libraries that the code imports; the message names each of them.
    """
    names = list(plugins)
    code, libraries = _follow(script, names, sources)
    known = installed() if versions is None else versions
    if missing := sorted(libraries - known.keys()):
        raise ValueError(
            f"{script}.py needs {', '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not installed. "
            "Run in the environment of `make env`, or let each job have its own: --sdm conda."
        )
    used = [(name, known[name]) for name in sorted(libraries)]
    return " ".join([f"{code}-{_hash(used)[:8]}", *names])


def changed(expected: str, script: str, sources: Sources) -> str | None:
    """The hash of a job's code if it is not the one in its fingerprint, and otherwise None.

    Versions of libraries are not compared: Snakemake watches the environment of a job.
    """
    first, *plugins = expected.split(" ")
    code, _ = _follow(script, plugins, sources)
    return None if code == first.partition("-")[0] else code


def _follow(script: str, plugins: Iterable[str], sources: Sources) -> tuple[str, set[str]]:
    """A hash of the code of a script and of the modules that it imports, and the libraries that these import."""
    queue = [f"{script}.py", *(file for plugin in plugins for file in _files(f"convbias.{plugin}", sources))]
    seen: dict[str, Any] = {}
    libraries: set[str] = set()
    while queue:
        file = queue.pop()
        if file in seen:
            continue
        parsed = parse(sources.read(file), tuple(file.split("/")[:-1]))
        seen[file] = parsed.meaning, [(other, _hash(sources.read(other))) for other in _data(file, parsed, sources)]
        for module in parsed.imports:
            top = module.partition(".")[0]
            if top in COMPUTING:
                libraries.add(top)
            queue += _files(module, sources)
    return _hash((sorted(seen.items()), files.ROWS_VERSION))[:16], libraries


def _files(module: str, sources: Sources) -> list[str]:
    """The files beside the scripts that Python runs if it imports a module: the packages that it is in, and its own."""
    names = module.split(".")
    if names[0] == "convbias_pipeline" and names[-1] not in FOLLOWED:
        return []
    places = ["/".join(names[: 1 + depth]) for depth in range(len(names))]
    return [
        file for file in (*(f"{place}/__init__.py" for place in places), f"{places[-1]}.py") if file in sources.files
    ]


@cache
def parse(source: bytes, package: tuple[str, ...]) -> Parsed:
    """A module's syntax tree without docstrings, the names that it imports, and its texts.

    A text that is the name of a plugin, such as ``cls``, counts as an import if the module imports the package of the
    plugin.
    """
    tree = ast.parse(source)
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
    return Parsed(_hash(_plain(tree)), tuple(dict.fromkeys(imports)), frozenset(texts))


def _plain(node: Any) -> Any:
    """A syntax tree as nested lists, without empty fields: these differ between versions of Python."""
    if isinstance(node, ast.AST):
        fields = [(name, _plain(value)) for name, value in ast.iter_fields(node) if value is not None and value != []]
        return [type(node).__name__, fields]
    return [_plain(one) for one in node] if isinstance(node, list) else repr(node)


def _data(file: str, parsed: Parsed, sources: Sources) -> list[str]:
    """The other files that a module reads.

    These are the files that have its name, such as ``page.html`` of ``page.py``, those that a text in it names, and all
    others in its folder if it uses ``__file__``.
    """
    folder, own = os.path.split(file.removesuffix(".py"))
    found = []
    for other, (place, name) in sources.data.items():
        if place == folder:
            named = name.startswith(f"{own}.") and not name.startswith(f"{own}.py")
            backup = name.endswith(("~", ".orig", ".bak", ".swp"))
            reads = (named or "__file__" in parsed.texts or name in parsed.texts) and not backup
        else:
            reads = any(text == name or text.endswith(f"/{name}") for text in parsed.texts)
        found += [other] * reads
    return found


def _absolute(module: str, package: tuple[str, ...]) -> str:
    """The full name of a module; each dot at its beginning after the first is one package higher."""
    name = module.lstrip(".")
    level = len(module) - len(name)
    return ".".join([*(package[: len(package) + 1 - level] if level else ()), *([name] if name else [])])


def _hash(value: Any) -> str:
    return sha256(value if isinstance(value, bytes) else repr(value).encode()).hexdigest()
