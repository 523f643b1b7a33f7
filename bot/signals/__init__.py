"""What the gateways of one installation share in Redis. The store is the truth: without Redis all goes on, more slowly."""
