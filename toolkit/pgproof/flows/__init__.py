"""What a command does, from values to data or events. Prints nothing, reads neither environment nor settings.

One file per command, and some for what several of them do.
"""
