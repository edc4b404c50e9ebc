"""A fingerprint of the core's code that a job runs: it changes when that code does, and not when its layout does."""

import ast
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import convbias

COMPUTING = (
    "daqp",
    "matplotlib",
    "numpy",
    "pandas",
    "quadprog",
    "scipy",
    "seaborn",
    "scikit-learn",
    "statsmodels",
    "torch",
)  # libraries whose version can change a result
DISTRIBUTION = {"sklearn": "scikit-learn"}  # where it has another name than what is imported


def fingerprint(script: Path, plugins: Iterable[str] = ()) -> str:
    """The fingerprint of a script with all core modules that it imports, however indirectly.

    Comments, docstrings and layout do not count, nor does this package (``pipeline``), which moves results about. What
    a module reads lies beside it under its own name, and counts with it (``_page.html`` of ``_page.py``). Parts loaded
    by name (``registry.load``) are not imported; the job's own are given as ``plugins``, such as ``tasks.cls``.
    """
    root = Path(convbias.__file__).parent
    wanted, seen = [script, *(root / f"{member.replace('.', '/')}.py" for member in plugins)], {}
    libraries: set[str] = set()
    while wanted:
        file = wanted.pop()
        if file in seen:
            continue
        seen[file], modules = _meaning(file)
        for module in modules:
            top, *rest = module.split(".")
            if (library := DISTRIBUTION.get(top, top)) in COMPUTING:
                libraries.add(library)
            elif top == "convbias":
                place = root.joinpath(*rest)
                wanted += [path for path in (place.with_suffix(".py"), place / "__init__.py") if path.exists()]
    code = sorted((file.name if file == script else str(file.relative_to(root)), text) for file, text in seen.items())
    return sha256(repr((code, [(name, version(name)) for name in sorted(libraries)])).encode()).hexdigest()[:16]


@cache
def _meaning(file: Path) -> tuple[str, tuple[str, ...]]:
    """A file's syntax tree without docstrings, and the names that it imports."""
    tree, imports = ast.parse(file.read_text()), []
    beside = sorted(other for other in file.parent.glob(f"{file.stem}.*") if not other.suffix.startswith(".py"))
    read = [(other.name, other.read_bytes()) for other in beside if other.stem == file.stem]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imports += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            imports += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return repr((ast.dump(tree), read)), tuple(imports)
