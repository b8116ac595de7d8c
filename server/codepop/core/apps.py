from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate

from codepop.core.rights import grant_after_migrate


class CoreConfig(AppConfig):
    name = "codepop.core"
    label = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """After the last feature's tables are migrated, the database's roles get their rights."""
        *_, last = (config for config in apps.get_app_configs() if config.models_module)
        post_migrate.connect(grant_after_migrate, sender=last, dispatch_uid="core.grant_rights")
