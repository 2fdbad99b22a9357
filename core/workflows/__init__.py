"""What people do, one verb per file: the only door for pages and the command line. They may import everything below them."""
