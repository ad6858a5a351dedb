import re

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def look_of(client: Client, address: str = "/") -> tuple[str, str, list[str]]:
    """The theme a page is written in, the one shown as pressed, and which theme colours count."""
    page = client.get(address).content.decode()
    root = re.search(r"<html[^>]*>", page)
    assert root
    theme = re.search(r'data-theme="(\w+)"', root[0])
    [pressed] = re.findall(r'value="(\w+)" aria-pressed="true"', page)
    colours = re.findall(r'name="theme-color" data-of="\w+" media="([^"]*)"', page)
    return theme[1] if theme else "", pressed, colours


def test_a_page_follows_the_system_until_a_theme_is_chosen(client: Client) -> None:
    of_the_system = ["(prefers-color-scheme: light)", "(prefers-color-scheme: dark)"]
    assert look_of(client) == ("", "system", of_the_system)


@pytest.mark.parametrize(
    ("theme", "colours"), [("light", ["all", "not all"]), ("dark", ["not all", "all"])]
)
def test_a_chosen_theme_is_on_every_page_until_the_system_is_chosen_again(
    client: Client, theme: str, colours: list[str]
) -> None:
    answer = client.post("/theme/", {"theme": theme, "next": "/?name=silva"})
    assert (answer.status_code, answer["Location"]) == (302, "/?name=silva")
    for address in ("/", "/account/login/", "/nowhere/"):
        assert look_of(client, address) == (theme, theme, colours)
    client.post("/theme/", {"theme": "system"})
    assert look_of(client)[:2] == ("", "system")


def test_what_is_no_theme_is_neither_kept_nor_shown(client: Client) -> None:
    assert client.post("/theme/", {"theme": '"><script>'}).status_code == 400
    assert "theme" not in client.cookies
    client.cookies["theme"] = "sepia"
    assert look_of(client)[:2] == ("", "system")


def test_going_back_from_choosing_a_theme_never_leaves_the_clinic(client: Client) -> None:
    answer = client.post("/theme/", {"theme": "dark", "next": "https://example.org/"})
    assert answer["Location"] == "/"
