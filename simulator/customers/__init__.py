"""Customers who order, pay and fetch drinks over HTTP, and the checks that their orders left everything adding up.

Talks to the running system like any client: the public API, the sandbox's browser side of Stripe, the keypad at the
store's doors. Only the closing checks look into the database.
"""
