from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "codepop.ops"
    label = "ops"
