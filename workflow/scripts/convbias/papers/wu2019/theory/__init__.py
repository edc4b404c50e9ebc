"""The theorems and equations of wu2019, as pure functions."""
