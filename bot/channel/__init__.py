"""Rasa's door to the gateway: an input channel that raises, and a tracker store that loses nothing."""

import bot.nlu

assert bot.nlu  # Rasa is imported as there: without TensorFlow
