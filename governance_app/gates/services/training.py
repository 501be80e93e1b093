"""Noting who was trained to decide at gates for others, and asking whether somebody was."""

import datetime as dt

from governance_app.audit.acting import recorded
from governance_app.audit.refusing import refusals_noted
from governance_app.books.selectors import setting
from governance_app.gates.models import Training
from governance_app.gates.refusing import GateRefused
from governance_app.gates.services.keeping import as_now, sentence_of, today
from governance_app.people import access
from governance_app.people.models import User


@refusals_noted
@recorded
def note_training(*, person: User, trained_on: dt.date, reference: str, by: User) -> Training:
    """
    Note that somebody was trained to stand in at gates.

    Raises:
        GateRefused: oneself, a day that has not come, no proof, or noted already.
        Refused: the actor may not say so.
    """
    access.require(by, "gate.policy")
    if person.pk == by.pk:
        raise GateRefused("Somebody else notes your training.")
    person = as_now(person)
    if person.is_system:
        raise GateRefused(f"{person} is no person.")
    if trained_on > today():
        raise GateRefused(f"{trained_on} has not come yet.")
    proof = sentence_of(reference, "Name the course or the record that proves it.")
    if Training.objects.filter(person=person, trained_on=trained_on).exists():
        raise GateRefused(f"That {person} was trained on {trained_on} is noted already.")
    return Training.objects.create(
        person=person, trained_on=trained_on, reference=proof[:300], noted_by=by
    )


def check_trained(person: User, until_on: dt.date) -> None:
    """
    Refuse a stand-in whose training is missing, or ends before they stop standing in.

    Raises:
        GateRefused: says what is missing.
    """
    days = int(setting(key="gate_training", on=today())["days"])
    if not days:
        return
    newest = Training.objects.filter(person=person).order_by("-trained_on").first()
    if newest is None:
        raise GateRefused(
            f"{person} was not trained to decide for others. The board or a risk officer notes "
            "the training first."
        )
    ends = newest.trained_on + dt.timedelta(days=days)
    if ends < until_on:
        raise GateRefused(
            f"{person} was trained on {newest.trained_on}, which counts until {ends}, "
            f"not until {until_on}."
        )
