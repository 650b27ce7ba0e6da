"""What every page stands on: the viewer, languages, sentences, formats."""
