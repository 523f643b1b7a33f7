"""Runs a model's graph without Dask, node after node in an order that is worked out once.

Dask builds the graph and schedules it anew for every message and every prediction, which takes as long as the nodes do.
"""

from collections.abc import Iterable
from graphlib import TopologicalSorter
from typing import Any

from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphNode
from rasa.engine.runner.dask import DaskGraphRunner

Step = tuple[str, GraphNode, tuple[str, ...]]
"""Name of a node, the node, and the names of what it is called with."""


def install() -> None:
    """Let Rasa's runner run its graph so."""
    DaskGraphRunner.run = run


def run(runner: DaskGraphRunner, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
    """Return what each of the targets gives; raise GraphRunError where an input is called like a node."""
    wanted = tuple(targets or runner._graph_schema.target_names)
    steps = _steps(runner, wanted)
    given: dict[str, Any] = dict.fromkeys(name for name, _, _ in steps)
    runner._add_inputs_to_graph(inputs, given)
    try:
        for name, node, needs in steps:
            given[name] = node(*(given.get(need, need) for need in needs))
    except RuntimeError as error:
        raise GraphRunError("Error running runner.") from error
    return dict(given[target] for target in wanted)


def _steps(runner: DaskGraphRunner, wanted: tuple[str, ...]) -> Iterable[Step]:
    orders: dict[tuple[str, ...], list[Step]] = runner.__dict__.setdefault("_orders", {})
    if wanted not in orders:
        nodes = runner._graph_schema.minimal_graph_schema(list(wanted)).nodes
        needs = {name: tuple(node.needs.values()) for name, node in nodes.items()}
        order = TopologicalSorter({name: set(needed) & needs.keys() for name, needed in needs.items()}).static_order()
        orders[wanted] = [(name, runner._instantiated_nodes[name], needs[name]) for name in order]
    return orders[wanted]
