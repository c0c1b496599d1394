"""Measurements that anybody can repeat: the product and its peers on the same rows, in one run."""
