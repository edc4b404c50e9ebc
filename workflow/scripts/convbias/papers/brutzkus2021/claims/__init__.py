"""The claims of brutzkus2021, and the evidence for and against each."""
