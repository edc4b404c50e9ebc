"""The papers' theorems and equations, one pure function each."""
