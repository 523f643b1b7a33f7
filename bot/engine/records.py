"""Dataclasses out of JSON, by their annotations: what was kept beside a model is read back as what it was."""

import types
from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import Any, Union, get_args, get_origin, get_type_hints


def made(kind: Any, value: Any) -> Any:
    """Return a value of JSON as the kind that an annotation names; raise TypeError, KeyError or ValueError."""
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{name: made(hints[name], one) for name, one in value.items()})  # type: ignore[operator]
    if get_origin(kind) in (Union, types.UnionType) and type(None) in get_args(kind):
        return None if value is None else made(get_args(kind)[0], value)
    if get_origin(kind) is list:
        return [made(get_args(kind)[0], one) for one in value]
    if get_origin(kind) is tuple:
        return tuple(made(one, part) for one, part in zip(get_args(kind), value, strict=True))
    if get_origin(kind) is dict:
        return {name: made(get_args(kind)[1], one) for name, one in dict[str, Any](_mapping(value)).items()}
    return value


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError(f"{value!r} is no mapping")
    return value
