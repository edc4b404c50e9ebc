"""The claims of kou2023, and the evidence for and against each."""
