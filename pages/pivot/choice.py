"""What to count, as the address says it."""

from typing import NamedTuple

from core.workflows.counting import judge_behind
from core.workflows.pivoting import EXPERT, FAILED


class Choice(NamedTuple):
    """Rows, columns, whose verdicts, and what of them."""

    rows: str
    cols: str | None
    of: str = EXPERT
    measure: str = FAILED
    only_traces: bool = False
    """Show numbers of traces and no rates."""
    rows_words: str = ""
    cols_words: str = ""

    @property
    def corrected(self) -> str | None:
        """The judge version whose corrected rates are shown, or None."""
        return judge_behind(self.of)

    @property
    def judge(self) -> str | None:
        """The judge version whose verdicts are shown, corrected or not; None for the expert's."""
        return self.corrected or (None if self.of == EXPERT else self.of)

    @property
    def axes(self) -> str:
        """«scenario and persona»."""
        return f"{self.rows_words} and {self.cols_words}" if self.cols else self.rows_words
