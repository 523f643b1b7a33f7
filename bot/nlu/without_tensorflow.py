"""Lets Rasa be imported without TensorFlow, which nothing in our pipeline uses.

`shakwa_rasa.pth` beside it is installed where Python looks at its start, so that plain `rasa` does without, too.

Rasa imports it for classifiers and policies of its own, whether `config.yml` names them or not: six seconds and 270 MB of
every process that imports Rasa, and a gigabyte on disk. Here the name stands for modules that have whatever is asked
of them, so that Rasa's classes can be defined; whoever makes an object of one is told what is missing.
"""

import sys
from abc import ABCMeta
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

ABSENT = frozenset({"tensorflow", "keras"})


class TensorFlowAbsent(Exception):
    """A component of Rasa's was asked for that needs TensorFlow."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} needs TensorFlow, without which Shakwa runs Rasa: name components that do without it in config.yml"
        )


class _Anything(ABCMeta):
    """The type of what such a module has: a class to derive from, a decorator, or a name for more of them."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return _made(cls, name)

    def __call__(cls, *arguments: Any, **options: Any) -> Any:
        if len(arguments) == 1 and callable(arguments[0]) and not options:
            return arguments[0]  # as a decorator
        raise TensorFlowAbsent(cls.__name__)


class _Module(ModuleType):
    __path__: Sequence[str] = ()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _made(self, name)


def _made(owner: object, name: str) -> _Anything:
    """Return what `owner` has under a name from now on."""
    made = _Anything(name, (), {})
    setattr(owner, name, made)
    return made


class _Finder(MetaPathFinder, Loader):
    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        return ModuleSpec(fullname, self, is_package=True) if fullname.split(".")[0] in ABSENT else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing in it."""


def install() -> None:
    """Keep this process from importing TensorFlow, be it installed or not, unless it is `python -X tensorflow`."""
    if "tensorflow" in sys._xoptions:
        return
    if "tensorflow" not in sys.modules and not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
