"""Files: written atomically, read with a checksum, and traced to what made them."""
