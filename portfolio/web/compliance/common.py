"""What the pages of compliance share: who a form names, evidence it brings, answers it holds."""

from typing import Any, BinaryIO, cast

from django.http import HttpRequest

from governance_app.domain.errors import Sentence
from governance_app.domain.questions import Question
from governance_app.files import services as files
from governance_app.people import selectors as people
from portfolio.web.access import viewer_of

MOST_EVIDENCE_BYTES = 50 * 1024**2


def person(request: HttpRequest, name: str) -> Any:
    """
    Give the person whose e-mail a field holds; blank is None.

    Raises:
        Sentence: nobody has that address.
    """
    email = request.POST.get(name, "").strip()
    if not email:
        return None
    found = people.people(viewer=viewer_of(request)).filter(email__iexact=email).first()
    if found is None:
        raise Sentence(f"Nobody here has the address {email}.")
    return found


def kept(request: HttpRequest, name: str = "file") -> Any:
    """Keep the file a form brings; None when it brings none."""
    upload = request.FILES.get(name)
    if upload is None:
        return None
    if not upload.size:
        raise Sentence(f"{upload.name} is empty.")
    if upload.size > MOST_EVIDENCE_BYTES:
        raise Sentence(f"{upload.name} is larger than 50 MB. Say where it is kept instead.")
    return files.store(
        content=cast(BinaryIO, upload.file),
        name=upload.name or "evidence",
        media_type=upload.content_type or "",
        by=viewer_of(request),
    )


def answers_of(request: HttpRequest, questions: Any) -> tuple[dict[str, Any], dict[str, str]]:
    """Read the answers and notes of a questionnaire's form."""
    answers: dict[str, Any] = {}
    notes: dict[str, str] = {}
    for question in questions:
        field = f"q-{question.key}"
        if field in request.POST:
            values = [value for value in request.POST.getlist(field) if value]
            answers[question.key] = (
                values if question.kind == "many" else (values[0] if values else "")
            )
        elif f"asked-{question.key}" in request.POST:
            answers[question.key] = []
        note = request.POST.get(f"n-{question.key}")
        if note is not None:
            notes[question.key] = note
    return answers, notes


def lines_of(
    questions: list[Question], answers: dict[str, Any], notes: dict[str, str], **more: Any
) -> list[dict[str, Any]]:
    """Write questions as lines of a form, grouped by section in their order."""
    sections: dict[str, list[dict[str, Any]]] = {}
    for question in questions:
        said = answers.get(question.key, [])
        values = [said] if isinstance(said, str) else list(said)
        sections.setdefault(question.section, []).append(
            {
                "question": question,
                "choices": [
                    {"value": each.value, "label": each.label, "is_chosen": each.value in values}
                    for each in question.choices
                ],
                "text": values[0] if values and question.kind == "text" else "",
                "note": notes.get(question.key, ""),
                "is_answered": bool(values),
                **{name: of.get(question.key) for name, of in more.items()},
            }
        )
    return [{"name": name, "lines": lines} for name, lines in sections.items()]
