"""The report in a real browser: Chromium without a window, and without a network."""

import base64
import shutil

import pytest
from playwright.sync_api import expect

from browser import CHROMIUM, opened
from convbias import catalogue
from convbias_pipeline.jobs import plan
from running import changes, expanded, job_counts, smoke

SMOKE = expanded(changes())
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine")


@pytest.fixture(scope="module")
def repository(finished, tmp_path_factory):
    return shutil.copytree(finished, tmp_path_factory.mktemp("report") / "repository", symlinks=True)


@pytest.fixture(scope="module")
def report(repository):
    done = smoke(repository, "--cores", 1, "report")
    assert done.returncode == 0 and job_counts(done.stdout) == {"report": 1, "total": 1}, done.stdout
    assert "WARNING" not in (repository / "results/logs/report.log").read_text()
    return repository / "results/report.html"


def menu(page, *names):
    for name in names:
        page.get_by_text(name, exact=True).first.click()


def download(page, name):
    """The CSV that a line of the menu hands out."""
    link = page.locator("tr", has=page.get_by_text(name, exact=True)).locator("a").first
    kind, _, content = link.get_attribute("href").partition(",")
    assert kind.startswith("data:text/csv") and kind.endswith("base64")
    return base64.b64decode(content).decode()


def test_every_figure_loads_with_its_caption_and_data(report):
    with opened(report) as page:
        for paper in dict.fromkeys(figure.split("-")[0] for figure in SMOKE["figures"]):
            page.reload()
            menu(page, "Figures", paper)
            for figure in (figure for figure in SMOKE["figures"] if figure.startswith(paper)):
                show, details = page.locator("tr", has=page.get_by_text(figure, exact=True)).locator("a").all()
                show.click()
                picture = page.locator(f"img[src^='data:image/png;'][src*='filename={figure}.png;']")
                expect(picture).to_be_visible()
                assert picture.evaluate("image => image.decode().then(() => image.naturalWidth > 1000)"), figure
                assert picture.evaluate("image => image.getBoundingClientRect().bottom <= window.innerHeight"), figure
                details.click()
                caption = " ".join(catalogue.figures()[figure].caption.split())
                text = " ".join(page.locator("body").inner_text().split())
                assert caption[:60].replace("*", "") in text, figure
                for _, statement in plan.statements(SMOKE, figure):
                    assert statement in text, figure
                assert "Assumed:" in text, figure
                page.locator("li").get_by_text(paper, exact=True).click()  # back to the figures of the paper
        page.reload()
        menu(page, "Figures", "wu2019", "numbers")
        assert "n_train" in download(page, "wu2019-fig2")


def test_the_report_is_rewritten_only_if_its_contents_change(report, repository):
    assert "report" not in job_counts(smoke(repository, "-n", "report").stdout)
    style = repository / "workflow/report/report.css"
    kept = style.read_text()
    style.write_text(kept + "img { border: 1px solid }")
    assert job_counts(smoke(repository, "-n", "report").stdout) == {"report": 1, "total": 1}
    style.write_text(kept)


def test_claims_can_be_sorted_and_filtered(repository):
    with opened(repository / "results/claims.html") as page:
        table = page.locator("nav table").first
        ids = table.locator("tr[data-claim]:visible td:first-child")
        everything = page.locator("article").count()
        for label in ("claim", "verdict"):
            column = {"claim": 1, "verdict": 3}[label]
            cells = table.locator(f"tr[data-claim] td:nth-child({column})")
            table.locator(f"th:nth-child({column}) button").click()
            rising = cells.all_inner_texts()
            assert rising == sorted(rising)
            table.locator(f"th:nth-child({column}) button").click()
            assert cells.all_inner_texts() == sorted(rising, reverse=True)
        assert page.locator("article:visible").count() == everything == len(SMOKE["claims"])
        page.get_by_label("search").fill("svd SECTION")
        some = page.locator("article:visible").count()
        assert 0 < some < everything and page.locator("#shown").inner_text() == f"{some} of {everything}"
        page.get_by_label("search").fill("")
        for verdict in ("holds", "holds in part", "fails", "undecided"):
            page.get_by_label(verdict, exact=True).uncheck()
            assert page.locator(f"article.{verdict.split()[-1]}:visible").count() == 0
        assert ids.count() == 0 and page.locator("article:visible").count() == 0


@pytest.mark.parametrize("width", [400, 1200])
def test_the_claims_fit_the_window(repository, width):
    """Nothing is cut off on a phone: the table shows the verdict and the interval of each claim in one column."""
    with opened(repository / "results/claims.html") as page:
        page.set_viewport_size({"width": width, "height": 800})
        page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true })")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        rows = page.locator("nav tr[data-claim]")
        assert rows.count() == len(SMOKE["claims"])
        for cell, shown in ((1, True), (2, True), (3, True), (4, width > 640), (5, True)):
            cells = rows.locator(f"td:nth-child({cell})")
            assert cells.evaluate_all("all => all.every(one => one.offsetParent !== null)") == shown, cell
            inside = "(all, width) => all.every(one => one.getBoundingClientRect().right <= width)"
            assert cells.evaluate_all(inside, width), cell
        pictures = page.locator("nav svg, article svg")
        assert pictures.count() > 0 and pictures.evaluate_all("all => all.every(one => one.clientWidth >= 100)")
        link = page.locator(".exceptions a").first
        claim = page.locator("article" + link.get_attribute("href").replace(".", "\\."))
        link.click()
        expect(claim).to_be_in_viewport()
        assert link.inner_text() in claim.locator("h3").inner_text()


def test_the_links_of_the_claims_lead_to_their_figures_and_tables(repository):
    with opened(repository / "results/claims.html") as page:
        links = page.locator("article a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
        assert {link.split("/")[0] for link in links} == {"figures", "tables"}
        assert all((repository / "results" / link).is_file() for link in links)


def test_the_report_has_claims_costs_and_environments(report):
    with opened(report) as page:
        menu(page, "Claims")
        page.locator("tr", has=page.get_by_text("all claims", exact=True)).locator("a").first.click()
        frame = page.frame_locator("iframe")
        expect(frame.get_by_role("heading", name="Claims of the papers: verdicts of this run")).to_be_visible()
        assert frame.locator("article").count() == len(SMOKE["claims"])
        links = frame.locator("a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
        assert links and all(link.startswith("#") for link in links)
        for what, words in (("seconds by rule", "train_linear"), ("code, libraries and machine", "this machine")):
            page.reload()
            menu(page, "Costs and environment")
            assert words in download(page, what)
