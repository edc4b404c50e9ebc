"""Settings of Sphinx: ``make docs`` builds the site from the Markdown of the repository."""

import re
from pathlib import Path

from docutils.nodes import SkipNode
from docutils.utils.math.latex2mathml import tex2mathml

ROOT = Path(__file__).parents[2]

project = "convbias"
root_doc = "README"
include_patterns = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "config/README.md", "docs/**.md"]
exclude_patterns = [".*", "build", "results", "workflow", "tests", "profiles", "envs"]
extensions = ["myst_parser"]
myst_enable_extensions = ["dollarmath", "html_image"]
highlight_language = "none"

html_title = "convbias"
html_theme = "pydata_sphinx_theme"
html_theme_options = {
    "navbar_center": [],
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["sphinx-version"],
    "footer_end": [],
    "pygments_light_style": "default",
}
html_context = {"default_mode": "auto"}
html_sidebars = {"**": ["pages"]}
templates_path = ["."]
html_static_path = ["style.css"]
html_css_files = ["style.css"]
html_extra_path = ["index.html"]
html_copy_source = False
html_show_search_summary = False  # browsers refuse to read other files of a folder
html_math_renderer = "mathml"


def read(app, docname, text):
    """Turn anchors of HTML, which GitHub needs, into targets of MyST, and add the list of pages to the first one."""
    text[0] = re.sub(r'<a id="(.*?)"></a>\n', r"(\1)=\n", text[0])
    if docname == "docs/index":
        text[0] = "---\norphan: true\n---\n" + text[0]  # the site shows this list at the side
    if docname == root_doc:
        for part in (ROOT / "docs/index.md").read_text(encoding="utf-8").split("\n## ")[1:]:
            caption, *lines = part.splitlines()
            pages = re.findall(r"^- \[(.*?)\]\((.*?)\.md\)", "\n".join(lines), re.MULTILINE)
            files = [(title, (ROOT / "docs" / page).resolve().relative_to(ROOT)) for title, page in pages]
            entries = [f"{title} <{'self' if str(file) == root_doc else file}>" for title, file in files]
            text[0] += "\n".join(["", "```{toctree}", ":hidden:", f":caption: {caption}", *entries, "```", ""])


def inline_math(translator, node):
    translator.body.append(tex2mathml(node.astext()))
    raise SkipNode


def display_math(translator, node):
    translator.body.append(tex2mathml(node.astext(), as_block=True))
    raise SkipNode


def setup(app):
    app.connect("source-read", read)
    app.add_html_math_renderer("mathml", (inline_math, None), (display_math, None))  # MathJax would need a network
