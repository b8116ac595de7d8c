"""What a person likes, must not drink, and orders again and again."""
