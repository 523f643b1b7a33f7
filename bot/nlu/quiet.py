"""Rasa's recipe warns where its own components are missing from the pipeline. Where ours take their place, it is wrong."""

import warnings

WRONG = (
    "You have defined training data with examples for training a response selector",  # LinearIntentClassifier answers it
    "You have defined training data consisting of entity examples",  # ArabicEntityExtractor learns from them
    "You have defined training data consisting of lookup tables",  # and from these
    r"The utterance 'utter_\w+' is not used in any story or rule",  # forms and actions say it; tests/laws looks for them
    "The following duplicated intents have been found across multiple domain files: faq",  # named in domain.yml on purpose
)


def silence_wrong_warnings() -> None:
    for message in WRONG:
        warnings.filterwarnings("ignore", message=message)
