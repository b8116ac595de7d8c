from config.settings.base import *
INSTALLED_APPS = [a for a in INSTALLED_APPS if a not in ("codepop.fulfilment","codepop.ordering","codepop.payments")]
