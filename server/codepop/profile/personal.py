"""What profiles know of a person. All of it hangs on the account and goes with it, by the foreign keys."""

from codepop.core.personal import DataClass, Holder, Place, of_user

HOLDER = Holder(
    feature="profile",
    places=[
        Place(
            "profile.Tastes",
            "What you like",
            DataClass.PROFILE,
            ["document", "tutorial_done_at"],
            of_user("profile.Tastes", "user"),
            links=["user"],
        ),
        Place(
            "profile.HealthNotes",
            "Your allergies and diet",
            DataClass.ALLERGY,
            ["document"],
            of_user("profile.HealthNotes", "user"),
            links=["user"],
        ),
        Place(
            "profile.Favourite",
            "Your favourites",
            DataClass.PROFILE,
            ["name", "drink_id", "size", "recipe", "created_at"],
            of_user("profile.Favourite", "user"),
            links=["user"],
        ),
    ],
)
