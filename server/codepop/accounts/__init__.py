"""People: who they are, which role they hold where, and what that lets them do."""
