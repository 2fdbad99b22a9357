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
BINARY = frozenset(("0", "1", "0.0", "1.0", "true", "false"))
"""Values whose meaning is never guessed: some files count failures, others passes."""
VERDICTS = frozenset(
    _words(
        "label verdict pass passed grade judgment judgement judgments correct correctness accepted is_accepted "
        "is_correct approved score rating reward success outcome evaluation assessment decision annotation"
    )
)
STRONG = frozenset(_words("label verdict grade judgment judgement"))
"""Names that hold a verdict whatever their values are."""
CRITIQUES = frozenset(
    _words("critique comment comments reason reasoning rationale explanation note notes feedback justification remark")
)
CATEGORIES = frozenset(
    _words(
        "failure_modes failure_mode failure_categories failure_category categories error_categories axial_code "
        "axial_codes"
    )
)
JUDGES = frozenset(_words("judge llm gpt auto automatic automated model ai evaluator grader critic claude gemini"))
PEOPLE = frozenset(_words("expert human manual annotator reviewer edited corrected gold reference"))
MEASURED = frozenset(_words("reward score prompt prompts"))
"""Words of verdicts that a program or a model gave."""
AUTHORS = frozenset(_words("labeler annotator reviewer labeller rater author annotated_by reviewed_by labeled_by"))
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
