"""The live process: changes reach screens and machines over server-sent events, fed by PostgreSQL's NOTIFY."""
