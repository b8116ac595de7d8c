"""A stateful server that speaks Stripe's wire protocol, API version 2026-10-28.endive, as far as a shop needs it."""
