"""Making good: refunds and remakes by staff, with reasons, limits and a second person; many at once after an outage."""
