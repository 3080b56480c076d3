import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ASSETS = ROOT / "assets"
#: names inside the SVG and XHTML standards, not places anything is fetched from
NAMESPACES = {"http://www.w3.org/2000/svg"}
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
OWN = sorted(p for p in ASSETS.iterdir() if p.suffix in {".css", ".js"} and ".min." not in p.name)


@pytest.mark.parametrize("path", sorted(ASSETS.rglob("*.*")), ids=lambda p: p.name)
def test_no_asset_refers_to_an_outside_host(path):
    if path.suffix not in {".css", ".js", ".svg"}:
        return
    text = COMMENT.sub("", path.read_text(encoding="utf-8"))
    found = set(re.findall(r"https?://[^\s\"')\\<>]+", text)) - NAMESPACES
    assert not found
    assert not re.search(r"url\(\s*[\"']?//", text)
    assert "sourceMappingURL" not in text


@pytest.mark.parametrize("path", sorted((ROOT / "server" / "templates").glob("*.html")), ids=str)
def test_no_template_refers_to_an_outside_host_or_runs_inline(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"https?://", text)
    assert not re.search(r"\son[a-z]+=", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)


@pytest.mark.parametrize(
    ("name", "licence", "words"),
    [
        ("bootstrap.min.css", "bootstrap.txt", "MIT"),
        ("bootstrap-icons.min.css", "bootstrap-icons.txt", "MIT"),
        ("fonts/bootstrap-icons.woff2", "bootstrap-icons.txt", "MIT"),
        ("fonts/inter-latin-wght-normal.woff2", "inter.txt", "SIL Open Font License"),
        ("fonts/inter-latin-ext-wght-normal.woff2", "inter.txt", "SIL Open Font License"),
    ],
)
def test_what_was_vendored_is_here_with_its_licence(name, licence, words):
    assert (ASSETS / name).stat().st_size > 10_000
    assert words in (ASSETS / "licences" / licence).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [p for p in OWN if p.suffix == ".css"], ids=lambda p: p.name)
def test_every_file_a_style_sheet_names_exists(path):
    for target in re.findall(r"url\(\"?([^\")]+)\"?\)", path.read_text(encoding="utf-8")):
        assert target.startswith("data:") or (ASSETS / target).is_file(), target


def test_every_variable_the_style_sheets_use_is_a_token():
    text = "".join(p.read_text(encoding="utf-8") for p in OWN if p.suffix == ".css")
    declared = set(re.findall(r"(--[A-Za-z0-9-]+)\s*:", text))
    used = set(re.findall(r"var\((--[A-Za-z0-9-]+)", text))
    assert used <= declared


def test_style_sheets_load_in_the_order_they_build_on_each_other():
    names = sorted(p.name for p in ASSETS.glob("*.css"))
    last_vendored = max(names.index(n) for n in names if ".min." in n)
    assert all(names.index(p.name) > last_vendored for p in OWN if p.suffix == ".css")


@pytest.mark.parametrize("path", [p for p in OWN if p.suffix == ".js"], ids=lambda p: p.name)
def test_scripts_keep_to_the_content_policy(path):
    text = COMMENT.sub("", path.read_text(encoding="utf-8"))
    assert not re.search(r"\beval\(|new Function\(|innerHTML|document\.write", text)


def _python_files():
    folders = [ROOT / "components", ROOT / "pages"]
    return [path for folder in folders for path in sorted(folder.rglob("*.py"))]


def test_every_graph_comes_from_the_one_factory():
    makers = set()
    for path in _python_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.Attribute) and node.attr == "Graph"
            imported = isinstance(node, ast.ImportFrom) and any(
                name.name == "Graph" for name in node.names
            )
            if named or imported:
                makers.add(path.relative_to(ROOT).as_posix())
    assert makers == {"components/charts/graph.py"}


def test_every_icon_that_is_named_exists():
    css = (ASSETS / "bootstrap-icons.min.css").read_text(encoding="utf-8")
    known = set(re.findall(r"\.bi-([a-z0-9-]+)::before", css))
    used = set()
    for path in _python_files():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in {"icon", "icon_button"} and node.args:
                used |= {n.value for n in ast.walk(node.args[0]) if isinstance(n, ast.Constant)}
            for keyword in node.keywords:
                if keyword.arg == "icon_name" and isinstance(keyword.value, ast.Constant):
                    used.add(keyword.value.value)
    from components.theme import STATUS_ICONS

    used |= set(STATUS_ICONS.values())
    assert {name for name in used if isinstance(name, str) and name} - known == set()


def test_components_know_no_database():
    forbidden = ("sqlalchemy", "rota.database", "rota.models", "server", "pages")
    for path in sorted((ROOT / "components").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                assert not any(name == f or name.startswith(f + ".") for f in forbidden), path
