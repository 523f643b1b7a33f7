"""Rasa's own command line without other people's deprecation notes: `python -m bot.channel.rasa_quietly train`."""

import warnings

import sanic


def main() -> None:
    """Run `rasa` with the arguments of this process."""
    # Importing sanic has just switched deprecation notes on for the whole process. They are meant for the authors of
    # Rasa, whose last version this is, not for whoever runs a shop.
    assert sanic
    warnings.simplefilter("ignore", DeprecationWarning)
    from rasa.__main__ import main as rasa

    rasa()


if __name__ == "__main__":
    main()
