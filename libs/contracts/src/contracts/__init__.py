"""What the services say to each other: events, commands, outcomes and the topics that carry them."""
