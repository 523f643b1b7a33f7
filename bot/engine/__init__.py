"""Rasa seen from outside: asking it, starting it, training it. Never imports it."""
