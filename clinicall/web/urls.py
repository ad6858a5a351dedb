"""The pages, in the order a visitor meets them."""

from django.urls import path

from clinicall.web import time_zone

urlpatterns = [
    path("time-zone/", time_zone.time_zone, name="time_zone"),
]
