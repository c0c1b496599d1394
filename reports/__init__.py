"""Reports: parameters in, pandas frames out, one writer for workbooks and csv."""
