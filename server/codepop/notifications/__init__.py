"""What CodePop tells people: mails and notices in the app. It listens to the other features
and is never called by them."""
