"""One package for each outside capability: what we need of it as a protocol, and one module for each provider."""
