"""The page of a run: all figures with the verdicts on their claims, in a real browser."""

import re

import pytest

from browser import CHROMIUM, opened
from convbias import catalogue
from convbias_pipeline.report import captions, page
from convbias_pipeline.store.files import read_table
from made_claims import one_of_each_verdict
from running import changes, expanded

SMOKE = expanded(changes())
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="241pt" height="120pt" viewBox="0 0 241.2 119.7"></svg>'


@pytest.fixture(scope="module")
def claims():
    return one_of_each_verdict()


def figure(claims, **changed):
    """The texts of a figure that the first of these claims are about."""
    texts = {"paper": "wu2019", "reference": "Wu.", "title": "Figure 2: a < b", "settings": [], "images": ""}
    caption = ["Errors.", "Bars are *95 %* intervals.", "Notice b."]
    return {"name": claims[0]["figure"], "caption": caption, **texts, **changed}


def made(claims, folder, **changed):
    """A page with one figure, and the figure's part of it."""
    one = figure(claims, **changed)
    (drawing := folder / f"{one['name']}.svg").write_text(SVG)
    text = page.page(claims, [one], [str(drawing)])
    return text, text.partition("<article")[2].partition("</article>")[0]


def test_a_figure_has_two_sentences_its_claims_and_its_files(claims, tmp_path):
    settings = [{"name": "wu2019-fig2", "stated": ["d = 100"], "derived": [], "assumed": ["b = 0.1", "k = 5"]}]
    text, article = made(claims, tmp_path, settings=settings)
    assert "<p>Errors. Notice b.</p>" in article
    assert "<summary>Whole caption</summary><p>Errors. Bars are <em>95 %</em> intervals. Notice b.</p>" in article
    assert "<em>Stated:</em> d = 100. <em>Assumed:</em> b = 0.1; k = 5." in article and "Derived" not in article
    assert 'width="241" height="120"' in article and "Figure 2: a &lt; b" in article
    for row in claims:
        link = f'<a href="claims.html#{row["id"]}">{page.escape(row["statement"])}</a>'
        assert (link in article) == (row["figure"] == figure(claims)["name"]), row["id"]
    name = figure(claims)["name"]
    assert {f"figures/{name}.{kind}" for kind in ("svg", "csv", "pdf", "png")} <= set(
        re.findall('href="(.*?)"', article)
    )
    assert "Digit images" not in text and "None" not in text


def test_the_page_counts_the_verdicts_of_each_group(claims, tmp_path):
    text, _ = made(claims, tmp_path)
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(<td>.*?)</tr>", text)]
    assert rows == [
        ["Claims of wu2019", "1", "0", "1", "1"],
        ["Claims of brutzkus2021", "1", "0", "0", "0"],
        ["Together", "2", "0", "1", "1"],
    ]
    without, _ = made(claims[:1], tmp_path, name="other")
    assert "Together" not in without and 'class="claims"' not in without
    (drawing := tmp_path / "own.svg").write_text(SVG)
    assert "This run decides no claims." in page.page([], [figure(claims, name="own")], [str(drawing)])
    assert "<article" not in page.page(claims, [], [])


def test_claims_that_do_not_hold_come_first_and_many_are_folded(claims, tmp_path):
    verdicts = ["holds", "undecided", "holds", "fails", *["holds"] * 5, "holds in part"]
    own = [{**claims[0], "id": f"wu2019-{i}", "verdict": verdict} for i, verdict in enumerate(verdicts)]
    _, article = made(own, tmp_path)
    shown, _, folded = article.partition("<details>")
    order = re.findall(r"claims\.html#wu2019-(\d+)", shown)
    assert order == ["3", "9", "1", "0", "2"]
    assert folded.startswith("<summary>All 5 other claims hold.</summary>") and folded.count("claims.html#") == 5


def test_the_page_names_the_digit_images(claims, tmp_path):
    text, article = made(claims, tmp_path, images="bundled 8x8 digits")
    assert "Digit images: bundled 8x8 digits. For MNIST, run" in text and "Digit images" in article
    text, _ = made(claims, tmp_path, images="MNIST")
    assert "<p>Digit images: MNIST.</p>" in text and "For MNIST" not in text


def test_a_figure_that_another_program_saved_is_refused(claims, tmp_path):
    (tmp_path / "own.svg").write_text("<svg></svg>")
    with pytest.raises(ValueError, match=r"own\.svg has no viewBox .* Delete it and run again\.$"):
        page.size(tmp_path / "own.svg")


def test_every_paper_has_a_reference():
    papers = {figure.paper for figure in catalogue.figures().values()}
    assert all(re.search(r", (AISTATS|UAI|ICLR|ICML) 20\d\d", captions.reference(paper)) for paper in papers)


@pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium on this machine")
def test_the_page_of_a_run_is_readable_on_a_wide_and_a_narrow_screen_in_light_and_dark(finished):
    """Every figure loads, nothing is cut off, and all text stands out from the page behind it."""
    results = finished / "results"
    rows = read_table(results / "tables/claims.parquet")[0].to_pylist()
    with opened(results / "index.html") as browsed:
        pictures = browsed.locator("article img")
        assert pictures.count() == len(SMOKE["figures"])
        assert pictures.evaluate_all("all => Promise.all(all.map(one => one.decode())).then(() => true)")
        links = browsed.locator("a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
        decided = {link.partition("#")[2] for link in links if link.startswith("claims.html#")}
        assert decided == {row["id"] for row in rows if row["figure"] in SMOKE["figures"]}
        assert all((results / link.partition("#")[0]).exists() for link in links)
        browsed.locator("details").evaluate_all("all => all.forEach(one => { one.open = true })")
        for width, scheme in ((1280, "light"), (1280, "dark"), (400, "light")):
            browsed.set_viewport_size({"width": width, "height": 800})
            browsed.emulate_media(color_scheme=scheme)
            assert browsed.evaluate("document.documentElement.scrollWidth") <= width
            inside = "(all, width) => all.every(one => one.getBoundingClientRect().right <= width)"
            assert browsed.locator("main *").evaluate_all(inside, width)
            assert (browsed.evaluate("getComputedStyle(document.body).backgroundColor") == WHITE) == (scheme == "light")
            card = browsed.locator(".card").first
            assert card.evaluate("one => getComputedStyle(one).backgroundColor") == WHITE
            assert min(browsed.locator(".verdict, .small, a:not(.card), p").evaluate_all(CONTRAST)) >= 4.5
            card.click()
            enlarged = browsed.locator("dialog img")
            assert enlarged.evaluate("one => one.decode().then(() => one.clientWidth)") > 0.8 * width
            browsed.keyboard.press("Escape")
            assert not enlarged.is_visible()
        browsed.emulate_media(media="print", color_scheme="dark")
        assert not browsed.locator("nav").is_visible()
        assert browsed.evaluate("getComputedStyle(document.body).backgroundColor") == WHITE
        browsed.reload()
        assert not browsed.locator("#contents").evaluate("one => one.open")  # on a narrow screen


WHITE = "rgb(255, 255, 255)"
# The contrast of the text of each element with the page behind it, as the web's accessibility guidelines define it
CONTRAST = """all => {
  const light = colour => colour.match(/[\\d.]+/g).slice(0, 3).map(Number).map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const paint = one => getComputedStyle(one).backgroundColor;
  const behind = one => paint(one) === "rgba(0, 0, 0, 0)" && one.parentElement ? behind(one.parentElement) : paint(one);
  return all.map(one => [light(getComputedStyle(one).color), light(behind(one))].sort((a, b) => a - b))
    .map(([low, high]) => (high + 0.05) / (low + 0.05));
}"""
