"""`./run chaos`: seeded histories of people, robots, messages, faults and crashes over the real services."""
