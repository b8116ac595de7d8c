"""Simulated stores and customers. They speak HTTP only, as real robots, doors and people would; nothing of the server
is imported here."""
