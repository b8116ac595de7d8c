"""The launcher behind `./run`: environment, database, processes, checks. Knows the product only by its commands."""
