"""Read-only figures across features, and the staff screens that show them."""
