"""Through-channel marketing automation: campaigns, launches, leads and funds of many partners."""
