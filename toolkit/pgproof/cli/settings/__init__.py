"""What a project has settled: one list (`setting`), the file it stands in (`file`), what holds (`config`)."""
