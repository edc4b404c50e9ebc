"""A hash of the code that a job runs. It changes with the code, but not with its layout."""

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
    "numba",
    "numpy",
    "pandas",
    "quadprog",
    "scipy",
    "seaborn",
    "scikit-learn",
    "statsmodels",
    "torch",
)  # libraries whose version can change a result
DISTRIBUTION = {"sklearn": "scikit-learn"}  # libraries that are imported under another name


def fingerprint(script: Path, plugins: Iterable[str] = ()) -> str:
    """The fingerprint of a script and of all core modules that it imports, directly or indirectly.

    Comments, docstrings and layout have no effect. The same holds for this package, which computes no results. A file
    that a module reads has the module's name and is part of it, such as ``page.html`` of ``page.py``. Plugins are not
    imported but loaded by name, so those of the job are given, such as ``linear.tasks.cls``.
    """
    root = Path(convbias.__file__).parent
    queue, seen = [script, *(root / f"{plugin.replace('.', '/')}.py" for plugin in plugins)], {}
    libraries: set[str] = set()
    while queue:
        file = queue.pop()
        if file in seen:
            continue
        seen[file], modules = _meaning(file)
        for module in modules:
            top, *rest = module.split(".")
            if (library := DISTRIBUTION.get(top, top)) in COMPUTING:
                libraries.add(library)
            elif top == "convbias":
                place = root.joinpath(*rest)
                queue += [path for path in (place.with_suffix(".py"), place / "__init__.py") if path.exists()]
    code = sorted((file.name if file == script else str(file.relative_to(root)), text) for file, text in seen.items())
    return sha256(repr((code, [(name, version(name)) for name in sorted(libraries)])).encode()).hexdigest()[:16]


@cache
def _meaning(file: Path) -> tuple[str, tuple[str, ...]]:
    """The syntax tree of a file without its docstrings, with the files that it reads; and the names that it imports."""
    tree, imports = ast.parse(file.read_text()), []
    others = sorted(other for other in file.parent.glob(f"{file.stem}.*") if not other.suffix.startswith(".py"))
    read = [(other.name, other.read_bytes()) for other in others if other.stem == file.stem]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imports += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            imports += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return repr((ast.dump(tree), read)), tuple(imports)
