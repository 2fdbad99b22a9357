"""Where a failed trace broke: the step of the message that its expert marked, and the one before it.

A step goes by the tool that the message calls, else by its name, else by its role.
"""

STEP = """coalesce(json_extract_string(t.layout, '$[' || ({place}) || '].c[0][1]'),
    json_extract_string(t.layout, '$[' || ({place}) || '].n'), json_extract_string(t.layout, '$[' || ({place}) || '].r'))"""

START = "(start)"
"""The last good step of a trace that broke in its first message."""

BREAKS = f"""select l.trace_key, {STEP.format(place="l.first_failure")} as failed_at,
        case when l.first_failure = 0 then '{START}' else {STEP.format(place="l.first_failure - 1")} end as last_good
    from ({{labels}}) l join traces t using (trace_key)
    where l.state = 'fail' and l.first_failure between 0 and t.message_count - 1"""  # noqa: S608 - fixed fragments, bound values
