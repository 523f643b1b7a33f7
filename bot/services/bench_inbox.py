"""What the console and the worker ask of the inbox, to be measured."""

from collections.abc import Callable, Sequence

from bot.domain.label import InboxFilter, LabelState, Look
from bot.services.inbox import Inbox

REPLAYED = 500


def asked_of(inbox: Inbox, words: Sequence[str]) -> dict[str, Callable[[], object]]:
    """Return each question with its name; `words` are a common one, a middling one and a rare one."""
    common, middling, rare = words
    often = inbox.page(InboxFilter())[0][0]
    assert often.id is not None
    number, intent, label = often.id, "late_delivery", "faq/warranty"
    return {
        "opening": lambda: inbox.page(InboxFilter()),
        "to be looked at first": lambda: inbox.page(InboxFilter(look=Look.FIRST)),
        "corrected": lambda: inbox.page(InboxFilter(look=Look.CORRECTED)),
        "not understood": lambda: inbox.page(InboxFilter(look=Look.NOT_UNDERSTOOD)),
        "unsure": lambda: inbox.page(InboxFilter(look=Look.UNSURE)),
        "badly rated": lambda: inbox.page(InboxFilter(look=Look.BADLY_RATED)),
        "said since then": lambda: inbox.page(InboxFilter(since=often.last_seen)),
        "accepted": lambda: inbox.page(InboxFilter(LabelState.ACCEPTED)),
        "ignored": lambda: inbox.page(InboxFilter(LabelState.IGNORED)),
        "read as an intent": lambda: inbox.page(InboxFilter(intent=intent)),
        "with a label": lambda: inbox.page(InboxFilter(LabelState.ACCEPTED, label=label)),
        "search, common word": lambda: inbox.page(InboxFilter(text=common)),
        "search, middling word": lambda: inbox.page(InboxFilter(text=middling)),
        "search, rare word": lambda: inbox.page(InboxFilter(text=rare)),
        "search, none": lambda: inbox.page(InboxFilter(text="zzzzqq")),
        "page 20": lambda: inbox.page(InboxFilter(), 1_000),
        "the farthest page": lambda: inbox.page(InboxFilter(), 100_000),
        "look-alikes": lambda: inbox.clusters(InboxFilter()),
        "where it was said": lambda: inbox.seen_in(number),
        "the newest 500": lambda: inbox.newest(REPLAYED),
    }
