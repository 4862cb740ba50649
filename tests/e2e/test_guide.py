"""The guide in French is complete: menus, pictures, glossary."""

import re
from pathlib import Path

import contract
import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
PICTURE = re.compile(r"!\[([^\]]+)\]\(images/([\w.]+)\)")
LINK = re.compile(r"\]\(#([^)]+)\)")
APPS = (
    "cae_base.menu_cae_root",
    "cae_governance.menu_governance_root",
    "cae_coaching.menu_coaching_root",
    "cae_coaching.menu_service_root",
)


def plain(text):
    """As one compares titles of screens: apostrophes, spaces and case aside."""
    return re.sub(r"[\s  ]+", " ", text.replace("’", "'")).lower()


def anchor(title):
    """As GitHub makes the address of a heading."""
    kept = re.sub(r"[^\w\- ]", "", title.lower())
    return kept.replace(" ", "-")


@pytest.fixture(scope="module")
def guide():
    return (DOCS / "guide.md").read_text()


@pytest.fixture(scope="module")
def menus(served):
    """``(name in English, name in French)`` of what opens a screen of ours."""
    client = contract.Client(served)
    roots = [client.ref(name) for name in APPS]
    domain = [("id", "child_of", roots), ("action", "!=", False)]

    def names(lang):
        rows = client.call(
            "ir.ui.menu",
            "search_read",
            domain=domain,
            fields=["name"],
            context={"lang": lang},
        )
        return {row["id"]: row["name"] for row in rows}

    english, french = names("en_US"), names("fr_FR")
    return [(english[key], french[key]) for key in english]


def test_every_menu_is_in_the_guide(guide, menus):
    said = plain(guide)
    translated = [french for english, french in menus if french != english]
    assert len(translated) > 100
    assert not [name for name in translated if plain(name) not in said]


def test_every_picture_is_there_and_used(guide):
    shown = [name for _text, name in PICTURE.findall(guide)]
    assert shown
    assert not [name for name in shown if not (DOCS / "images" / name).exists()]
    assert not {p.name for p in (DOCS / "images").iterdir()} - set(shown)


def test_every_link_within_the_guide_leads_somewhere(guide):
    titles = re.findall(r"^#+ (.+)$", guide, re.MULTILINE)
    anchors = {anchor(title) for title in titles}
    assert set(LINK.findall(guide)) <= anchors


def test_the_glossary_is_in_order_and_defines_each_word_once(guide):
    chapter = guide.partition("## Glossaire")[2]
    words = re.findall(r"^\| \*\*(.+?)\*\* \| .+ \|$", chapter, re.MULTILINE)
    assert len(words) > 40
    assert len(set(words)) == len(words)
