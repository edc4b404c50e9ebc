"""The claims of wu2019, and the evidence for and against each."""
