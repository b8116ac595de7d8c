"""Stand-alone servers that speak the wire protocols of CodePop's outside providers, for development and tests.

Nothing of the shop is imported here and the shop imports nothing from here: the two only meet over HTTP, exactly as
the shop meets the real providers. Each provider has a package of its own (`stripe`, `mail`); the store, clock, faults
and console are shared by all of them.
"""
