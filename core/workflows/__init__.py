"""What people do, one verb per file: the only door for pages and the command line; it may import all below."""
