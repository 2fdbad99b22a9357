"""Names that can only be those of models: what a model said of a trace is a judgment, whoever calls it a label."""

import re
from functools import lru_cache

_FAMILIES = "claude|gemini|llama|mistral|mixtral|qwen|deepseek|grok|gemma|phi|command"
_NAME = re.compile(
    rf"(chat)?gpt([-_ .]?\d.*)?|({_FAMILIES})[-_ .:]?v?\d.*|o[134]([-_ ](mini|pro|preview).*)?"
    r"|claude[-_ ](opus|sonnet|haiku|instant).*|gemini[-_ ](pro|flash|ultra|nano).*|mistral[-_ ](large|medium|small).*"
    r"|(llm|ai|language model|model)([-_ ](as[-_ ]an?[-_ ])?(judge|grader|evaluator|annotator|labeler|labeller|rater))?",
    re.IGNORECASE,
)


@lru_cache(maxsize=1024)
def is_model(name: str) -> bool:
    """Whether a name can only be a model's: «gpt-4o», «anthropic/claude-sonnet-4», «LLM judge». Claude alone, or Gemini,
    may be a person."""
    return _NAME.fullmatch(name.strip().rpartition("/")[2]) is not None
