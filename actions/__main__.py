"""Starts the action server: `python -m actions`."""

import warnings

import sanic


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    # Importing sanic switches deprecation notes on for the whole process; rasa-sdk, whose last version this is, raises some.
    assert sanic
    warnings.simplefilter("ignore", DeprecationWarning)
    from actions.server import main as serve

    serve()


if __name__ == "__main__":
    main()
