"""Prepare Snakemake's state, its records and marks, when Snakemake opens it. A dry run gets a temporary state.

While Snakemake reads the workflow, it does not know yet whether jobs will run. ``--lint`` never opens the state.
"""

import os
import shutil
from pathlib import Path
from typing import Any

import snakemake.api  # before the next one, which imports it
import snakemake.workflow
from snakemake.exceptions import WorkflowError
from snakemake.persistence.file import FilePersistence

from convbias_pipeline.run import folder, unrecorded

STATE = Path(".snakemake")
_results: list[tuple[Any, Path]] = []  # each workflow of this process with a folder of its results


def prepare(workflow: Any, results: Path) -> None:
    """Keep the records of a workflow in its results, and mark files without a record, before it plans its jobs.

    A workflow that imports rules of this one in several steps calls this several times.
    """
    _results.append((workflow, results))
    snakemake.workflow.FilePersistence = Persistence


class Persistence(FilePersistence):
    """Snakemake's state. That of a dry run is a temporary folder, from which it plans the same jobs as a run."""

    def __init__(
        self,
        *,
        dag: Any,
        path: Path | None = None,
        conda_prefix: Path | None = None,
        singularity_prefix: Path | None = None,
        **options: Any,
    ) -> None:
        workflow = dag.workflow
        results = list(dict.fromkeys(each for one, each in _results if one is workflow))
        try:
            if workflow.dryrun:
                path = workflow.snakemake_tmp_dir / "state"
                _copy(results, path)
            else:
                for each in results:
                    folder.keep_records(each, STATE)
            if workflow.is_main_process:
                for each in results:
                    unrecorded.mark(each, path or STATE)
        except folder.FolderError as error:
            raise WorkflowError(str(error)) from None
        super().__init__(
            dag=dag, path=path, conda_prefix=conda_prefix, singularity_prefix=singularity_prefix, **options
        )
        if workflow.dryrun:  # which tells whether these exist
            self.conda_env_path = os.path.abspath(conda_prefix or STATE / "conda")
            self.container_img_path = os.path.abspath(singularity_prefix or STATE / "singularity")


def _copy(results: list[Path], to: Path) -> None:
    """Copy the marks of all places that may have them, and the records. One place of records gets a link."""
    for theirs, ours in folder.STATE.items():
        places = {place.resolve() for place in (*(each / ours for each in results), STATE / theirs) if place.is_dir()}
        if theirs == "metadata" and len(places) == 1:
            to.mkdir(parents=True, exist_ok=True)
            (to / theirs).symlink_to(places.pop())
        else:
            (to / theirs).mkdir(parents=True)
            for place in places:
                shutil.copytree(place, to / theirs, dirs_exist_ok=True)
