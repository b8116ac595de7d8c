"""The console: what a person would see at the providers, and switches for their faults."""
