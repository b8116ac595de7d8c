"""Where the parts are put together: settings, addresses, and who hears which event."""
