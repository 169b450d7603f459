"""What the product does per second, beside the fastest thing that does the same: `make bench`."""
