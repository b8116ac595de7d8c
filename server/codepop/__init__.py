"""CodePop: unstaffed drink shops, from the quote to the cooler door."""
