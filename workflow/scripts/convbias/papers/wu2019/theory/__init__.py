"""What wu2019 proves, as pure functions: one for each theorem or equation."""
