"""What each command does, from values to data: no click, no printing, no environment. One file per command."""
