"""What can be sent that is wrong, by number, and the tests that show how each of it is answered.

A line of text says why an input has no place here.
"""

API, WEB, HERE = "tests/api/", "tests/web/", "tests/bad_input/"
READING = "tests/api/test_reading.py::"
CALLERS = "tests/api/test_callers.py::"
DOCTORS = "tests/api/test_doctors.py::"
BOOKING = "tests/api/test_booking.py::"
VISITS = "tests/api/test_appointments.py::"
HOURS = "tests/api/test_availability_table.py::"
SAID = "tests/booking/test_particulars.py::"
FORMS = "tests/bad_input/test_forms.py::"
WIRE = "tests/bad_input/test_on_the_wire.py::"
FILES = "tests/schedule/test_hours_file.py::"
STRIPE = "tests/payments/test_stripe_webhook.py::"
SOCKETS = "tests/live/test_abuse.py::"
SIGN_IN = "tests/people/test_ways_to_sign_in.py::"
LIMITS = "tests/access/test_limits.py::"

NOT_AN_OBJECT = READING + "test_what_is_not_one_plain_json_object_cannot_be_read"
UNSTORABLE = READING + "test_text_that_no_database_can_hold_is_refused_where_it_stands"
WRONG_TYPE = READING + "test_only_json_is_read"
SENT = BOOKING + "test_what_a_patient_writes_is_checked_and_never_repeated"
FILLED = FORMS + "test_the_form_comes_back_filled_and_leads_to_what_is_wrong"
ASKED = DOCTORS + "test_a_question_that_is_not_understood_is_refused"
TAMPERED = FORMS + "test_an_address_that_was_tampered_with_still_shows_a_page"
WINDOW = HOURS + "test_a_window_that_makes_no_sense_is_refused_by_name_with_all_beside_it"
ODD_BUT_RIGHT = HOURS + "test_what_sounds_odd_and_is_right_is_published"
IN_THE_WAY = HOURS + "test_what_stands_in_the_way_is_told"
NOT_A_NAME = SAID + "test_what_is_no_name_is_refused"
FORGED = STRIPE + "test_a_forged_message_changes_nothing"
SHUT = VISITS + "test_the_door_says_why_it_is_shut"
TOO_OFTEN = LIMITS + "test_one_more_than_the_table_says_is_refused_until_the_window_ends"
NO_SUCH_ONE = VISITS + "test_to_everyone_else_it_does_not_exist"

TABLE: dict[int, list[str] | str] = {
    # Any request
    1: [READING + "test_nothing_at_all_is_not_an_object"],
    **{number: [NOT_AN_OBJECT] for number in (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)},
    13: [UNSTORABLE],
    14: [UNSTORABLE, FILLED],
    15: [READING + "test_a_request_has_a_largest_size"],
    16: [WIRE + "test_a_length_that_is_not_true_ends_the_connection"],
    17: [WRONG_TYPE, FORMS + "test_what_is_no_filled_form_is_an_empty_one"],
    18: [WRONG_TYPE, CALLERS + "test_a_form_of_another_site_books_nothing"],
    19: [READING + "test_a_packed_body_is_not_unpacked"],
    20: [READING + "test_what_stands_in_a_body_that_nobody_asked_for_is_not_looked_at"],
    21: [SENT],
    22: [
        CALLERS + "test_a_method_that_is_not_taken_is_told_which_are",
        FORMS + "test_a_method_that_no_page_takes_is_refused",
    ],
    23: [CALLERS + "test_a_foreign_host_name_is_refused"],
    24: [WIRE + "test_a_forged_address_of_a_proxy_changes_nothing"],
    25: [WIRE + "test_a_path_that_leads_out_leads_nowhere"],
    26: [
        DOCTORS + "test_what_is_no_doctor_is_not_there",
        FORMS + "test_an_id_that_is_none_leads_nowhere",
        FORMS + "test_another_spelling_of_an_id_is_another_address",
    ],
    **{number: [ASKED, TAMPERED] for number in (27, 28, 29)},
    30: [WIRE + "test_a_head_without_end_is_refused"],
    31: [CALLERS + "test_a_browser_must_prove_that_a_page_of_ours_sent_it"],
    32: [CALLERS + "test_a_session_that_is_none_is_nobodys"],
    33: [HERE + "test_table.py::test_what_a_program_accepts_does_not_matter"],
    34: [
        BOOKING + "test_a_key_that_is_none_is_refused",
        BOOKING + "test_a_key_is_for_one_request_of_one_patient",
        BOOKING + "test_without_a_key_nothing_is_booked_whatever_else_is_wrong",
    ],
    # Hours
    35: [WINDOW],
    36: [WINDOW],
    37: [ODD_BUT_RIGHT, HOURS + "test_tomorrow_in_utc_is_today_far_in_the_east"],
    **{number: [WINDOW] for number in range(38, 60)},
    60: [ODD_BUT_RIGHT],
    61: [WINDOW, HOURS + "test_a_long_night_has_no_more_slots_than_any_other_date"],
    62: [IN_THE_WAY],
    63: [ODD_BUT_RIGHT],
    64: [IN_THE_WAY],
    65: [WINDOW],
    66: [ODD_BUT_RIGHT],
    67: [ODD_BUT_RIGHT],
    68: [HOURS + "test_a_zone_that_does_not_exist_is_refused_by_name"],
    69: [IN_THE_WAY],
    70: [WINDOW, IN_THE_WAY],
    71: [HOURS + "test_a_day_with_a_hold_or_a_visit_stays_and_the_answer_says_until_when"],
    72: [HOURS + "test_a_day_is_taken_away_once"],
    73: "no version is sent: the constraints judge what is there, not what was read",
    74: [
        FILES + "test_what_is_no_such_file_at_all_is_refused_in_a_sentence",
        FILES + "test_as_many_lines_as_a_year_needs_and_not_more",
        FILES + "test_a_line_that_says_no_hours_is_named_with_its_column",
        FILES + "test_twice_the_same_line_is_told_with_both_and_so_are_hours_that_overlap",
        WEB + "test_doctor_upload.py::test_what_is_no_such_file_is_told_beside_the_field",
    ],
    75: [IN_THE_WAY],
    # Search
    76: [FORMS + "test_nobody_is_found_by_signs_that_mean_something_to_a_machine"],
    77: [FORMS + "test_nobody_is_found_by_signs_that_mean_something_to_a_machine"],
    78: [WEB + "test_search_page.py::test_a_name_nobody_has_is_answered_in_words"],
    79: [ASKED, TAMPERED],
    80: [ASKED, TAMPERED],
    81: [HERE + "test_table.py::test_a_name_is_looked_for_in_any_script"],
    82: [WEB + "test_search_page.py::test_only_doctors_with_an_open_time_are_found"],
    83: [ASKED],
    84: [TOO_OFTEN],
    # The form
    85: [NOT_A_NAME, FILLED],
    86: [SAID + "test_a_patient_may_be_called_what_they_are_called"],
    87: [NOT_A_NAME, FILLED],
    88: [NOT_A_NAME, SAID + "test_a_reason_is_kept_in_the_patients_own_words"],
    89: [NOT_A_NAME, FILLED],
    90: [FORMS + "test_what_looks_like_code_is_shown_as_it_was_written"],
    91: "what a patient writes is exported nowhere as a table; hours have no free text",
    92: [NOT_A_NAME, FILLED],
    93: "no calendar file has anything that a patient wrote",
    94: [
        SAID + "test_both_kinds_of_sri_lankan_cards_are_known",
        SAID + "test_what_is_on_no_sri_lankan_card_is_refused",
    ],
    95: [
        SAID + "test_a_phone_number_is_kept_as_every_network_knows_it",
        SAID + "test_what_cannot_be_called_is_refused",
    ],
    96: [
        SAID + "test_an_address_is_kept_as_mail_servers_write_it",
        SAID + "test_what_no_mail_can_reach_is_refused",
    ],
    97: [
        SAID + "test_a_reason_that_cannot_be_shown_is_refused",
        SAID + "test_a_reason_is_kept_in_the_patients_own_words",
    ],
    98: [SENT],
    99: [WEB + "test_booking_page.py::test_a_slot_is_not_had_through_another_doctors_page"],
    100: [BOOKING + "test_a_time_that_has_begun_cannot_be_booked"],
    101: [BOOKING + "test_a_slot_that_someone_has_is_taken_and_others_are_offered"],
    102: [BOOKING + "test_a_slot_that_is_not_there_is_gone"],
    103: ["tests/booking/test_holds.py::test_the_slots_of_a_doctor_who_has_left_are_gone"],
    104: [BOOKING + "test_a_doctors_account_cannot_book"],
    105: [BOOKING + "test_a_patient_is_in_one_place_at_a_time_and_holds_two_times_at_most"],
    106: [BOOKING + "test_a_patient_is_in_one_place_at_a_time_and_holds_two_times_at_most"],
    107: [SENT],
    108: [NO_SUCH_ONE],
    109: [
        VISITS + "test_a_completed_visit_cannot_be_cancelled",
        VISITS + "test_it_can_be_too_late_to_cancel",
    ],
    110: [SENT],
    111: [TOO_OFTEN],
    # Money
    112: [WEB + "test_paying_page.py::test_nothing_can_be_paid_after_the_hold_has_lapsed"],
    113: [WEB + "test_paying_page.py::test_the_second_press_changes_nothing_and_answers_the_same"],
    114: [SAID + "test_a_reason_that_cannot_be_shown_is_refused", FILLED],
    115: [
        WEB + "test_time_zone.py::test_going_back_never_leaves_the_clinic",
        "tests/payments/test_turning_back.py::"
        "test_an_address_that_we_did_not_give_the_page_changes_nothing",
    ],
    **{number: [FORGED] for number in (116, 117, 118, 119, 120, 121, 122, 123)},
    124: [FORGED, STRIPE + "test_a_signed_message_that_cannot_be_read_changes_nothing"],
    125: [STRIPE + "test_a_signed_message_that_cannot_be_read_changes_nothing"],
    126: [STRIPE + "test_a_signed_message_that_is_not_about_our_money_is_set_aside"],
    127: [STRIPE + "test_two_hundred_messages_in_any_order_have_one_effect"],
    128: [STRIPE + "test_another_message_by_a_known_name_changes_nothing"],
    129: [STRIPE + "test_a_signed_message_that_is_not_about_our_money_is_set_aside"],
    130: [STRIPE + "test_money_that_is_not_what_we_asked_for_confirms_nothing"],
    131: [STRIPE + "test_a_signed_message_that_is_not_about_our_money_is_set_aside"],
    132: ["tests/rights/test_erasing.py::test_late_money_of_theirs_goes_back"],
    133: [
        STRIPE + "test_it_takes_no_other_method",
        STRIPE + "test_a_body_without_end_is_refused",
    ],
    134: "nobody sends the amount of a refund: it follows from the clinic's promise at booking",
    135: [
        WEB + "test_paying_page.py::test_an_address_nobody_was_given_is_not_found",
        "tests/server/test_living_and_dying.py::test_production_is_refused_what_is_for_trying_out",
    ],
    # The call
    136: [SHUT],
    137: [SHUT],
    138: [SHUT],
    139: [NO_SUCH_ONE],
    140: [VISITS + "test_a_program_cannot_choose_who_it_is_in_the_room"],
    141: [
        "tests/video/test_passes.py::test_agora_gets_a_token_for_that_person_on_that_channel_alone"
    ],
    142: [TOO_OFTEN],
    143: [SHUT],
    144: [
        "tests/server/test_living_and_dying.py::"
        "test_an_agora_project_without_its_certificate_is_refused"
    ],
    145: ["tests/api/test_agora_webhook.py::test_what_agora_did_not_sign_is_refused"],
    146: ["tests/consultation/test_closing.py::test_word_of_a_call_that_is_not_ours_is_dropped"],
    147: [
        "tests/api/test_agora_webhook.py::test_word_of_a_call_is_kept_once",
        "tests/consultation/test_evidence.py::"
        "test_a_providers_words_mean_the_same_in_any_order_and_repeated",
        "tests/video/test_agora_notices.py::test_a_message_sent_a_quarter_of_an_hour_ago_is_no_news",
    ],
    148: [
        VISITS + "test_a_patient_can_neither_end_a_visit_nor_undo_that",
        VISITS + "test_a_visit_is_marked_from_its_start_to_a_day_after_its_end",
    ],
    # Sockets
    149: ["tests/live/test_presence.py::test_another_site_opens_no_socket"],
    150: [SOCKETS + "test_who_never_says_who_they_are_is_closed"],
    151: [
        "tests/live/test_signalling.py::test_a_pass_for_another_visit_or_a_forged_one_does_not_open"
    ],
    152: [
        SOCKETS + "test_what_cannot_be_understood_closes_this_socket_alone",
        SOCKETS + "test_one_who_talks_without_end_is_closed",
    ],
    153: [WIRE + "test_a_pass_in_an_address_opens_no_socket"],
    154: [
        "tests/live/test_when_a_session_ends.py::"
        "test_the_socket_ends_with_the_session_at_once_and_the_ticket_with_it"
    ],
    155: ["tests/live/test_crowd.py::test_one_with_too_many_sockets_loses_the_oldest_alone"],
    # Accounts
    156: [SIGN_IN + "test_signing_up_with_a_known_address_looks_like_any_other"],
    157: [SIGN_IN + "test_a_page_says_the_same_whether_there_is_an_account"],
    158: [SIGN_IN + "test_an_address_that_only_looks_like_hers_gets_no_way_in"],
    159: ["tests/people/test_passwords.py::test_a_password_is_refused_for_what_is_wrong_with_it"],
    160: [
        LIMITS + "test_a_stranger_who_guesses_does_not_lock_ana_out",
        LIMITS + "test_a_known_device_may_not_guess_without_end_either",
    ],
    161: [
        "tests/people/test_second_factor.py::test_a_code_of_the_app_signs_in_once",
        LIMITS + "test_one_more_than_the_table_says_is_refused_where_people_sign_in",
    ],
    162: [
        CALLERS + "test_an_ended_session_is_nobodys",
        CALLERS + "test_a_new_password_ends_the_sessions_before_it",
    ],
    163: [SIGN_IN + "test_a_way_back_in_works_once_and_not_for_long"],
    164: [FORMS + "test_signing_in_never_leads_to_another_site"],
    165: "no pictures are uploaded: nobody has an avatar",
    166: [WEB + "test_rights_pages.py::test_only_for_who_has_just_shown_again_who_they_are"],
}
