"""What is hidden from whoever is here: what anybody thinks of a trace that they have still to judge."""

from pages.ui import filters, store

_NOT_YOU = "If it is not you, say above who you are."


def hidden_from_me(trace_id: str) -> bool:
    """Whether this trace waits in an open queue, in whatever browser that was drawn, so that nobody's verdict may be
    seen. Whoever has given no name may be any of those whose queues are open."""
    return trace_id in store.waiting_for(filters.person())


def why_hidden() -> str:
    """Why nothing is shown of what was said of a trace."""
    if filters.person():
        return "Verdicts are hidden until you have judged this trace."
    return f"Verdicts are hidden: somebody has still to judge this trace. {_NOT_YOU}"


def number_hidden(n: int) -> str:
    """How many traces of a list are left out of it, and why."""
    if filters.person():
        return f"{n:,} hidden until you have judged {'it' if n == 1 else 'them'}."
    return f"{n:,} hidden: somebody has still to judge {'it' if n == 1 else 'them'}. {_NOT_YOU}"
