"""The standard packs."""
