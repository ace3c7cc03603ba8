"""Packs: which there are, what they declare, and how their code is loaded, reloaded and made anew."""
