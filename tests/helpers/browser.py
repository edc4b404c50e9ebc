"""Pages in a real browser: Chromium without a window."""

import os
import shutil
from contextlib import contextmanager

from playwright.sync_api import sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@contextmanager
def opened(path, width=1280, scheme="light"):
    """A page; it must load nothing from outside and log no error."""
    with sync_playwright() as playwright:
        options = [] if os.getuid() else ["--no-sandbox"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        requested, errors = [], []
        page.set_default_timeout(10_000)
        page.on("request", lambda request: requested.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.goto(path.as_uri())
        yield page
        assert [url for url in requested if not url.startswith(("file:", "data:", "blob:"))] == [] and errors == []
        browser.close()
