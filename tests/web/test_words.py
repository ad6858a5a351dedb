from clinicall.web.templatetags.words import hours_in_words, initials, minutes_in_words


def test_initials_leave_the_title_out() -> None:
    names = ["Dr Amara Silva", "Prof. Ana María de la Cruz", "Dr. Osei", "නිමල් පෙරේරා", "Dr", ""]
    assert [initials(name) for name in names] == ["AS", "AC", "O", "නප", "", ""]


def test_a_length_of_time_is_said_in_the_unit_that_measures_it() -> None:
    lengths = [minutes_in_words(m) for m in (1, 90, 60, 120, 1440, 2880)]
    assert lengths == ["1 minute", "90 minutes", "1 hour", "2 hours", "1 day", "2 days"]
    assert hours_in_words(36) == "36 hours"
