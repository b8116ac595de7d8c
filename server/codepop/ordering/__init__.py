"""Quotes, orders and their life, from the price shown to the drink fetched."""
