"""Rasa's own command line without other people's deprecation notes: `python -m bot.channel.rasa_quietly train`."""

import sys
import warnings

import sanic


def main() -> None:
    """Run `rasa` with the arguments of this process; a server takes up another model without a pause, and calls
    its actions and runs its model quickly."""
    # Importing sanic has just switched deprecation notes on for the whole process. They are meant for the authors of
    # Rasa, whose last version this is, not for whoever runs a shop.
    assert sanic
    warnings.simplefilter("ignore", DeprecationWarning)
    from rasa.__main__ import main as rasa

    if sys.argv[1:2] == ["run"]:  # a server: elsewhere importing the agent would cost seconds for nothing
        from bot.channel import action_calls, action_results, graph, swap

        for patch in (swap, action_calls, action_results, graph):
            patch.install()
    rasa()


if __name__ == "__main__":
    main()
