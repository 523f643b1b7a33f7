"""Whole conversations, predicted by the trained model with Rasa's own commands."""

from tests.rasa_fixtures import model

__all__ = ["model"]
