"""``python -m convbias_pipeline.configuration.reference`` prints config/README.md: the keys of a configuration."""

import sys
from pathlib import Path
from typing import Any

from convbias import catalogue
from convbias_pipeline.configuration.check import complete_schema
from convbias_pipeline.configuration.load import ENTRIES

INTRODUCTION = """\
<!-- Generated from workflow/schemas/config.schema.yaml by `make config-readme`. -->
# Configuration

`config.yaml` has the general settings and the list of papers. Each paper has a file here with its experiments, claims
and figures. `presets/` has larger experiments that are not part of the main run.

## Change something

Put your changes in a file of your own and name it: `snakemake --configfile mine.yaml`. It only needs what differs:

```yaml
papers: [wu2019]              # run one paper
linear:
  wu2019-fig2: {seeds: 200}   # change one setting of one experiment
  wu2019-lr1: null            # drop an experiment, also from the claims and figures that use it
  "wu2019-fig6*": {d: 50}     # change all experiments whose names match
```

`"*": null` drops all entries of a section that the file does not name. The change of one entry wins over a name with
`*`. A name with `*` or a null that matches nothing is an error. Every setting that you change is labelled as assumed in
the captions, unless you give another label.

You can combine files: `snakemake --configfile config/presets/extended.yaml mine.yaml`. Name them all after one
`--configfile`: of a repeated option, Snakemake takes the last. It merges the files key by key, and the later file wins.
A list replaces the whole list. Settings after `--config` win over all files.

Snakemake reads your file before this workflow does. If it says only that the file is not valid, ends with a traceback
or does not answer, run `.venv/bin/python -m convbias_pipeline.configuration.read mine.yaml`. It names the line and the
column. For `config.yaml` and the files of this folder, the error has both.

An experiment may list several values of d, k, n_patterns, channels, noise, learning_rate or init_scale. It then stands
for one experiment per value, with the value in its name: `wu2019-phase-k` with `k: [1, 2]` becomes `wu2019-phase-k-k1`
and `wu2019-phase-k-k2`.
"""
LABELS = """
The file of a paper also has `labels`: the settings that the paper states, and those that follow from it (derived). All
other settings are assumed. An entry can have its own `labels`.
"""


def write(root: Path) -> str:
    """The page in Markdown: one table for general settings and one for each section."""
    schema = complete_schema(root)
    general = {key: value for key, value in schema["properties"].items() if key not in (*ENTRIES, "claims", "figures")}
    parts = [INTRODUCTION, "## General settings\n", _table(general, schema), LABELS]
    for section in ENTRIES:
        own = schema["properties"][section]
        parts += [f"## {section}\n", f"{_sentence(own['title'])}\n"]
        parts.append(_table(own["additionalProperties"].get("properties", {}), schema))
        if section == "theory":
            parts += ["| check | its settings |", "|---|---|"]
            parts += [
                f"| `{name}` | {', '.join(f'`{key}`' for key in one.settings)} |"
                for name, one in catalogue.checks().items()
            ]
            parts.append("")
    for section in ("claims", "figures"):
        own = schema["properties"][section]
        parts += [f"## {section}\n", f"{_sentence(own['title'])}\n"]
        if section == "claims":
            parts.append(_table(own["additionalProperties"]["properties"], schema))
    return "\n".join(parts).rstrip() + "\n"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _table(properties: dict[str, Any], schema: dict[str, Any]) -> str:
    lines = ["| key | meaning | values | default |", "|---|---|---|---|"]
    for key, value in properties.items():
        full = {**schema["$defs"].get(value.get("$ref", "").rsplit("/", 1)[-1], {}), **value}
        default = f"`{str(full['default']).lower()}`" if "default" in full else ""
        values = full.get("description") or ", ".join(f"`{one}`" for one in full["enum"])
        lines.append(f"| `{key}` | {full.get('title', '')} | {values} | {default} |".replace("  |", " |"))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(write(Path(__file__).parents[4]))
