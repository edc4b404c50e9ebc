"""What ``make env`` installs, and the image that uses it."""

import os
import shutil
import subprocess
import sys

import pytest

from running import ROOT


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere, the build of torch on PyPI has no CUDA")
@pytest.mark.parametrize(
    ("torch", "gpu", "cpu_build"),
    [("auto", 0, True), ("auto", 1, False), ("cpu", 1, True), ("cuda", 0, False), ("gpu", 0, None)],
)
def test_make_gets_the_cpu_build_of_torch_if_there_is_no_gpu(torch, gpu, cpu_build, tmp_path):
    """pip only prints what it would install. ``nvidia-smi`` finds a GPU or fails."""
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").symlink_to(sys.executable)
    (tmp_path / "nvidia-smi").write_text(f"#!/bin/sh\nexit {1 - gpu}\n")
    (tmp_path / "nvidia-smi").chmod(0o755)
    settings = [f"TORCH={torch}", "PYTHON=true", "PIP=echo Collecting"]
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(["make", "env", *settings], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert (done.returncode == 0) == (cpu_build is not None), done.stderr
    assert ("https://download.pytorch.org/whl/cpu torch" in done.stdout) == bool(cpu_build)
    if cpu_build is None:
        assert "TORCH is gpu. Set it to auto, cpu or cuda." in done.stderr
    else:
        assert "Installing the packages for workflow:" in done.stdout


def test_the_image_is_made_by_the_makefile():
    image = (ROOT / "envs/Containerfile").read_text()
    assert "\nRUN make env TORCH=cpu " in image and 'ENV PATH="/convbias/.venv/bin:$PATH"' in image
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".venv", "results"} <= {*ignored}  # an environment of another machine would count as made
