"""Flask: the API for programs, the pages for people, and what both need."""
