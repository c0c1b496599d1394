"""The pages of texts to customers: the list, the editor, its preview, and every code."""
