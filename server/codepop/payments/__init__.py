"""Payments, refunds and the ledger. Knows what is paid only by a reference; never knows orders."""
