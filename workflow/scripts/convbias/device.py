"""Where networks train: cpu or cuda."""


def pick(wanted: str) -> str:
    """``cpu`` or ``cuda`` for what is wanted; for ``auto`` the GPU if there is one.

    Raises:
        ValueError: the device is cuda and there is none.
    """
    if wanted == "cpu":
        return wanted
    import torch  # not everything that asks needs it

    if torch.cuda.is_available():
        return "cuda"
    if wanted == "cuda":
        raise ValueError("device: cuda was asked for, but torch sees no GPU here; allowed on this machine: auto, cpu")
    return "cpu"
