"""The pages, in the order a visitor meets them."""

from django.urls import path
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from clinicall.web import about, device_check, explain, installing, language, theme, time_zone
from clinicall.web.doctor import agenda, apply, nic, repeating, schedule, upload, usual_week
from clinicall.web.patient import (
    appointments,
    booking,
    claiming,
    doctor,
    moving,
    outbox,
    paying,
    record,
    rights,
    room,
    search,
)
from clinicall.web.staff import appointments as staff_appointments
from clinicall.web.staff import booking_for, clinic, home, money, people
from clinicall.web.staff import doctors as staff_doctors

urlpatterns = [
    path("", search.search, name="search"),
    path("home/", search.home, name="home"),
    path("doctors/apply/", apply.apply, name="apply"),
    path("doctors/apply/code/", apply.confirm, name="apply_code"),
    path("application/", apply.application, name="application"),
    path("doctors/<uuid:doctor_id>/", doctor.doctor, name="doctor"),
    path("doctors/<uuid:doctor_id>/slots/<int:slot_id>/", booking.book, name="book"),
    path("doctors/<uuid:doctor_id>/explain/", explain.explain_time, name="explain"),
    path("sandbox/<slug:token>/", paying.sandbox, name="sandbox"),
    path("appointments/", appointments.appointments, name="appointments"),
    path("appointments/<uuid:appointment_id>/", appointments.appointment, name="appointment"),
    path("appointments/<uuid:appointment_id>/unpaid/", paying.turn_back, name="unpaid"),
    path("appointments/<uuid:appointment_id>/again/", booking.again, name="again"),
    path("appointments/<uuid:appointment_id>/claim/", claiming.claim, name="claim"),
    path("appointments/<uuid:appointment_id>/let-go/", claiming.let_go, name="let_go"),
    path("appointments/<uuid:appointment_id>/cancel/", appointments.cancel, name="cancel"),
    path("appointments/<uuid:appointment_id>/move/", moving.choose, name="move"),
    path("appointments/<uuid:appointment_id>/move/<int:slot_id>/", moving.move_to, name="move_to"),
    path("appointments/<uuid:appointment_id>/room/", room.room, name="room"),
    path("appointments/<uuid:appointment_id>/complete/", agenda.complete, name="complete"),
    path("appointments/<uuid:appointment_id>/reopen/", agenda.reopen, name="reopen"),
    path("record/export/", rights.export_record, name="export_record"),
    path("record/erase/", rights.erase_record, name="erase_record"),
    path("record/erased/", rights.erased, name="erased"),
    path("appointments/<uuid:appointment_id>/nic/", nic.show_nic, name="nic"),
    path("record/", record.record, name="record"),
    path("device-check/", device_check.device_check, name="device_check"),
    path("agenda/", agenda.agenda, name="agenda"),
    path("schedule/", schedule.schedule, name="schedule"),
    path("schedule/add/", schedule.add_hours, name="add_hours"),
    path("schedule/repeat/", repeating.repeat_week, name="repeat_week"),
    path("schedule/usual/", usual_week.write, name="usual_week"),
    path("schedule/usual/use/", repeating.use_usual_week, name="use_usual_week"),
    path("schedule/upload/", upload.upload_hours, name="upload_hours"),
    path("schedule/template.csv", upload.template, name="hours_template"),
    path("schedule/export.csv", upload.export, name="export_hours"),
    path("schedule/<str:day>/", schedule.change_day, name="schedule_day"),
    path("schedule/<str:day>/copy/", repeating.copy_day, name="copy_day"),
    path("schedule/<str:day>/delete/", schedule.delete_day, name="delete_day"),
    path("staff/doctors/", staff_doctors.staff_doctors, name="staff_doctors"),
    path("staff/doctors/invite/", staff_doctors.invite_doctor, name="invite_doctor"),
    path("staff/doctors/<uuid:doctor_id>/", staff_doctors.staff_doctor, name="staff_doctor"),
    path(
        "staff/doctors/<uuid:doctor_id>/invite-again/",
        staff_doctors.resend_invitation,
        name="resend_invitation",
    ),
    path(
        "staff/doctors/<uuid:doctor_id>/approve/",
        staff_doctors.approve_doctor,
        name="approve_doctor",
    ),
    path(
        "staff/doctors/<uuid:doctor_id>/decline/",
        staff_doctors.decline_doctor,
        name="decline_doctor",
    ),
    path(
        "staff/doctors/<uuid:doctor_id>/suspend/",
        staff_doctors.suspend_doctor,
        name="suspend_doctor",
    ),
    path(
        "staff/doctors/<uuid:doctor_id>/bring-back/",
        staff_doctors.bring_back_doctor,
        name="bring_back_doctor",
    ),
    path(
        "staff/doctors/<uuid:doctor_id>/leave/",
        staff_doctors.doctor_leaves,
        name="doctor_leaves",
    ),
    path("staff/", home.home, name="staff_home"),
    path("staff/appointments/", staff_appointments.appointments, name="staff_appointments"),
    path(
        "staff/appointments/<uuid:appointment_id>/",
        staff_appointments.appointment,
        name="staff_appointment",
    ),
    path(
        "staff/appointments/<uuid:appointment_id>/cancel/",
        staff_appointments.cancel,
        name="staff_cancel",
    ),
    path(
        "staff/appointments/<uuid:appointment_id>/complete/",
        staff_appointments.complete,
        name="staff_complete",
    ),
    path(
        "staff/appointments/<uuid:appointment_id>/mail/",
        staff_appointments.mail_again,
        name="staff_mail_again",
    ),
    path("staff/book/", booking_for.doctors, name="staff_book"),
    path("staff/book/<uuid:doctor_id>/", booking_for.times, name="staff_times"),
    path(
        "staff/book/<uuid:doctor_id>/slots/<int:slot_id>/",
        booking_for.book_for,
        name="staff_book_for",
    ),
    path("staff/people/", people.staff_people, name="staff_people"),
    path(
        "staff/people/<uuid:user_id>/invite-again/",
        people.invite_staff_again,
        name="invite_staff_again",
    ),
    path(
        "staff/people/<uuid:user_id>/second-step/",
        people.take_factors_away,
        name="take_factors_away",
    ),
    path(
        "staff/people/<uuid:user_id>/close/",
        people.close_staff_account,
        name="close_staff_account",
    ),
    path("staff/clinic/", clinic.staff_clinic, name="staff_clinic"),
    path("staff/clinic/add/", clinic.add_clinic, name="add_clinic"),
    path("staff/clinic/<uuid:clinic_id>/", clinic.change_clinic, name="change_clinic"),
    path("money/", money.money, name="money"),
    path("money/refunds/<uuid:refund_id>/again/", money.refund_again, name="refund_again"),
    path("money/refunds/<uuid:refund_id>/by-hand/", money.refund_by_hand, name="refund_by_hand"),
    path("money/payments/<uuid:payment_id>/again/", money.payment_again, name="payment_again"),
    path(
        "money/payments/<uuid:payment_id>/by-hand/", money.payment_by_hand, name="payment_by_hand"
    ),
    path("money/events/<int:event_id>/seen/", money.event_seen, name="event_seen"),
    path("outbox/", outbox.outbox, name="outbox"),
    path("time-zone/", time_zone.time_zone, name="time_zone"),
    path("language/", language.choose_language, name="language"),
    path("language/chosen/", require_POST(set_language), name="set_language"),
    path("language/<str:language>.js", language.words_of_scripts, name="words_of_scripts"),
    path("accessibility/", about.accessibility, name="accessibility"),
    path("privacy/", about.privacy, name="privacy"),
    path("manifest.webmanifest", installing.manifest, name="manifest"),
    path("offline/", installing.offline, name="offline"),
    # At the root: a worker serves what lies below its own address.
    path("service-worker.js", installing.service_worker, name="service_worker"),
    path("theme/", theme.theme, name="theme"),
]
