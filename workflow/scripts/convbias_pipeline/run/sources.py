"""The code that a job runs: modules of its own checkout, and the source of each as it was when it was loaded."""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

SCRIPTS = Path(__file__).parents[2]
loaded: dict[str, bytes] = {}  # the sources, by file relative to SCRIPTS


def follow() -> None:
    """From now on, import the modules beside the scripts from this checkout only, and keep their sources."""
    if _Finder not in sys.meta_path:
        sys.meta_path.insert(0, _Finder)
        for module in [*sys.modules.values()]:
            file = Path(getattr(module, "__file__", None) or "")
            if file.is_relative_to(SCRIPTS):
                loaded[str(file.relative_to(SCRIPTS))] = file.read_bytes()


def foreign() -> list[str]:
    """The loaded modules of our packages that come from another folder."""
    files = {name: getattr(module, "__file__", None) for name, module in [*sys.modules.items()]}
    return [
        f"{name} from {file}"
        for name, file in files.items()
        if name.partition(".")[0] in ("convbias", "convbias_pipeline")
        if file and not Path(file).is_relative_to(SCRIPTS)
    ]


class _Loader(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        """Compile the source. Bytecode on disk could be that of another source with the same size and time."""
        path = self.get_filename(fullname)
        source = loaded[str(Path(path).relative_to(SCRIPTS))] = self.get_data(path)
        return self.source_to_code(source, path)


class _Finder:
    names = frozenset(path.stem for path in SCRIPTS.iterdir())

    @classmethod
    def find_spec(
        cls, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.partition(".")[0] not in cls.names:
            return None
        spec = PathFinder.find_spec(name, path or [str(SCRIPTS)], target)
        if spec and spec.origin and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(name, spec.origin)
        return spec
