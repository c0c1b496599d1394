"""Marketing triggers: setting them up, whom an occasion comes to, who may be written to, and writing."""
