"""Stage templates as rows, and as the pure rules see them."""

from governance_app.domain.errors import Sentence
from governance_app.domain.stages import StageSpec
from governance_app.initiatives.models import Stage


def default_stages() -> list[Stage]:
    """
    Give the stages of the default template, in order.

    Raises:
        Sentence: there is none; the installation is incomplete.
    """
    found = list(Stage.objects.filter(template__is_default=True).order_by("position"))
    if not found:
        raise Sentence("No stage template is the default one. Choose one under Settings.")
    return found


def spec_of(stage: Stage) -> StageSpec:
    """Give a stage as ``domain.stages`` judges it."""
    return StageSpec(stage.slug, stage.name, stage.time_box_days, stage.can_skip, stage.is_final)
