"""The pages: each reads the slice of the address, calls a workflow and draws. They share `pages.ui` alone."""
