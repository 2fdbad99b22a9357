"""The names and values by which columns are recognised, as people use them; all in small letters."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


IDS = _words(
    "trace_id id uuid run_id request_id response_id call_id record_id example_id sample_id item_id row_id event_id "
    "conversation_id dialog_id chat_id thread_id session_id interaction_id custom_id message_id span_id query_id key"
)
ATTEMPTS = _words("trial epoch attempt repeat repetition run rep iteration seed sample turn")
"""What tells the runs of one task apart."""
SESSIONS = _words("session_id session conversation_id conversation thread_id thread chat_id dialog_id dialogue_id")
TIMES = _words(
    "started_at start_time timestamp created_at created time datetime date ts request_time started created_on logged_at"
)
INPUTS = _words(
    "input user_input prompt question query user_query user_message user_prompt request instruction user message text"
)
OUTPUTS = _words(
    "output response completion answer assistant reply generation generated generated_text generated_answer "
    "model_output model_response final_answer bot_response assistant_message prediction result"
)
CHATS = _words("messages conversation_messages conversation chat traj trajectory history dialog dialogue transcript")
MODELS = _words("model model_name model_id llm engine deployment response_model")
ERRORS = _words("error error_message exception error_type")
DURATIONS = _words("latency_ms duration_ms elapsed_ms execution_duration_ms response_time_ms latency_in_ms")
MEASURES = frozenset(_words("tokens token cost latency duration usd ms elapsed logprob logprobs url uri"))
"""Words of columns that are no dimensions though they may have few values."""

PASS_WORDS = frozenset(
    _words("pass passed good correct accept accepted acceptable yes ok success successful satisfactory right compliant")
)
FAIL_WORDS = frozenset(
    _words(
        "fail failed failure bad incorrect reject rejected unacceptable no unsuccessful unsatisfactory wrong "
        "non-compliant noncompliant"
    )
)
OUTRIGHT = frozenset(("pass", "passed", "fail", "failed"))
"""Values that make a verdict of a column under any name."""
AGREEING = frozenset(("yes", "no"))
"""Words that mean pass or fail only under a name that asks for what is good: `has_error` asks for the opposite."""
POSITIVE = frozenset(_words("pass passed correct accepted approved success successful ok good acceptable"))
"""The last word of such names."""
BINARY = frozenset(("0", "1", "0.0", "1.0", "true", "false"))
"""Values whose meaning is never guessed: some files count failures, others passes."""
VERDICTS = frozenset(
    _words(
        "label verdict pass passed grade judgment judgement judgments correct correctness accepted is_accepted "
        "is_correct approved score rating reward success outcome evaluation assessment decision annotation "
        "ok good acceptable successful"
    )
)
STRONG = frozenset(_words("label verdict grade judgment judgement"))
"""Names that hold a verdict whatever their values are."""
FINAL = frozenset(_words("final overall total gold consensus adjudicated agreed majority"))
"""Words of the one verdict that counts among several."""
REVIEWS = frozenset(_words("review quality result overall final"))
"""Names that hold a verdict where the values are pass and fail outright."""
CAUSES = frozenset(_words("reason reasoning rationale explanation justification"))
"""Words of critiques that also say why a program did something."""
CRITIQUES = CAUSES | frozenset(_words("critique comment comments note notes feedback remark"))
NO_CRITIQUES = frozenset(_words("finish stop end escalation user customer client"))
"""Words of what only sounds like a critique: why a model stopped, what the people in the conversation said."""
CATEGORIES = frozenset(
    _words(
        "failure_modes failure_mode failure_categories failure_category categories error_categories axial_code "
        "axial_codes"
    )
)
JUDGES = frozenset(
    _words(
        "judge llm gpt auto automatic automated model ai evaluator grader critic claude gemini eval evals ragas deepeval "
        "autorater autograder"
    )
)
METRICS = _words(
    "faithfulness groundedness answer_relevancy answer_relevance answer_correctness answer_similarity context_precision "
    "context_recall context_relevancy context_relevance contextual_precision contextual_recall contextual_relevancy "
    "factual_correctness semantic_similarity noise_sensitivity bertscore bleu rouge"
)
"""What programs measure: a verdict of that name is one of theirs."""
NAMED_JUDGES = _words("judge judge_name judge_model judge_id")
"""Columns that name who judged."""
PEOPLE = frozenset(_words("expert human manual annotator reviewer edited corrected gold reference"))
MEASURED = frozenset(_words("reward score prompt prompts"))
"""Words of verdicts that a program or a model gave."""
CRITERIA = frozenset(
    _words(
        "tone style accuracy relevance relevancy safety helpfulness correctness completeness clarity fluency coherence "
        "conciseness factuality format grammar toxicity quality usefulness politeness empathy error hallucination "
        "refusal intent topic sentiment category overall total has is was not"
    )
)
"""Words that say what was looked at, and so not who looked."""
AUTHORS = frozenset(_words("labeler annotator reviewer labeller rater author annotated_by reviewed_by labeled_by"))
QUALIFIERS = frozenset(
    _words("is was are the main answer response output reply completion generation text task fail failed failure")
)
"""Words that leave a name of a verdict or a critique one of the answer as a whole."""
HINTS = frozenset(
    _words(
        "thumb thumbs vote reaction helpful useful rated stars satisfied satisfaction like liked feedback hallucination hallucinated "
        "error errors failed wrong unsafe toxic refusal refused"
    )
)
"""Words of columns that may hold a verdict, though not one that can be read without being told."""
THUMBS = frozenset(_words("thumbs_up thumbs_down thumbsup thumbsdown up down like dislike 👍 👎"))
SOURCES = frozenset(_words("source annotator_kind source_type kind annotator_type type"))
KINDS = frozenset(_words("annotator_kind annotator_type source_type"))
"""Those of them that can only be about who gave a verdict."""
EXPERT_VALUES = frozenset(_words("expert human annotation annotator manual reviewer"))
JUDGE_VALUES = frozenset(_words("judge llm model eval llm_judge ai auto"))

CONTAINERS = frozenset(
    _words(
        "runs data items records traces results rows examples samples logs entries conversations dialogs dialogues "
        "chats sessions trajectories observations annotations labels scores feedback judgments documents"
    )
)
"""Names under which exports keep their list of records."""
CONTENT = frozenset(_words("input output messages prompt completion question answer query response conversation"))
"""Names that make an object a record."""
