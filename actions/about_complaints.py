"""Services about a complaint that was filed: its status, more words, the next level, the end, and the beginning anew.

The complaint is the newest of this conversation, or one whose number the shopper gives with the contact it was filed with.
"""

from datetime import datetime, time

from rasa_sdk.events import EventType

from actions.ask import services
from actions.scene import Scene, shown
from actions.service import Answers, Service
from actions.slots import today
from bot.domain.complaint import Complaint, Level
from bot.domain.errors import ComplaintUnknown, NotAllowed, ProofNeeded, TooMany
from bot.domain.life import require_step, require_words
from bot.domain.names import Status
from bot.language.dates import DateProblem, read_past_date
from bot.language.fields import told_contact
from bot.services.fields import Unclear

TELLING_WORDS = 7
"""Whoever asks to add something in so many words has said it already."""


RAISED = {
    Level.SUPERVISOR: "utter_raised_to_supervisor",
    Level.FORMAL: "utter_raised_to_formal",
    Level.AUTHORITY: "utter_raised_to_authority",
}


class AboutComplaint(Service):
    """Its own `questions` come once the complaint is known."""

    when_given_up = "utter_no_number"

    def begin(self, scene: Scene) -> Answers | None:
        number = scene.said.entity("complaint_number")
        latest = services().life.latest(scene.conversation)
        if number is None and latest is not None:
            return {"tracked_number": latest.number, "proof": ""} | self.told(scene)
        answers = self.told(scene) | ({"tracked_number": number} if number else {})
        if number:
            self._try_door(scene, answers)
        return answers

    def told(self, scene: Scene) -> Answers:
        """Return which of its own questions the opening has answered."""
        return {}

    def heard(self, scene: Scene, question: str, answers: Answers) -> None:
        if question == "tracked_number":
            self._try_door(scene, answers)
        if question == "proof":
            self._prove(scene, answers)

    def next_question(self, scene: Scene, answers: Answers) -> str | None:
        for question in ("tracked_number", "proof"):
            if question not in answers:
                return question
        try:
            asks = self.asks_about(_complaint(scene, answers))
        except NotAllowed:
            return None
        return next((question for question in asks if question not in answers), None)

    def finish(self, scene: Scene, answers: Answers) -> list[EventType]:
        try:
            complaint = _complaint(scene, answers)
            self.asks_about(complaint)
            self.do(scene, complaint, answers)
        except NotAllowed as refusal:
            _say_no(scene, refusal)
        return []

    def asks_about(self, complaint: Complaint) -> tuple[str, ...]:
        """Return what is asked before it is done; raise NotAllowed where it cannot be done with this complaint."""
        return self.questions

    def do(self, scene: Scene, complaint: Complaint, answers: Answers) -> None:
        raise NotImplementedError

    def _try_door(self, scene: Scene, answers: Answers) -> None:
        """Ask for no proof where the conversation may see the complaint, or the message has the contact in it."""
        contact = scene.said.entity("phone", "email")
        try:
            services().life.access(answers["tracked_number"], scene.conversation, contact)
            answers["proof"] = ""
        except (ProofNeeded, ComplaintUnknown, TooMany):
            return

    def _prove(self, scene: Scene, answers: Answers) -> None:
        number = scene.said.entity("complaint_number") or answers["tracked_number"]
        try:
            services().life.access(number, scene.conversation, answers["proof"])
        except ComplaintUnknown:
            raise Unclear("mismatch") from None
        except TooMany:
            raise Unclear("too_many") from None
        answers |= {"tracked_number": number, "proof": ""}


class Track(AboutComplaint):
    def do(self, scene: Scene, complaint: Complaint, answers: Answers) -> None:
        told = shown(complaint)
        scene.say("utter_status" if complaint.is_open else "utter_status_settled", **told)
        scene.say("utter_timeline", **told)
        if level := services().life.due_level(complaint):
            scene.say("utter_level_due", to_level=services().words.levels[level])
        scene.say("utter_can_do" if complaint.is_open else "utter_can_reopen", **told)


class ResponseTime(AboutComplaint):
    def begin(self, scene: Scene) -> Answers | None:
        latest = services().life.latest(scene.conversation)
        if latest is None or not latest.is_open:
            scene.say("utter_ask_response_time")
            return None
        return {"tracked_number": latest.number, "proof": ""}

    def do(self, scene: Scene, complaint: Complaint, answers: Answers) -> None:
        scene.say("utter_due", **shown(complaint))


class AddDetails(AboutComplaint):
    questions = ("details",)

    def told(self, scene: Scene) -> Answers:
        tells = not scene.said.tapped and len(scene.said.text.split()) >= TELLING_WORDS
        return {"details": scene.said.text} if tells else {}

    def asks_about(self, complaint: Complaint) -> tuple[str, ...]:
        require_words(complaint.status)
        return self.questions

    def do(self, scene: Scene, complaint: Complaint, answers: Answers) -> None:
        life, words = services().life, services().words
        shows = words.tells_of_evidence(answers["details"])
        add = life.mention_evidence if shows else life.add_words
        complaint = add(complaint.number, answers["details"], scene.conversation, scene.claim)
        scene.say("utter_evidence_added" if shows else "utter_details_added", **shown(complaint))


class Files(Service):
    """What was sent as a file: to the complaint that is being written, else to the newest of this conversation."""

    def begin(self, scene: Scene) -> Answers | None:
        latest = services().life.latest(scene.conversation)
        if services().drafts.current(scene.conversation):
            scene.say("utter_files_for_draft")
        elif latest is None:
            scene.say("utter_files_kept")
        else:
            complaint, count = services().evidence.hand_over(latest.number, scene.conversation, scene.claim)
            scene.say("utter_files_added", count=str(count), **shown(complaint))
        return None


class Withdraw(AboutComplaint):
    questions = ("withdraw_sure",)

    def asks_about(self, complaint: Complaint) -> tuple[str, ...]:
        require_step(complaint.status, Status.WITHDRAWN)
        return self.questions

    def do(self, scene: Scene, complaint: Complaint, answers: Answers) -> None:
        if answers["withdraw_sure"] == "no":
            scene.say("utter_not_withdrawn", number=complaint.number)
            return
        complaint = services().life.withdraw(complaint.number, scene.conversation, None, scene.claim)
        scene.say("utter_withdrawn", **shown(complaint))


class Reopen(AboutComplaint):
    questions = ("reopen_reason",)

    def asks_about(self, complaint: Complaint) -> tuple[str, ...]:
        require_step(complaint.status, Status.REOPENED)
        return self.questions

    def do(self, scene: Scene, complaint: Complaint, answers: Answers) -> None:
        reason = answers["reopen_reason"] or None
        complaint = services().life.reopen(complaint.number, scene.conversation, reason, scene.claim)
        scene.say("utter_reopened", **shown(complaint))


class Escalate(AboutComplaint):
    questions = ("affected", "expected")

    def asks_about(self, complaint: Complaint) -> tuple[str, ...]:
        if complaint.level is Level.AUTHORITY:  # nothing is higher: the way to it is told once more
            return ()
        require_words(complaint.status)
        return self.questions

    def do(self, scene: Scene, complaint: Complaint, answers: Answers) -> None:
        if complaint.level is not Level.AUTHORITY:
            affected, expected = answers["affected"] or None, answers["expected"] or None
            complaint = services().life.escalate(complaint.number, scene.conversation, None, affected, expected, scene.claim)
        scene.say(RAISED[complaint.level], **shown(complaint))


class LogContact(AboutComplaint):
    questions = ("contact_channel", "contact_when", "contact_content")

    def told(self, scene: Scene) -> Answers:
        channel = None if scene.said.tapped else told_contact(scene.said.text)
        if channel is None:
            return {}
        when = scene.said.entity("date")
        return {"contact_channel": channel, "contact_content": scene.said.text} | ({"contact_when": when} if when else {})

    def do(self, scene: Scene, complaint: Complaint, answers: Answers) -> None:
        when, zone = answers["contact_when"], services().shop.zone
        day = read_past_date(when, today()) if when else DateProblem.NONE_FOUND
        complaint = services().life.log_contact(
            complaint.number,
            scene.conversation,
            answers["contact_channel"],
            when or None,
            None if isinstance(day, DateProblem) else datetime.combine(day, time(), zone),
            answers["contact_content"],
            scene.claim,
        )
        channel = services().words.channel(answers["contact_channel"])
        scene.say("utter_contact_logged", channel=channel, **shown(complaint))


def _complaint(scene: Scene, answers: Answers) -> Complaint:
    return services().life.access(answers["tracked_number"], scene.conversation, None)


def _say_no(scene: Scene, refusal: NotAllowed) -> None:
    why = services().words.errors[refusal.code]
    settled = refusal.code in ("already_resolved", "already_closed", "already_withdrawn")
    scene.say("utter_refused_settled" if settled else "utter_refused", why=why)
