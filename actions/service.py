"""What every service is: questions in their order, what is known from the start, and what is done at the end."""

from rasa_sdk.events import EventType

from actions.scene import Scene

Answers = dict[str, str]
"""Question → answer; an empty one was left open."""


class Service:
    """Something a shopper may ask for beside filing a complaint."""

    questions: tuple[str, ...] = ()
    when_given_up = "utter_left"
    """What is said when the shopper has no answer to a question that cannot be left open."""

    def begin(self, scene: Scene) -> Answers | None:
        """Return what is known from the start; None where all is said and done already."""
        return {}

    def heard(self, scene: Scene, question: str, answers: Answers) -> None:
        """Look at an answer just read, and add what follows from it; raise Unclear where it will not do."""

    def next_question(self, scene: Scene, answers: Answers) -> str | None:
        return next((question for question in self.questions if question not in answers), None)

    def finish(self, scene: Scene, answers: Answers) -> list[EventType]:
        """Do it and say so."""
        raise NotImplementedError
