"""What brutzkus2021 proves, as pure functions: one for each theorem or equation."""
