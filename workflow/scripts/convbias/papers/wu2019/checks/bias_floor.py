"""The error of the X-hinge limit with infinitely many samples, for every filter size.

Ref: wu2019, Section 6 (the choice of k)
"""

from convbias.checks import columns
from convbias.linear.tasks import make as make_task
from convbias.papers.wu2019.theory.population import population_limit

SETTINGS = {"tasks": "linear.tasks[]", "d": ["even_length"]}


def curves(tasks: list[str], d: list[int], root_seed: int) -> dict[str, list]:
    """For each task, d and k = 1 ... d: ``floor_{task}``, ``floor_{task}_gap`` and ``floor_{task}_smallest_output``.

    The floor is empty if sigma_1 is degenerate, or if an output is 0.

    Ref: wu2019, Section 6 (the choice of k)
    """
    rows = []
    for name in tasks:
        for length in d:
            task = make_task(name, length)
            for k in range(1, length + 1):
                found = population_limit(task, k)
                values = {"": found.error if found.certain else None, "_gap": found.gap}
                values["_smallest_output"] = found.smallest_output
                rows += [
                    {"quantity": f"floor_{name}{suffix}", "d": length, "k": k, "value": value}
                    for suffix, value in values.items()
                ]
    return columns(rows)
