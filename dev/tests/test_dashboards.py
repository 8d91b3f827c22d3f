"""The dashboards in the addon are those that the generator writes."""

import json

from dev import boards, dashboards


def test_what_is_committed_is_what_the_generator_writes():
    for name, content in dashboards.files().items():
        assert (dashboards.FOLDER / name).read_text() == content, f"{name}: make dashboards"


def test_a_sample_shows_what_its_dashboard_will_show():
    for board in boards.BOARDS:
        real, sample = (json.loads(dashboards.files()[name]) for name in (board.file, board.sample_file))
        places = [
            [(figure["id"], figure["offset"], figure["data"]["title"]) for figure in sheet["sheets"][0]["figures"]]
            for sheet in (real, sample)
        ]
        assert places[0] == places[1]
        assert not sample["pivots"] and not sample["lists"]
