"""Rasa is imported without TensorFlow, and whoever asks for a part of it that needs it is told so."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.rasa_fixtures import RASA

pytestmark = RASA

LOADED = """
import sys
import bot.channel.input, rasa.core.run, rasa.engine.recipes.default_components
print(sorted(name for name in sys.modules if name.startswith("tensorflow") and getattr(sys.modules[name], "__file__", None)))
"""


def test_nothing_of_it_is_loaded_by_what_our_server_loads() -> None:
    ran = subprocess.run([sys.executable, "-W", "ignore", "-c", LOADED], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def test_plain_rasa_does_without_it_too() -> None:
    ran = subprocess.run([Path(sys.executable).with_name("rasa"), "--version"], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    code = "import tensorflow, keras; print(type(tensorflow.keras.Model).__name__)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "_Anything\n"


def test_a_neural_component_says_what_is_missing(quiet_rasa: None) -> None:
    from rasa.utils.tensorflow.layers import RandomlyConnectedDense

    from bot.nlu.without_tensorflow import TensorFlowAbsent

    with pytest.raises(TensorFlowAbsent, match=r"needs TensorFlow.*config\.yml"):
        RandomlyConnectedDense(units=8)


def test_what_is_imported_already_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.nlu import without_tensorflow

    kept = [finder for finder in sys.meta_path if not isinstance(finder, without_tensorflow._Finder)]
    monkeypatch.setattr(sys, "meta_path", list(kept))
    monkeypatch.setitem(sys.modules, "tensorflow", sys)
    without_tensorflow.install()
    assert sys.meta_path == kept
    monkeypatch.delitem(sys.modules, "tensorflow")
    for _ in range(2):
        without_tensorflow.install()
    assert len(sys.meta_path) == len(kept) + 1
