"""The radar: one point per value, everything inside, texts escaped."""

import re
from xml.etree import ElementTree

import pytest
from cae_coaching_engine import radar
from cae_coaching_engine.radar import HEIGHT, WIDTH, Series
from hypothesis import given
from hypothesis import strategies as st

TOP = 4
NAMES = st.text(max_size=50).map(lambda s: re.sub(r"[^\w\s&<>'\"]", "", s))


@st.composite
def drawings(draw):
    axes = draw(st.lists(NAMES, min_size=3, max_size=14))
    value = st.none() | st.integers(0, TOP)
    values = st.lists(value, min_size=len(axes), max_size=len(axes)).map(tuple)
    series = draw(st.lists(st.builds(Series, name=NAMES, values=values), max_size=3))
    return axes, series


@given(drawings())
def test_a_drawing_is_xml_with_a_point_for_each_value(drawing):
    axes, series = drawing
    root = ElementTree.fromstring(radar.svg(axes, series, TOP))
    tags = [element.tag.split("}")[1] for element in root]
    known = sum(v is not None for one in series for v in one.values)
    assert tags.count("circle") == known
    surfaces = sum(sum(v is not None for v in one.values) > 2 for one in series)
    assert tags.count("polygon") == TOP + surfaces
    assert tags.count("text") == len(axes) + len(series)
    for element in root:
        for name, size in (("cx", WIDTH), ("cy", HEIGHT)):
            assert 0 <= float(element.get(name, 0)) <= size


def test_the_first_axis_points_upwards_and_values_are_to_scale():
    text = radar.svg("ABCD", [Series("s", (4, 2, 0, None))], 4)
    root = ElementTree.fromstring(text)
    points = [
        (float(e.get("cx")), float(e.get("cy")))
        for e in root
        if e.tag.endswith("circle")
    ]
    x, y = WIDTH / 2, HEIGHT / 2 - 15
    assert points == [(x, y - 130), (x + 65, y), (x, y)]


def test_nothing_to_draw():
    assert radar.svg("AB", [Series("s", (1, 2))], 4) == ""
    assert radar.svg("ABC", [], 0) == ""


@pytest.mark.parametrize("values", [(1, 2), (1, 2, 5), (1, 2, -1)])
def test_values_that_are_none(values):
    with pytest.raises(ValueError, match="expected|from 0"):
        radar.svg("ABC", [Series("s", values)], 4)
