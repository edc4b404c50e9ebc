"""The site of the documentation: built from the pages without a warning, and read offline in a real browser."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag

import pytest

from browser import CHROMIUM, opened
from running import ROOT


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    (line,) = re.findall(r"^\t\$\(BIN\)/sphinx-build (.*) build/docs$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    options = line.replace("build/doctrees", str(folder / "doctrees")).split()
    command = [sys.executable, "-m", "sphinx", *options, folder / "docs"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder / "docs"


class Page(HTMLParser):
    """The links of a page, what it loads, and the places that links can name."""

    def __init__(self, text):
        super().__init__()
        self.links, self.loaded, self.places = set(), set(), set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.places.add(attributes.get("id"))
        target = attributes.get("href") or attributes.get("src")
        if target and not target.startswith("data:"):
            (self.links if tag == "a" else self.loaded).add(target)


@pytest.fixture(scope="module")
def pages(site):
    paths = (path for path in site.rglob("*.html") if "_static" not in path.parts)
    return {path: Page(path.read_text()) for path in paths}


def test_links_of_the_site_lead_somewhere_and_it_loads_local_files_only(pages):
    assert len(pages) > 30
    lost = []
    for path, page in pages.items():
        for link in page.loaded | {link for link in page.links if not re.match("https?:", link)}:
            name, place = urldefrag(unquote(link))
            target = (path.parent / name.partition("?")[0]).resolve() if name else path
            found = target.is_file() or name.endswith("api/convbias.html")  # pdoc writes this page
            if not found or (place and target in pages and place not in pages[target].places):
                lost.append(f"{path.name}: {link}")
    assert lost == []


def test_every_page_is_in_the_navigation(site, pages):
    links = {(site / link).resolve() for link in pages[site / "README.html"].links}
    own = {site / name for name in ("README.html", "docs/index.html", "index.html", "search.html", "genindex.html")}
    assert pages.keys() - own <= links and site / "api/convbias.html" in links


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: make browser")
def test_the_site_can_be_read_and_searched_from_a_folder(site):
    with opened(site / "index.html") as page:
        page.wait_for_url("**/README.html")
        for width in (1280, 400):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.goto((site / "docs/papers/wu2019.html").as_uri())
        assert page.locator("math").count() > 3
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.goto((site / "search.html").as_uri() + "?q=fork+server")
        page.locator("#search-results a", has_text="fork server").first.wait_for()
