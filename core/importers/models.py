"""Names that can only be those of models: what a model said of a trace is a judgment, whoever calls it a label."""

import re
from functools import lru_cache

_VENDORS = (
    "anthropic|openai|azure|meta|google|vertex_ai|mistral|cohere|deepseek|qwen|xai|bedrock|ollama|groq|together_ai"
)
_VENDOR = re.compile(rf"((us|eu|apac|global)\.)?({_VENDORS})[.:]", re.IGNORECASE)
_NAME = re.compile(
    # a version after a name that nobody bears
    r"(chat)?gpt([-_ .]?\d.*|-oss.*)?|(meta-)?(llama|mistral|mixtral|qwen|deepseek|grok)[-_ .:]?v?\d.*"
    # after a name that people bear too, a version that stands apart, or the size of the model
    r"|(claude|gemini|gemma|phi)([-_ :]v?\d(\.\d.*|[-_ :@].*)?|[-_ :]\d+b([-_ :].*)?|\d[-_:](\d+b|mini|small|medium)([-_ :].*)?)"
    r"|o[134][-_ ](mini|pro|preview|deep-research|\d{4})([-_ ].*)?"
    r"|claude[-_ ](opus|sonnet|haiku|instant).*|gemini[-_ ](pro|flash|ultra|nano).*|mistral[-_ ](large|medium|small).*"
    r"|deepseek[-_](chat|coder|reasoner|r\d).*|command-(r|a|light|nightly)(\d*b)?(-.*)?|qwen-(max|plus|turbo).*"
    r"|llm|language model"
    r"|(llm|ai|language model|model)[-_ ](as[-_ ]an?[-_ ])?(judge|grader|evaluator|annotator|labeler|labeller|rater)",
    re.IGNORECASE,
)


@lru_cache(maxsize=1024)
def is_model(name: str) -> bool:
    """Whether a name can only be a model's: «gpt-4o», «anthropic/claude-sonnet-4», «LLM judge». Claude alone may be a person,
    and so may «claude75», «O3» or «AI»."""
    last = name.strip().rpartition("/")[2]
    return _NAME.fullmatch(last.removeprefix(found.group()) if (found := _VENDOR.match(last)) else last) is not None
