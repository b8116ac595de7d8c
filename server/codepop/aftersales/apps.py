from django.apps import AppConfig


class AftersalesConfig(AppConfig):
    name = "codepop.aftersales"
    label = "aftersales"
    default_auto_field = "django.db.models.BigAutoField"
