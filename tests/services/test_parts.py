"""Parts are asked each time, and say since when they are as they are."""

from bot.services.parts import Part, Parts, ill


def test_a_part_tells_since_when_it_is_as_it_is() -> None:
    now, well = [0.0], {"engine": True}
    parts = Parts({"engine": lambda: well["engine"]}, lambda: now[0])
    assert parts.look() == {"engine": Part(True, 0)}
    now[0], well["engine"] = 10.0, False
    assert parts.look() == {"engine": Part(False, 0)}
    now[0] = 25.4
    assert parts.look() == {"engine": Part(False, 15)}
    well["engine"] = True
    assert parts.look() == {"engine": Part(True, 0)}


def test_a_part_whose_check_breaks_is_ill_and_so_is_one_that_was_from_the_beginning() -> None:
    parts = Parts({"store": lambda: 1 / 0 > 0, "disk": lambda: True}, lambda: 7.0)
    assert ill(parts.look()) == ["store"]
