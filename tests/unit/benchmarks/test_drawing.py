from xml.etree import ElementTree

from benchmarks.drawing import HEIGHT, WIDTH, Chart, Line, drawn

SVG = "{http://www.w3.org/2000/svg}"
CHARTS = [
    Chart("Units & more", "series", [Line("a", [(1, 0.004), (1000, 0.01)]), Line("b", [(10, 2)])]),
    Chart("One", "days", [Line("c", [(1, 1)])]),
    Chart("Two", "days", [Line("d", [(0.5, 30), (30, 400)])]),
]


def test_every_point_is_drawn_inside_its_chart() -> None:
    root = ElementTree.fromstring(drawn(CHARTS))
    circles = list(root.iter(f"{SVG}circle"))
    assert len(circles) == 6
    assert all(0 < float(each.attrib["cx"]) < WIDTH for each in circles)
    assert all(0 < float(each.attrib["cy"]) < HEIGHT for each in circles)


def test_what_is_more_stands_higher_and_further_right() -> None:
    root = ElementTree.fromstring(drawn(CHARTS[:1]))
    low, high, _ = root.iter(f"{SVG}circle")
    assert float(low.attrib["cx"]) < float(high.attrib["cx"])
    assert float(low.attrib["cy"]) > float(high.attrib["cy"])


def test_titles_and_names_are_written() -> None:
    texts = {each.text for each in ElementTree.fromstring(drawn(CHARTS)).iter(f"{SVG}text")}
    assert {"Units & more", "series", "a", "b", "One", "days"} <= texts
