"""One file per format of other people's tools: a report in, text out. None decides what is open; `model` does."""
