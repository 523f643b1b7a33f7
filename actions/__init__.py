"""Rasa's custom actions: read slots → one service → a response name → events."""
