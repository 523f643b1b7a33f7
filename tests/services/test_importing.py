"""Sentences from files: every format gives the same lines, nothing comes in twice, nobody is overruled."""

import pytest

from bot.domain.conversation import Reading
from bot.domain.errors import Forbidden, LabelledMeanwhile, NotAllowed
from bot.domain.imports import MOST_BYTES, MOST_LINES, Fate, Import, Reason
from bot.domain.label import Example, InboxFilter, LabelState, Mark, Utterance
from bot.domain.shop import Shop
from bot.domain.user import Role, User
from bot.engine.dataset import written
from bot.engine.questions import read_questions
from bot.engine.sentences import read_sentences
from bot.services.importing import File, Importing, Known, Wanted
from bot.services.inbox import Inbox, Verdict
from bot.services.training import Training
from bot.settings import ROOT
from bot.store.unit_of_work import Store
from tests.conftest import Clock
from tests.services.staff import a_user, users_of

LABELS = frozenset({"late_delivery", "damaged_item", "greet", "out_of_scope", "faq/warranty"})
ENTITIES = frozenset({"product", "order_number", "phone"})
HELD_OUT = "متى يصل طلبي يا جماعة"
ACCEPT = Wanted(accept=True)


def guess(texts: list[str]) -> list[Reading]:
    return [Reading("greet", 0.7, [{"name": "greet", "confidence": 0.7}], [], "m.tar.gz") for _ in texts]


@pytest.fixture
def importing(store: Store, clock: Clock) -> Importing:
    return Importing(store, clock, Known(lambda: LABELS, lambda: ENTITIES, lambda: [HELD_OUT], read_sentences, guess))


@pytest.fixture
def inbox(store: Store, clock: Clock) -> Inbox:
    return Inbox(store, clock, lambda: LABELS)


@pytest.fixture
def noor(store: Store, clock: Clock) -> User:
    return a_user(users_of(store, clock), Role.ANALYST, "noor", "نور")


def csv(*rows: str) -> File:
    return File("a.csv", "\n".join(("text,label", *rows)).encode())


def yml(*blocks: tuple[str, str]) -> File:
    made = [f"- intent: {label}\n  examples: |\n    - {text}\n" for label, text in blocks]
    return File("a.yml", ('version: "3.1"\nnlu:\n' + "".join(made)).encode())


def kept(inbox: Inbox, state: LabelState | None = LabelState.NEW) -> dict[str, Utterance]:
    return {one.text: one for one in inbox.page(InboxFilter(state))[0]}


def fates(shown: Import) -> dict[str, int]:
    return {str(fate): count for fate, count in shown.fates.items()}


# ------------------------------------------------------------------ what comes in


def test_a_preview_writes_nothing_and_a_sentence_comes_in_with_guesses_and_a_suggestion(
    importing: Importing, inbox: Inbox, noor: User
) -> None:
    files = [csv("طلبي تأخر,late_delivery", "هلا,")]
    assert fates(importing.preview(files, Wanted())) == {"new": 2}
    assert kept(inbox) == {}
    importing.write(noor, files, Wanted())
    found = kept(inbox)
    assert {text: one.suggestion for text, one in found.items()} == {"طلبي تأخر": "late_delivery", "هلا": None}
    assert [(one.intent, one.confidence, one.model, one.label) for one in found.values()] == [
        ("greet", 0.7, "m.tar.gz", None)
    ] * 2
    assert (found["طلبي تأخر"].priority, found["هلا"].priority) == (3, 0)


@pytest.mark.parametrize("wanted", [Wanted(), ACCEPT])
def test_the_same_file_twice_changes_nothing(importing: Importing, inbox: Inbox, noor: User, wanted: Wanted) -> None:
    files = [csv("طلبي تأخر,late_delivery", "هلا,", "هلا,greet", "طلبي تأخّر,")]
    first = importing.write(noor, files, wanted)
    assert (fates(first), first.merged) == ({"new": 2}, 2)
    before = {text: (one.count, one.version, one.label, one.suggestion) for text, one in kept(inbox, None).items()}
    assert [count for count, *_ in before.values()] == [2, 2]
    again = importing.write(noor, files, wanted)
    assert fates(again) == {"known": 2}
    assert before == {text: (one.count, one.version, one.label, one.suggestion) for text, one in kept(inbox, None).items()}


def test_labels_are_accepted_in_somebodys_name_and_can_be_taken_back(importing: Importing, inbox: Inbox, noor: User) -> None:
    importing.write(noor, [csv("طلبي تأخر,late_delivery", "كم الساعة في طوكيو,out_of_scope", "هلا,")], ACCEPT)
    accepted, outside = kept(inbox, LabelState.ACCEPTED), kept(inbox, LabelState.OUT_OF_SCOPE)
    assert {text: (one.label, one.labelled_by) for text, one in accepted.items()} == {
        "طلبي تأخر": ("late_delivery", noor.id)
    }
    assert [one.label for one in outside.values()] == ["out_of_scope"]
    assert list(kept(inbox)) == ["هلا"]
    assert inbox.undo(noor).state is LabelState.NEW


def test_what_somebody_accepted_before_stays_and_is_named(importing: Importing, inbox: Inbox, noor: User) -> None:
    importing.write(noor, [csv("طلبي تأخر,late_delivery", "هلا,")], Wanted())
    for text, verdict in (
        ("طلبي تأخر", Verdict(LabelState.ACCEPTED, "late_delivery")),
        ("هلا", Verdict(LabelState.IGNORED)),
    ):
        one = kept(inbox)[text]
        inbox.decide(noor, one.id or 0, one.version, verdict)
    shown = importing.write(noor, [csv("طلبى تأخر,damaged_item", "هلا,greet")], ACCEPT)
    assert [(line.fate, line.before) for line in shown.lines] == [(Fate.CONFLICT, "late_delivery"), (Fate.KNOWN, "")]
    assert kept(inbox, LabelState.ACCEPTED)["طلبي تأخر"].label == "late_delivery"
    assert list(kept(inbox, LabelState.IGNORED)) == ["هلا"]


def test_a_suggestion_of_people_is_not_replaced_by_a_files(importing: Importing, inbox: Inbox, noor: User) -> None:
    importing.write(noor, [csv("طلبي تأخر,late_delivery", "هلا,")], Wanted())
    shown = importing.write(noor, [csv("طلبي تأخر,greet", "هلا,greet")], Wanted())
    assert fates(shown) == {"known": 1, "labelled": 1}
    assert {text: one.suggestion for text, one in kept(inbox).items()} == {"طلبي تأخر": "late_delivery", "هلا": "greet"}


def test_an_open_page_learns_that_an_import_was_quicker(importing: Importing, inbox: Inbox, noor: User) -> None:
    importing.write(noor, [csv("هلا,")], Wanted())
    shown = kept(inbox)["هلا"]
    importing.write(noor, [csv("هلا,greet")], ACCEPT)
    with pytest.raises(LabelledMeanwhile):
        inbox.decide(noor, shown.id or 0, 0, Verdict(LabelState.IGNORED))


def test_agents_import_nothing(importing: Importing, inbox: Inbox, store: Store, clock: Clock) -> None:
    with pytest.raises(Forbidden):
        importing.write(a_user(users_of(store, clock)), [csv("هلا,")], Wanted())
    assert kept(inbox) == {}


# ------------------------------------------------------------------ what does not


def test_each_refusal_names_its_line_and_the_rest_comes_in(importing: Importing, inbox: Inbox, noor: User) -> None:
    rows = ("طلبي تأخر,late_delivery", "", f"{HELD_OUT},late_delivery", "أ" + " ب" * 1100 + ",",
            "طلبي تأخّر,greet", "شي غريب,no_such", "\u202e \u200b,greet", "\ue000\ue000x,", "\x01هلا,")  # fmt: skip
    shown = importing.write(noor, [csv(*rows)], ACCEPT)
    refused = [(line.number, line.reason) for line in shown.lines if line.fate is Fate.REFUSED]
    assert refused == [(4, Reason.HELD_OUT), (5, Reason.TOO_LONG), (6, Reason.TWO_LABELS), (9, Reason.NOT_TEXT)]
    assert dict(shown.unknown) == {"no_such": 1}
    assert set(kept(inbox)) == {"شي غريب", "هلا"}
    assert list(kept(inbox, LabelState.ACCEPTED)) == ["طلبي تأخر"]


@pytest.mark.parametrize(
    "text",
    ["[غسالة](no_such)", "[غسالة]{product}", "[غسالة]{&x *x}",
     '[غسالة]{"value": 1}', '[غسالة][{"entity": "product"}]', "[ ](product)"],
)  # fmt: skip
def test_marks_that_mean_nothing_refuse_their_line(importing: Importing, text: str) -> None:
    shown = importing.preview([yml(("damaged_item", f"وصلت {text} مكسورة"), ("greet", "هلا"))], Wanted())
    assert [(line.number, line.reason) for line in shown.lines] == [(5, Reason.MARKS), (8, None)]


def test_marks_stay_on_their_words_when_a_text_is_cleaned(importing: Importing) -> None:
    text = '\u202bوصلت   [الغسالة\u200f]{"entity": "product", "value": "x"}  [771-12](order_number:9)\u202c مكسورة'
    [line] = importing.preview([yml(("damaged_item", text))], Wanted()).lines
    assert line.text == "وصلت الغسالة 771-12 مكسورة"
    assert line.marks == (Mark(5, 12, "product"), Mark(13, 19, "order_number"))


def test_formulas_and_markup_are_texts_like_any_other(importing: Importing, inbox: Inbox, noor: User) -> None:
    nasty = ['=cmd|"/c calc"!A1', "@SUM(1)", "- intent: greet", "[x](y)", "<script>", "{{7*7}}", "'; DROP TABLE x;--"]
    rows = ['"' + text.replace('"', '""') + '",greet' for text in nasty]
    importing.write(noor, [csv(*rows)], ACCEPT)
    assert set(kept(inbox, LabelState.ACCEPTED)) == set(nasty)


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (File("a.yml", b"nlu: [unclosed"), "import_unreadable"),
        (File("a.yml", b"rules: []"), "import_unreadable"),
        (File("a.yml", b"- a\n- b"), "import_unreadable"),
        (File("a.yml", b"nlu: &a [x]\nmore: [*a, *a]"), "import_unreadable"),
        (File("a.yml", b"nlu: " + b"[" * 100_000), "import_unreadable"),
        (File("a.yml", b""), "import_unreadable"),
        (File("a.csv", b'text,label\n"open,greet'), "import_unreadable"),
        (File("a.csv", b'text\n"' + b"x" * 200_000 + b'"'), "import_unreadable"),
        (File("a.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\x01" * 9), "import_no_text"),
        (File("a.txt", b"x" * (MOST_BYTES + 1)), "import_too_large"),
        (File("a.txt", b"x\n" * (MOST_LINES + 1)), "import_too_many"),
        (File("a.txt", "[12/3/2026, 10:04] منى: هلا".encode()), "import_speakers"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(importing: Importing, file: File, code: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        importing.preview([file], Wanted())
    assert refused.value.code == code


def test_tags_build_no_objects(importing: Importing) -> None:
    shown = importing.preview([File("a.yml", b"x: !!python/object/apply:os.system ['exit 1']\nnlu: []")], Wanted())
    assert shown.lines == []


def test_examples_may_be_a_list_and_other_blocks_are_passed_over(importing: Importing) -> None:
    content = (
        "nlu:\n- synonym: refund\n  examples: |\n    - x\n- intent: greet\n  examples:\n"
        "  - text: |\n      هلا\n  - مرحبا\n- lookup: y\n  examples: |\n    - z\n- 5\n- intent: {a: b}\n"
    )
    shown = importing.preview([File("a.yaml", content.encode())], Wanted())
    assert [line.text for line in shown.lines] == ["هلا", "مرحبا"]


# ------------------------------------------------------------------ there and back


def test_what_was_exported_comes_back_with_the_same_labels_and_marks(
    importing: Importing, inbox: Inbox, noor: User, shop: Shop
) -> None:
    examples = [
        Example("damaged_item", "وصلت الغسالة مكسورة", (Mark(5, 12, "product"),)),
        Example("late_delivery", "طلبي 405-1234567-1234567 تأخر", (Mark(5, 24, "order_number"),)),
        Example("faq/warranty", "كم الضمان [x] (y) \\n # %"),
        Example("out_of_scope", "كم الساعة: في طوكيو؟"),
        *(Example("greet", f"هلا {number} | > ' \" {{a}}") for number in range(500)),
    ]
    files = [File(f"{intent}.yml", content.encode()) for intent, content in written(examples).items()]
    shown = importing.write(noor, files, ACCEPT)
    assert fates(shown) == {"new": 504}
    back = Training(inbox, shop, lambda _: [], lambda _: None).examples()
    assert {(one.label, one.text, one.marks) for one in back} == {(one.label, one.text, one.marks) for one in examples}
    assert written(back) == written(examples)


def test_a_file_of_the_project_itself_is_read_as_rasa_reads_it(importing: Importing) -> None:
    file = ROOT / "data" / "nlu" / "delivery.yml"
    lines = read_sentences(file.name, file.read_text("utf-8"))
    asked = read_questions(file)
    assert [(line.label, line.text) for line in lines] == [(one.label, one.text) for one in asked]
    shown = file.read_text("utf-8").splitlines()
    assert all(line.text[:5] in shown[line.number - 1] for line in lines if not line.marks)
