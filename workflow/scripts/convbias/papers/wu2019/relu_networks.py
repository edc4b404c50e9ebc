"""The kinds of ReLU networks that the check of fully connected networks trains, with their names in tables."""

NETWORKS = {
    f"{training}_{depth}": f"{name}, depth {depth}"
    for depth in (2, 3)
    for training, name in (("gd", "gradient descent"), ("adam", "Adam"))
}
