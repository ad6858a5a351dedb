from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "clinicall.jobs"
