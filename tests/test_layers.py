"""The imports of the core: no module imports one of a higher layer, and siblings do not import each other."""

import ast
from pathlib import Path

import pytest

import convbias

CORE = Path(convbias.__file__).parent
MODULES = sorted(CORE.rglob("*.py"))

# From low to high. Places in one row are siblings; "papers.*" stands for each paper.
LAYERS = [
    ["catalogue", "checks", "columns", "compilation", "draws", "margin", "progress", "ranges", "registry", "stops"],
    ["statistics"],
    ["linear", "detection"],
    ["claims"],
    ["figures"],
    ["papers.*"],
    ["notebook", "tables"],
]
TOGETHER = {0}  # the modules of the ground may import each other


def place(module):
    """The layer of a module, and its place in it."""
    parts = module.split(".")
    name = ".".join(parts[:2]) if parts[0] == "papers" else parts[0]
    for layer, places in enumerate(LAYERS):
        if name in places or (parts[0] == "papers" and "papers.*" in places):
            return layer, name
    raise AssertionError(f"{module} is in no layer: put it in a folder, or add it to LAYERS")


def imports(file):
    """The modules of the core that a file imports, relative to the core."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name.removeprefix("convbias.") for name in names if name.startswith("convbias."))


def module_of(file):
    return ".".join(file.relative_to(CORE).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize(
    "file", [file for file in MODULES if file.parent != CORE or file.stem != "__init__"], ids=module_of
)
def test_imports_point_to_lower_layers(file):
    if file == CORE / "papers" / "__init__.py":
        assert not [*imports(file)]
        return
    layer, own = place(module_of(file))
    for module in imports(file):
        other_layer, other = place(module)
        same_place = other == own or (layer == other_layer and layer in TOGETHER)
        assert other_layer < layer or same_place, f"{module_of(file)} imports {module}"


def test_core_imports_neither_plumbing_nor_snakemake():
    for file in MODULES:
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {"convbias_pipeline", "snakemake"} & {name.partition(".")[0] for name in names}, file


def test_figures_do_not_import_training():
    """A figure is drawn from tables: its job needs no torch."""
    for file in CORE.glob("papers/*/figures/*.py"):
        trained = [name for name in imports(file) if name.startswith(("linear", "detection")) and "summary" not in name]
        assert trained == [], file
