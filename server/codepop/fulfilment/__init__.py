"""From a paid, released order to a picked-up drink: the robots' queue, the cooler doors, the codes that open them."""
