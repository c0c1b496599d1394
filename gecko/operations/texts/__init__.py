"""What the product writes to customers: the language of its codes, the texts shipped and changed, and templates."""
