"""What the form says of what it has just heard, before it asks on: sorry, mind your health, what was changed."""

from actions.ask import services
from actions.scene import Scene
from bot.domain.draft import Draft

Values = dict[str, str | None]


def remark(scene: Scene, before: Values, draft: Draft, refused: list[str]) -> None:
    """Say once and concretely what the shop is sorry for; read back each value that replaces another."""
    words = services().words
    kind, description = draft.value("complaint_kind"), draft.value("description")
    if kind and before["complaint_kind"] is None:
        scene.say("utter_sorry", sorry=words.sorry[kind])
    if description and before["description"] is None and words.hazardous(description):
        scene.say("utter_mind_your_health")
    for slot, old in before.items():
        new = draft.value(slot)
        if old is not None and new is not None and old != new:
            scene.say("utter_changed", label=words.slots[slot], value=words.shown(slot, new))
        elif old is not None and slot in refused:
            scene.say("utter_old_kept", label=words.slots[slot], value=words.shown(slot, old))
