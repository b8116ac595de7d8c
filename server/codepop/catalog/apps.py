from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "codepop.catalog"
    label = "catalog"
    default_auto_field = "django.db.models.BigAutoField"
