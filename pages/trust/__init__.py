"""How far to trust a judge."""
