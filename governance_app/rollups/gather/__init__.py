"""What figures are made of: one set-based read per noun, for some initiatives or all."""
