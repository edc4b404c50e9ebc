"""Where networks train: cpu or cuda."""


def require(device: str) -> None:
    """Do nothing where the device is there.

    Raises:
        ValueError: the device is cuda and there is none.
    """
    if device == "cuda":
        import torch  # not everything that asks needs it

        if not torch.cuda.is_available():
            raise ValueError("device: cuda was asked for, but torch sees no GPU here; allowed on this machine: cpu")
