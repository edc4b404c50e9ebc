"""The theory of kou2023: the network in the span of its data, the exact error, and the phase boundary."""
