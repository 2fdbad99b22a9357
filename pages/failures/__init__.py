"""Turn critiques into failure categories with counts."""
