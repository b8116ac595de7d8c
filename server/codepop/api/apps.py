from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "codepop.api"
    label = "api"
