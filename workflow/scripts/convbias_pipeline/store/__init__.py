"""Files: written atomically, verified by a checksum when read, and stored with their provenance."""
