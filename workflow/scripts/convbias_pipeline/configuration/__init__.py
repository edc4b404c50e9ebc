"""From files to a checked configuration."""
