import os
import shutil
import subprocess
from pathlib import Path

from snakemake.exceptions import WorkflowError


def checkout(source):
    """The root of the checkout that this workflow runs from. ``source`` is the folder of this file.

    If another workflow uses this one from a git repository, Snakemake reads single files of a commit. Jobs import many
    others, so all files of the commit are checked out below .snakemake.
    """
    if not hasattr(source, "ref"):
        return Path(source.get_path_or_uri(secret_free=True)).parents[1]
    repository = source.repo_path if hasattr(source, "repo_path") else source.hosted_repo.repo.git_dir

    def git(*arguments):
        try:
            done = subprocess.run(["git", *map(str, arguments)], check=True, capture_output=True, encoding="utf-8")
        except subprocess.CalledProcessError as error:
            raise WorkflowError(f"Could not check out {source.ref} of {repository}: {error.stderr}") from None
        return done.stdout.strip()

    commit = git("-C", repository, "rev-parse", f"{source.ref}^0")
    place = Path(".snakemake", "convbias", commit).resolve()
    if not place.exists():
        temp_path = place.with_name(f"{commit}.{os.getpid()}")
        git("clone", "--quiet", "--no-checkout", repository, temp_path)
        git("-C", temp_path, "checkout", "--quiet", "--detach", commit)
        try:
            temp_path.rename(place)
        except OSError:  # another process was faster
            shutil.rmtree(temp_path)
    return place


ROOT = checkout(workflow.current_basedir)
RULES = ROOT / "workflow" / "rules"
