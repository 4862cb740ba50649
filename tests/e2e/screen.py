"""A page of the real browser that knows when it is ready, and what went wrong."""

import os
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
SIZE = (1400, 900)
#: Where pages of the portal are looked at: a phone, and a desk.
PHONE, DESK = (390, 844), (1280, 900)
PATIENCE = 120_000
ROWS = ".o_list_view .o_data_row, .o_list_view .o_group_header"
BUSY = ".o_loading_indicator, .o_blockUI"
FORM = ".o_form_view .o_form_sheet"
#: Looks in a row, and milliseconds between two, at a page where nothing moves.
LOOKS, BETWEEN = 4, 50
#: True in the next frame: Odoo draws answers in one, which a slow machine has late.
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => done(true)))"
#: Debian leaves the first out of Odoo for its licence; no page of ours needs it.
KNOWN = ("selfie_segmentation", "favicon.ico")


def today():
    """The day where the people of the screens are; late at night not that of UTC."""
    return datetime.now(ZoneInfo("Europe/Paris")).date()


class Screen:
    """A page of a user, and what its console said."""

    def __init__(self, page, server):
        self.page, self.server, self.errors = page, server, []
        self.asked = set()
        page.set_default_timeout(PATIENCE)
        page.on("request", self._on_request)
        for end in ("requestfinished", "requestfailed"):
            page.on(end, self._on_end)
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("response", self._on_response)

    def _on_console(self, message):
        text = f"{message.text} {message.location.get('url', '')}"
        if message.type == "error" and not any(name in text for name in KNOWN):
            self.errors.append(text)

    def _on_response(self, response):
        if response.status >= 500:
            self.errors.append(f"{response.status} {response.url}")

    def _on_request(self, request):
        if request.resource_type in ("fetch", "xhr"):
            self.asked.add(request)

    def _on_end(self, request):
        self.asked.discard(request)

    def show(self, path, selector):
        """Open a page and wait until ``selector`` is there and nothing moves."""
        self.asked.clear()
        self.page.goto(f"{self.server.url}{path}")
        self.settle(selector)

    def settle(self, selector):
        self.page.wait_for_selector(selector)
        self._wait_until_still()
        assert not self.page.query_selector(".o_error_dialog"), self.errors
        assert not self.errors, self.errors

    def _wait_until_still(self):
        """Wait until the page asks for nothing, and has drawn so, for a while."""
        limit, looks = time.monotonic() + PATIENCE / 1000, 0
        while looks < LOOKS:
            assert time.monotonic() < limit, f"never still: {self.asked}"
            self.page.wait_for_timeout(BETWEEN)
            self.page.wait_for_function(DRAWN)
            moving = self.asked or self.page.query_selector(BUSY)
            looks = 0 if moving else looks + 1

    def resize(self, size):
        width, height = size
        self.page.set_viewport_size({"width": width, "height": height})
        self._wait_until_still()

    def fits(self):
        """Nothing is wider than the screen."""
        return self.page.evaluate(
            "document.documentElement.scrollWidth <= window.innerWidth"
        )

    def count(self, selector):
        return len(self.page.query_selector_all(selector))

    def picture(self, name):
        if os.environ.get("CAE_SCREENSHOTS"):
            IMAGES.mkdir(parents=True, exist_ok=True)
            self.page.mouse.move(0, 0)
            self.page.screenshot(path=IMAGES / f"{name}.png")
