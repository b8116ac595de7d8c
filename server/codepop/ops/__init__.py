"""Running the chain: health, the demo chain, consoles, retention, keys."""
