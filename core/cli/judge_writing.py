"""`passfail judge split` and `passfail judge save`."""

import json
from argparse import Namespace
from pathlib import Path
from typing import Any, cast

from core.cli.database import database_path, opened
from core.cli.output import Output
from core.cli.shapes import judge_shape
from core.errors import InputError
from core.workflows.categorising import category_named, category_names
from core.workflows.drafting import begin_draft, preview, save_check, save_version
from core.workflows.splitting import assign_splits, look_at_splits, preview_splits, read_shares


def run_judge_split(args: Namespace, output: Output) -> int:
    """Assign what has no split yet, and say what is in each."""
    shares = read_shares(args.shares) if args.shares else None
    with opened(database_path(args)) as store:
        new = preview_splits(store, shares) if args.dry_run else assign_splits(store, by=args.person, shares=shares)
        state = look_at_splits(store)
    if output.json:
        held = {s.split: {"passed": s.passed, "failed": s.failed} for s in state.splits}
        output.document(
            {"assigned": new, "splits": held, "waiting": state.waiting, "removed": state.removed, "notes": state.gates}
        )
        return 0
    output.table(
        ("split", "assigned now", "passed", "failed"),
        [(s.split, new[s.split], s.passed, s.failed) for s in state.splits],
        right="lrrr",
    )
    if new["left out"]:
        output.line(f"{new['left out']:,} stay out: they are twins of traces in two splits.")
    for sentence in state.gates:
        output.line(sentence)
    return 0


def run_judge_save(args: Namespace, output: Output) -> int:
    """Save a version; slots that the file does not name are as in the newest version, else as the failure category that it
    names is defined, else as the rubric has them."""
    slots = _read(args.file)
    with opened(database_path(args)) as store:
        about = category_named(store, str(slots["category"])) if slots.get("category") else None
        names = category_names(store)
        if "check" in slots:
            settings = {name: value for name, value in slots.items() if name not in ("check", "category")}
            version = save_check(
                store, args.judge, str(slots["check"]), settings, by=args.person, category_id=about and about.id
            )
            findings: list[str] = []
        else:
            draft = begin_draft(store, args.judge, about)
            try:
                draft = draft._replace(spec=draft.spec.with_slots(slots))
            except (TypeError, ValueError, KeyError, IndexError, OverflowError) as problem:
                raise InputError(
                    f"{args.file.name} cannot be used: {problem}.", "See passfail judge save --help."
                ) from None
            findings = [finding.words for finding in preview(store, draft).findings if not finding.ok]
            version = save_version(store, draft, by=args.person)
    if output.json:
        output.document(judge_shape(version, names) | {"notes": findings})
        return 0
    output.line(f"Saved as {version.ref}.")
    for sentence in findings:
        output.note(f"Look at this: {sentence}.")
    return 0


def _read(path: Path) -> dict[str, Any]:
    try:
        held: Any = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        raise InputError(f"{path.name} cannot be read as JSON.", "It holds one object of slots.") from None
    if not isinstance(held, dict):
        raise InputError(f"{path.name} holds no JSON object.", "It holds one object of slots.")
    return cast("dict[str, Any]", held)
