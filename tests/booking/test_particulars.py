"""What patients say of themselves."""

import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicall.booking.particulars import NotUsable, email, nic, person_name, phone, reason

ZERO_WIDTH_SPACE = "\u200b"
RIGHT_TO_LEFT_OVERRIDE = "\u202e"


@pytest.mark.parametrize(
    "name",
    [
        "Ana",
        "O'Neil",
        "O´Neil",
        "Nguyễn",
        "සුනිල්",
        "ශ්\u200dරී",
        "محمد",
        "Anne-Marie",
        "de la Cruz",
        "–",
        "Jr. 3rd",
        "李",
        "x" * 100,
    ],
)
def test_a_patient_may_be_called_what_they_are_called(name: str) -> None:
    assert person_name(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "required"),
        ("   ", "required"),
        (ZERO_WIDTH_SPACE, "characters"),
        ("\u200d", "no_letter"),
        ("\u3164", "characters"),
        ("Ana" + ZERO_WIDTH_SPACE, "characters"),
        (RIGHT_TO_LEFT_OVERRIDE + "gnp.exe", "characters"),
        ("Ana\u2066", "characters"),
        ("Ana\u200f", "characters"),
        ("👩‍⚕️", "characters"),
        ("Ana ❤️", "characters"),
        ("Ana 1️⃣", "characters"),
        ("Ana\r\nBcc: x@y", "characters"),
        ("Ana\n", "characters"),
        ("Ana\t", "characters"),
        ("Ana\x00", "characters"),
        ("Ana\ud800", "characters"),
        ("Ana\ue000", "characters"),
        ("12345", "no_letter"),
        ("…", "no_letter"),
        ("-", "no_letter"),
        ("––", "no_letter"),
        ("\u0301", "no_letter"),
        ("x" * 101, "too_long"),
        ("x" + "\u0301" * 100, "too_long"),
    ],
)
def test_what_is_no_name_is_refused(name: str, code: str) -> None:
    with pytest.raises(NotUsable) as refused:
        person_name(name)
    assert refused.value.code == code


def test_a_name_is_kept_in_one_spelling_of_its_accents() -> None:
    assert person_name(" Jose\u0301 ") == "Jos\u00e9"


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [
        ("0712345678", "LK", "+94712345678"),
        ("071-234 5678", "LK", "+94712345678"),
        ("(011) 234.5678", "LK", "+94112345678"),
        ("+94 71 234 5678", "GB", "+94712345678"),
        ("+44 20 7946 0018", "LK", "+442079460018"),
        (" 020 7946 0018 ", "GB", "+442079460018"),
    ],
)
def test_a_phone_number_is_kept_as_every_network_knows_it(
    written: str, country: str, number: str
) -> None:
    assert phone(written, country) == number


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "12345",
        "911",
        "+0712345678",
        "0" * 20,
        "1" * 5000,
        "not a number",
        "0800 FLOWERS",
        "0712345678 ext. 3",
        "0712345678;ext=3",
        "tel:0712345678",
        "٠٧١٢٣٤٥٦٧٨",
        "０７１２３４５６７８",
        "0712345678\n",
        "0712345678\x00",
        "+94 000 000 000",
        "+44 909 879 0000",
    ],
)
def test_what_cannot_be_called_is_refused(written: str) -> None:
    with pytest.raises(NotUsable):
        phone(written, "LK")


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("901234567V", "901234567V"),
        ("901234567v", "901234567V"),
        ("901234567x", "901234567X"),
        (" 199012345678 ", "199012345678"),
        ("90001 4567V".replace(" ", ""), "900014567V"),
        ("903664567V", "903664567V"),
        ("905014567V", "905014567V"),
        ("908664567V", "908664567V"),
        ("199086645678", "199086645678"),
    ],
)
def test_both_kinds_of_sri_lankan_cards_are_known(written: str, number: str) -> None:
    assert nic(written, "LK") == number


@pytest.mark.parametrize(
    "written",
    [
        "",
        "12345678V",
        "1234567890V",
        "12345678901",
        "1234567890123",
        "901234567A",
        "901234567",
        "000000000V",
        "900004567V",
        "903674567V",
        "905004567V",
        "908674567V",
        "199000045678",
        "199086745678",
        "٩٠١٢٣٤٥٦٧V",
        "９０１２３４５６７V",
        "901234567V\n",
        "901234567V\x00",
        "90 1234567V",
    ],
)
def test_what_is_on_no_sri_lankan_card_is_refused(written: str) -> None:
    with pytest.raises(NotUsable):
        nic(written, "LK")


@pytest.mark.parametrize("written", ["AB-12/34.5", "1234", "12 345 678", "x" * 30])
def test_other_countries_cards_are_taken_as_they_read(written: str) -> None:
    assert nic(written, "FR") == written.upper()


@pytest.mark.parametrize("written", ["", "123", "x" * 31, "-123", "12;34", "123\n", "ſſſſ", "٩٠١٢"])
def test_signs_that_are_on_no_card_are_refused(written: str) -> None:
    with pytest.raises(NotUsable):
        nic(written, "FR")


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("ana@clinic.example", "ana@clinic.example"),
        (" ana+visits@Clinic.Example ", "ana+visits@clinic.example"),
        ("o'neil@clinic.example", "o'neil@clinic.example"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example"),
        ("Ana@clinic.example", "Ana@clinic.example"),
    ],
)
def test_an_address_is_kept_as_mail_servers_write_it(written: str, address: str) -> None:
    assert email(written) == address


@pytest.mark.parametrize(
    "written",
    [
        "",
        "ana",
        "a@b",
        "a b@clinic.example",
        "<ana@clinic.example>",
        "a@x.example,b@x.example",
        "ana@localhost",
        "ana@mail.localhost",
        "ana@[127.0.0.1]",
        "ana@127.0.0.10",
        "ana@[::1]",
        "ana@clinic.example" + ZERO_WIDTH_SPACE,
        "ana@clinic.example\n",
        "ana\x00@clinic.example",
        '"a\x01b"@clinic.example',
        "ana@clinic.example\r\nBcc: x@y.example",
        "x" * 65 + "@clinic.example",
        "ana@" + "x." * 130 + "example",
        "ana@" + "ü" * 70 + ".example",
    ],
)
def test_what_no_mail_can_reach_is_refused(written: str) -> None:
    with pytest.raises(NotUsable):
        email(written)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Cough", "Cough"),
        ("  Cough,\r\nfor two weeks\r", "Cough,\nfor two weeks"),
        ("👩‍⚕️" * 400, "👩‍⚕️" * 400),
        ("🤒" * 2000, "🤒" * 2000),
        ("سعال \u200fمنذ", "سعال \u200fمنذ"),
        ("Invoice 4111111111111112", "Invoice 4111111111111112"),
        ("Call 0094712345678 or 0112345678", "Call 0094712345678 or 0112345678"),
        ("2026-11-23 to 2026-11-24", "2026-11-23 to 2026-11-24"),
    ],
)
def test_a_reason_is_kept_in_the_patients_own_words(written: str, kept: str) -> None:
    assert reason(written) == kept


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "required"),
        ("\n \n", "required"),
        (ZERO_WIDTH_SPACE * 5, "required"),
        ("x" * 2001, "too_long"),
        ("Cough\x00", "characters"),
        ("Cough\x1b[31m", "characters"),
        ("Cough\tbad", "characters"),
        ("Cough\u202e", "characters"),
        ("Cough\ud800", "characters"),
        ("4111111111111111", "looks_like_card"),
        ("Cough, card 4111 1111 1111 1111 please", "looks_like_card"),
        ("5555-5555-5555-4444", "looks_like_card"),
        ("3782 822463 10005", "looks_like_card"),
        ("4222222222222", "looks_like_card"),
    ],
)
def test_a_reason_that_cannot_be_shown_is_refused(written: str, code: str) -> None:
    with pytest.raises(NotUsable) as refused:
        reason(written)
    assert refused.value.code == code


@given(st.text(max_size=300))
def test_nothing_written_makes_a_check_stumble_and_what_is_kept_is_usable_again(text: str) -> None:
    for check in (
        person_name,
        email,
        reason,
        lambda t: phone(t, "LK"),
        lambda t: nic(t, "LK"),
        lambda t: nic(t, "FR"),
    ):
        with suppress(NotUsable):
            kept = check(text)
            assert check(kept) == kept
