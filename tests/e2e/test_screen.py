"""When a page counts as still."""

import pytest
from screen import Screen

pytestmark = pytest.mark.browser

#: A machine so slow that each frame comes after a second, and a page that draws in one.
SLOW = """
<script>
    const frame = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (draw) => setTimeout(frame, 1000, draw);
</script>
<button onclick="requestAnimationFrame(() => (this.title = 'drawn'))">Ask</button>
"""


@pytest.fixture
def page(browser):
    page = browser.new_page()
    yield page
    page.close()


def test_what_is_not_drawn_yet_is_waited_for(page):
    page.set_content(SLOW)
    page.click("button")
    Screen(page, None).settle("button")
    assert page.get_attribute("button", "title") == "drawn"
