from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "codepop.reporting"
    label = "reporting"
