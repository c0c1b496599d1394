"""The pages of newsletters and other mailings to many."""
