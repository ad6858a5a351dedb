import re

from django.core.mail import EmailMultiAlternatives

from clinicall.core.letters import dressed

TEXT = """You asked <Lakeside> for a video appointment:

Wednesday 25 November 2026, 10:15am
Reference K7M2P4QX

https://clinic.example/appointments/1/?a=1&b=2"""


def sheet_of(text: str) -> str:
    [(sheet, kind)] = dressed(
        EmailMultiAlternatives("Your code", text, to=["ana@clinic.example"])
    ).alternatives
    assert kind == "text/html"
    return str(sheet)


def test_a_mail_says_the_same_on_its_sheet_and_its_links_can_be_pressed() -> None:
    sheet = sheet_of(TEXT)
    assert "<p>You asked &lt;Lakeside&gt; for a video appointment:</p>" in sheet
    assert "<p>Wednesday 25 November 2026, 10:15am\nReference K7M2P4QX</p>" in sheet
    assert 'href="https://clinic.example/appointments/1/?a=1&amp;b=2"' in sheet
    assert sheet.count("<p>") == 3


def test_nothing_is_fetched_to_show_a_mail() -> None:
    assert not re.search(r"<(img|link|script|iframe)|url\(|@import", sheet_of(TEXT))
