"""Widgets shared by pages: filters, links, rates, notices, the trace view, the frame. They know no page."""
