"""The params of each job: everything that its result depends on. If they change, Snakemake runs the job again."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from convbias import catalogue
from convbias_pipeline.jobs import plan
from convbias_pipeline.jobs.fingerprint import Sources, fingerprint
from convbias_pipeline.jobs.plan import Config, Job

NUMBERS = ("d", "l", "n_patterns", "n_train", "n_test", "first", "last")  # wildcards that are whole numbers
CROSSED = (
    "tasks",
    "models",
    "losses",
    "trainings",
    "n_train",
    "seeds",
    "asymptotics",
    "labels",
)  # keys of an experiment that are not settings of one job


class JobParams:
    """The params of the jobs of one configuration.

    ``images`` is called if a job needs the digit images. It returns the name of the collection. ``versions`` are those
    of the libraries that jobs see: see ``fingerprint``.
    """

    def __init__(
        self, config: Config, scripts: Path, images: Callable[[], str], versions: Mapping[str, str] | None = None
    ) -> None:
        self.config, self.sources, self.images, self.versions = config, Sources(scripts), images, versions

    def __call__(
        self,
        script: str,
        wildcards: Mapping[str, Any],
        section: str = "",
        settings: Iterable[str] | None = None,
        plugins: Iterable[str] = (),
        expected: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> dict[str, Any]:
        """The params of a job: its wildcards, settings, root seed, and a hash of the code that it runs.

        Args:
            script: the script of its rule.
            wildcards: the wildcards of the job.
            section: the section of the job's experiment, or empty if it has none.
            settings: the settings that the job reads, by default all except the lists that the experiment crosses.
            plugins: the modules that the job loads by name. Their braces are filled in with wildcards and settings.
            expected: the params of the jobs that make its inputs. The code of these is part of the params: the rest
                follows from the job's own.
        """
        job = job_of(wildcards)
        entry = self.config[section][job["experiment"]] if section else {}
        names = [key for key in sorted(entry) if key not in CROSSED or (section == "theory" and key != "labels")]
        own = {key: entry[key] for key in (names if settings is None else settings)}
        modules = tuple(plugin.format(**{**own, **job}) for plugin in plugins)
        images = {"images": self.images()} if any(map(_uses_images, modules)) else {}
        code = {"code": self.code(script, modules)}
        code |= {f"{name}_code": made_by["code"] for name, made_by in (expected or {}).items()}
        return {**job, **own, **images, **code, "root_seed": self.config["root_seed"]}

    @cache  # noqa: B019 (there is one object for each configuration)
    def code(self, script: str, modules: tuple[str, ...] = ()) -> str:
        """A hash of a rule's script, of the modules that its job loads by name, and of all that these import."""
        return fingerprint(script, modules, self.sources, self.versions)

    def theory(self, wildcards: Mapping[str, Any]) -> dict[str, Any]:
        """The params of a check of theory. Its job loads the module of the check and the tasks that the entry names."""
        entry = self.config["theory"][wildcards.get("experiment")]
        tasks = [f"linear.tasks.{task}" for task in entry.get("tasks", ())]
        modules = [catalogue.checks()[entry["check"]].module, *tasks]
        return self("compute_theory", wildcards, section="theory", plugins=modules)

    def figure(self, name: str) -> dict[str, Any]:
        """The params of a figure."""
        images = {"images": self.images()} if plan.shows_images(self.config, name) else {}
        code = self.code("plot_figure", (catalogue.figures()[name].module,))
        return {"code": code, "experiments": self.config["figures"][name], **images, "figure": name}

    def explorer(self) -> dict[str, Any]:
        """The params of the explorer. It shows all networks, and the channels of the detection networks."""
        channels = {name: entry["channels"] for name, entry in sorted(self.config["detection"].items())}
        experiments = [*sorted(self.config["linear"]), *channels]
        return {"channels": channels, "code": self.code("plot_explorer"), "experiments": experiments}

    def claims(self) -> dict[str, Any]:
        """The params of the job that decides the claims."""
        requested = plan.requested_claims(self.config)
        modules = tuple(dict.fromkeys(catalogue.claims()[claim].module for claim in requested))
        experiments = plan.experiments_of(requested)
        return {"claims": requested, "code": self.code("check_claims", modules), "experiments": experiments}


def job_of(wildcards: Mapping[str, Any]) -> Job:
    """The wildcards of a job, with whole numbers converted."""
    return {name: int(value) if name in NUMBERS else value for name, value in wildcards.items()}


def _uses_images(module: str) -> bool:
    folder, _, name = module.rpartition(".")
    return folder == "detection.tasks" and plan.uses_images(name)
