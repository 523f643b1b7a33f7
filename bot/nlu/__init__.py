"""Rasa components over `bot.language`: thin, so that what they know can be tested without Rasa."""
