from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "codepop.notifications"
    label = "notifications"
