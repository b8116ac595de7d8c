"""The staff's screens: server-rendered, live, and shown only as far as the policy table and a person's grants reach."""
