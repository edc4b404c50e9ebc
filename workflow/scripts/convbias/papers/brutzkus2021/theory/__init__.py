"""The theorems and equations of brutzkus2021, as pure functions."""
