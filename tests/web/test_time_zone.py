import pytest
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db


def test_a_zone_chosen_by_hand_is_kept_and_the_viewer_goes_back(client: Client) -> None:
    answer = client.post(
        reverse("time_zone"), {"timezone": "Europe/London", "next": "/doctors/1/?date=2026-11-25"}
    )
    assert (answer.status_code, answer["Location"]) == (302, "/doctors/1/?date=2026-11-25")
    page = client.get(reverse("time_zone")).content.decode()
    assert "London time" in page
    # By this the browser's own zone knows that it no longer counts.
    assert client.cookies["timezone_chosen"].value == "1"


def test_going_back_never_leaves_the_clinic(client: Client) -> None:
    for outside in (
        "https://example.org/",
        "//example.org/",
        "javascript:alert(1)",
        "\\\\example.org",
    ):
        answer = client.post(reverse("time_zone"), {"timezone": "Asia/Tokyo", "next": outside})
        assert answer["Location"] == reverse("search")
        assert outside not in client.get(reverse("time_zone"), {"next": outside}).content.decode()


def test_an_address_is_not_mistaken_for_the_name_of_a_page(client: Client) -> None:
    for address in ("appointment", "home"):
        answer = client.post(reverse("time_zone"), {"timezone": "Asia/Tokyo", "next": address})
        assert (answer.status_code, answer["Location"]) == (302, address)


def test_a_town_that_is_not_on_the_list_is_refused_beside_the_field(client: Client) -> None:
    answer = client.post(reverse("time_zone"), {"timezone": "Mars/Olympus"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "<title>Error: Time zone" in page
    assert '<a href="#id_timezone">Choose a town from the list.</a>' in page
    assert "timezone" not in client.cookies
