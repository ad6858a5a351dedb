from django.apps import AppConfig


class MessagesConfig(AppConfig):
    name = "clinicall.messages"
    label = "clinic_messages"  # Django's own `messages` has the short one
