"""Rasa components over `bot.language`: thin, so that what they know can be tested without Rasa."""

from bot.nlu import without_tensorflow

without_tensorflow.install()  # before any module here or in `bot.channel` imports Rasa
