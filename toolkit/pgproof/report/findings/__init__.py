"""What commands came to as findings, one file per command: their own results in, one report out."""
