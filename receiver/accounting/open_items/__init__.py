"""What was open as of a day, by age and partner."""
