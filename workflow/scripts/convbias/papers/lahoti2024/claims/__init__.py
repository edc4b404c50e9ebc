"""The claims of lahoti2024, and the evidence for and against each."""
